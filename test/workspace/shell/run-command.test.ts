import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../../src/workspace/shell/run-command.ts';
import type { CommandEnd, CommandOptions } from '../../../src/workspace/shell/run-command.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

interface Ran extends CommandEnd {
  printed: string;
}

/** Interrupts when the output has the word INTERRUPT in it. */
async function run(workingDirectory: string, command: string, options: Partial<CommandOptions> = {}): Promise<Ran> {
  const stop = new AbortController();
  let printed = '';
  const end = await runCommand({
    command,
    workingDirectory,
    environment: process.env,
    signal: stop.signal,
    stdin: 'ignore',
    group: true,
    output: async (bytes) => {
      printed += Buffer.from(bytes).toString('utf8');
      if (printed.includes('INTERRUPT')) stop.abort();
    },
    ...options,
  });
  return { ...end, printed };
}

/** Of a process whose id a command wrote into a file; it is ended behind the test in any case. */
function pidIn(test: TestContext, path: string): number {
  const pid = Number(readFileSync(path, 'utf8'));
  assert.ok(pid > 1);
  test.after(() => isRunning(pid) && process.kill(pid, 'SIGKILL'));
  return pid;
}

/** A zombie has ended: only nobody took note. */
function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (process.platform === 'linux') return existsSync(path) && !/\) Z /.test(readFileSync(path, 'latin1'));
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const ENDS: [command: string, end: Partial<Ran>][] = [
  ['echo a; echo b >&2; echo c', { status: 'ok', exitCode: 0, printed: 'a\nb\nc\n' }],
  ['exit 3', { status: 'error', exitCode: 3, printed: '' }],
  ['kill -9 $$', { status: 'error', exitCode: 137 }],
  ['cat; echo "$? read"', { status: 'ok', printed: '0 read\n' }],
  ['echo "$ROO_SESSION"', { printed: 's1\n' }],
  ["printf '%s' \"it's\"", { printed: "it's" }],
];
for (const [command, expected] of ENDS) {
  test(`a command ends as it ends: ${command}`, async (t) => {
    const ran = await run(tempFolder(t), command, { environment: { ...process.env, ROO_SESSION: 's1' } });
    assert.deepEqual({ ...ran, ...expected }, ran);
    assert.deepEqual([ran.timedOut, ran.leftRunning], [false, false]);
  });
}

test('a command runs in its folder and in the shell that was asked for', async (t) => {
  const folder = tempFolder(t);
  const { printed } = await run(folder, 'pwd; echo "$BASH_VERSION" | cut -c1', { shell: '/bin/bash' });
  assert.match(printed, /^(.*)\n\d\n$/);
  assert.equal(printed.split('\n')[0], folder);
});

test('what is printed to stdout and stderr in turns arrives in that order', async (t) => {
  const command = 'i=0; while [ $i -lt 300 ]; do echo "o$i"; echo "e$i" >&2; i=$((i+1)); done';
  const { printed } = await run(tempFolder(t), command);
  assert.equal(printed, Array.from({ length: 300 }, (_, i) => `o${i}\ne${i}\n`).join(''));
});

test('a command waits while its output is recorded, and none of it is lost', async (t) => {
  const folder = tempFolder(t);
  let bytes = 0;
  let busy = 0;
  const end = await run(folder, 'head -c 3000000 /dev/zero; touch done', {
    output: async (piece) => {
      busy += 1;
      assert.equal(busy, 1, 'one piece at a time');
      // More than pipe and stream hold is not yet written.
      if (bytes === 0) {
        await sleep(100);
        assert.ok(!existsSync(join(folder, 'done')));
      }
      bytes += piece.length;
      busy -= 1;
    },
  });
  assert.equal(end.status, 'ok');
  assert.equal(bytes, 3_000_000);
});

test('an interruption ends the command and its children', async (t) => {
  const folder = tempFolder(t);
  const ran = await run(
    folder,
    'sleep 60 & echo $! > child; (sleep 61 & echo $! > grandchild; wait) & sleep 1; echo INTERRUPT; wait',
  );
  assert.equal(ran.status, 'interrupted');
  for (const name of ['child', 'grandchild']) assert.ok(!isRunning(pidIn(t, join(folder, name))), name);
});

test('an interruption ends what has a process group of its own', { skip: process.platform !== 'linux' }, async (t) => {
  const folder = tempFolder(t);
  const ran = await run(folder, 'set -m; sleep 60 & echo $! > child; echo INTERRUPT; wait', { shell: '/bin/bash' });
  assert.equal(ran.status, 'interrupted');
  assert.ok(!isRunning(pidIn(t, join(folder, 'child'))));
});

test('a command that will not be interrupted is killed', async (t) => {
  const folder = tempFolder(t);
  const ran = await run(folder, 'trap "" INT TERM; echo $$ > self; echo INTERRUPT; while :; do sleep 0.1; done');
  assert.deepEqual([ran.status, ran.exitCode], ['interrupted', 137]);
  assert.ok(!isRunning(pidIn(t, join(folder, 'self'))));
});

