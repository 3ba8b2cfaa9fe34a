// What a supervisor does for one process, with a FIFO that the test itself writes to.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { passThrough } from '../../helpers/pass-through.ts';
import type { ByteFilter } from '../../../src/workspace/processes/byte-filter.ts';
import { thisMachine } from '../../../src/workspace/processes/process-identity.ts';
import { isSupervised } from '../../../src/workspace/processes/supervisor-lock.ts';
import { supervise } from '../../../src/workspace/processes/supervisor.ts';
import type { SupervisorOptions } from '../../../src/workspace/processes/supervisor.ts';
import { numberedLines, tempProcesses, textOf, until } from './temp-processes.ts';
import type { TempProcesses } from './temp-processes.ts';

interface Handmade extends TempProcesses {
  write(text: string): void;
  /** Sends output and waits until the log has so many bytes. */
  say(text: string, logBytes: number): Promise<void>;
  exit(code: number): void;
  /** Closes the writing side. */
  leave(): void;
  /** The supervisor's answer. */
  done(): Promise<'done' | 'busy'>;
}

/** A process `p1` whose output the test writes itself, with a supervisor in it unless it has another. */
function handmade(t: TestContext, options: Partial<SupervisorOptions> | 'elsewhere' = {}, bootId?: string): Handmade {
  const processes = tempProcesses(t);
  const { files, folder } = processes;
  files.make();
  const machine = { ...thisMachine()!, ...(bootId !== undefined && { bootId }) };
  const start = { command: 'c', workingDirectory: '/', environment: {}, startedAt: '2026-01-02T10:00:00.000Z' };
  files.reserve([], { ...start, machine });
  execFileSync('mkfifo', [files.fifo('p1')]);
  const descriptor = openSync(files.fifo('p1'), 'r+');
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  writeFileSync(join(folder, 'p1.pid'), stat + stat);
  const write = (text: string): void => void writeSync(descriptor, text);
  let answer: 'done' | 'busy' | null = null;
  if (options !== 'elsewhere') {
    const supervised = supervise(folder, { filterFor: () => passThrough, nowMs: Date.now, ...options });
    void supervised.then((said) => (answer = said));
  }
  return {
    ...processes,
    done: () => until('the end of the supervisor', () => answer),
    write,
    exit: (code) => writeFileSync(join(folder, 'p1.exit'), `${code}\n`),
    leave: () => closeSync(descriptor),
    async say(text, logBytes) {
      write(text);
      await until('it in the log', () => processes.keeper.list()[0]!.logBytes === logBytes);
    },
  };
}

test('all output of before the end is in the log when the end is written', async (t) => {
  const made = handmade(t);
  await made.say('one\n', 4);
  made.write('two\n');
  made.exit(5);
  await until('its end', () => made.files.end('p1'));
  assert.equal(await textOf(made.keeper.output('p1')), 'one\ntwo\n');
  made.leave();
});

test('every byte passes the filter, and what it keeps back is written at the end', async (t) => {
  let kept = '';
  const filter: ByteFilter = {
    push(bytes) {
      const text = kept + Buffer.from(bytes).toString();
      const safe = text.lastIndexOf('\n') + 1;
      kept = text.slice(safe);
      return Buffer.from(text.slice(0, safe).replaceAll('secret', '[gone]'));
    },
    flush() {
      const rest = kept;
      kept = '';
      return Buffer.from(rest);
    },
  };
  const made = handmade(t, { filterFor: () => filter });
  made.write('a sec');
  await made.say('ret\nrest', 9);
  made.exit(0);
  await until('its end', () => made.files.end('p1'));
  made.leave();
  assert.equal(await made.done(), 'done');
  assert.equal(await textOf(made.keeper.output('p1')), 'a [gone]\nrest');
});

test('a full log drops its older half and says so; all bytes are counted', async (t) => {
  const made = handmade(t, { segmentBytesMax: 10 });
  await made.say('0123456789abcdefghijKLMNO', 25);
  assert.equal(
    await textOf(made.keeper.output('p1')),
    '[10 bytes before this were dropped: the log is full]\nabcdefghijKLMNO',
  );
  made.exit(0);
  made.leave();
  await made.done();
  assert.equal(made.keeper.list()[0]!.logBytes, 25);
});

test('a process whose shell was killed is found lost when its side of the FIFO is closed', async (t) => {
  const made = handmade(t);
  const [command] = readFileSync('/proc/self/stat', 'utf8').split('\n');
  const other = command!.replace(/ (\d+)((?: -?\d+){30})$/, ' 1$2');
  assert.notEqual(other, command);
  writeFileSync(join(made.folder, 'p1.pid'), `${other}\n${other}\n`);
  made.leave();
  assert.equal(await made.done(), 'done');
  const [seen] = made.keeper.list();
  assert.deepEqual([seen!.status, seen!.exitCode, seen!.endedAt], ['lost', null, null]);
  assert.match(seen!.reason!, /killed/);
});

test(
  'on a full disk the process waits, and goes on where it was when there is room',
  { skip: skipLimits() },
  async (t) => {
    const made = handmade(t, 'elsewhere');
    const script = fileURLToPath(new URL('../../../src/workspace/processes/supervisor-main.ts', import.meta.url));
    const child = spawn('prlimit', ['--fsize=6000:', process.execPath, script, made.folder], { stdio: 'ignore' });
    t.after(() => child.kill('SIGKILL'));
    await until('the supervisor', () => isSupervised(made.folder));
    const text = numberedLines(1, 1000);
    await made.say(text, 6000);
    made.write('more\n');
    made.exit(2);
    execFileSync('prlimit', ['--fsize=unlimited:', '--pid', String(child.pid)]);
    await until('its end', () => made.files.end('p1'));
    made.leave();
    assert.equal(await textOf(made.keeper.output('p1')), `${text}more\n`);
  },
);

function skipLimits(): string | false {
  return spawnSync('prlimit', ['--version']).status === 0 ? false : 'prlimit is not installed';
}

test('one of before the last start of the machine is not waited for', async (t) => {
  const made = handmade(t, {}, 'another boot');
  made.leave();
  assert.equal(await made.done(), 'done');
  assert.match(made.keeper.list()[0]!.reason!, /restarted/);
});