test('a command may tidy up when it is interrupted, and what it says then is kept', async (t) => {
  const { printed, exitCode } = await run(
    tempFolder(t),
    'trap "echo tidied; exit 7" INT; echo INTERRUPT; while :; do sleep 0.05; done',
  );
  assert.equal(printed, 'INTERRUPT\ntidied\n');
  assert.equal(exitCode, 7);
});

test('a command is ended when its time is up', async (t) => {
  const folder = tempFolder(t);
  const ran = await run(folder, 'echo $$ > self; echo begun; sleep 60', { timeoutMs: 300 });
  assert.deepEqual([ran.status, ran.timedOut, ran.printed], ['error', true, 'begun\n']);
  assert.ok(!isRunning(pidIn(t, join(folder, 'self'))));
});

test('a command that was interrupted before it began does not begin', async (t) => {
  const folder = tempFolder(t);
  const ran = await run(folder, 'touch begun', { signal: AbortSignal.abort() });
  assert.equal(ran.status, 'interrupted');
  assert.ok(!existsSync(join(folder, 'begun')));
});

test('a child that outlives the command and keeps its output open is not waited for, and goes on living', async (t) => {
  const folder = tempFolder(t);
  const ran = await run(folder, '(while :; do echo still; sleep 0.05; done) & echo $! > child; echo done');
  const pid = pidIn(t, join(folder, 'child'));
  assert.deepEqual([ran.status, ran.leftRunning], ['ok', true]);
  assert.match(ran.printed, /done\n/);
  // Its output is still taken: with nobody reading, it would be dead at its next word.
  await sleep(200);
  assert.ok(isRunning(pid));
});

test('a child that floods the output after the command ended is not waited for', async (t) => {
  const folder = tempFolder(t);
  const ran = await run(folder, 'yes & echo $! > child; echo done');
  pidIn(t, join(folder, 'child'));
  assert.deepEqual([ran.status, ran.leftRunning], ['ok', true]);
});

test('the last words before the end are kept, though a child holds the output open', async (t) => {
  const folder = tempFolder(t);
  let bytes = 0;
  await run(folder, 'sleep 60 & echo $! > child; head -c 200000 /dev/zero', {
    output: async (piece) => {
      bytes += piece.length;
      await sleep(20);
    },
  });
  pidIn(t, join(folder, 'child'));
  assert.equal(bytes, 200_000);
});

test('output that cannot be recorded ends the command, and is the failure', async (t) => {
  const folder = tempFolder(t);
  const failing = run(folder, 'echo $$ > self; echo one; sleep 60', {
    output: () => Promise.reject(new Error('disk full')),
  });
  await assert.rejects(failing, /disk full/);
  assert.ok(!isRunning(pidIn(t, join(folder, 'self'))));
});

test('a command that cannot be started is a failure with a code', async (t) => {
  const folder = tempFolder(t);
  for (const [command, options] of [
    ['true', { workingDirectory: join(folder, 'missing') }],
    [`true ${'x'.repeat(4 * 1024 * 1024)}`, {}],
    ['true', { shell: '/nowhere/sh' }],
  ] as const) {
    await assert.rejects(run(folder, command, options), { code: 'PROCESS_FAILED' });
  }
});

test('output can be written by its name, as scripts do', async (t) => {
  const command = 'echo one > /dev/stderr; echo two | tee /dev/stderr; echo three > /dev/stdout';
  assert.equal((await run(tempFolder(t), command)).printed, 'one\ntwo\ntwo\nthree\n');
});

test('a command runs also where no pipe can be made', async (t) => {
  const folder = tempFolder(t);
  const before = process.env['TMPDIR'];
  t.after(() => (before === undefined ? delete process.env['TMPDIR'] : (process.env['TMPDIR'] = before)));
  process.env['TMPDIR'] = join(folder, 'missing');
  const ran = await run(folder, 'echo a; echo b >&2; exit 3', { shell: '/bin/bash' });
  assert.deepEqual([ran.printed, ran.exitCode], ['a\nb\n', 3]);
});

test('without a group of its own, a command and its children are ended all the same', async (t) => {
  const folder = tempFolder(t);
  const ran = await run(folder, 'sleep 60 & echo $! > child; echo $$ > self; sleep 61; true', {
    group: false,
    timeoutMs: 300,
  });
  assert.equal(ran.timedOut, true);
  assert.ok(!isRunning(pidIn(t, join(folder, 'self'))));
  pidIn(t, join(folder, 'child'));
});

test('a program is not kept running by what a command left behind', async (t) => {
  const folder = tempFolder(t);
  const script = `
    import { runCommand } from ${JSON.stringify(join(import.meta.dirname, '../../../src/workspace/shell/run-command.ts'))};
    await runCommand({ command: 'sleep 60 & echo $! > child', workingDirectory: '.', environment: process.env,
      signal: new AbortController().signal, stdin: 'ignore', group: true, output: async () => {} });`;
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
  assert.ok(isRunning(pidIn(t, join(folder, 'child'))));
});
