import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SessionError } from '../../src/core/errors.ts';
import { fakeState, ID_A } from '../helpers/fake-sessions.ts';
import { envelopeOf, listIn, runRoo } from '../helpers/run-roo.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

test('the format is that of the flag, else the variable, else the settings, else fits where the output goes', async (t) => {
  const userFolder = tempFolder(t);
  mkdirSync(join(userFolder, '.roo'));
  const settings = join(userFolder, '.roo', 'config.json');
  const list = ['session', 'list'];
  assert.match((await runRoo(list, { userFolder })).stdout, /^3f2a9c1b-.*\tlogin fix\t/);
  assert.match((await runRoo(list, { userFolder, terminal: { columns: 80 } })).stdout, /NAME.*STATUS/);
  writeFileSync(settings, '{"outputFormat": "csv"}');
  assert.match((await runRoo(list, { userFolder })).stdout, /^ID,NAME,/);
  const env = { ROO_OUTPUT_FORMAT: 'markdown' };
  assert.match((await runRoo(list, { userFolder, env })).stdout, /^\| ID \|/);
  assert.match((await runRoo([...list, '-f', 'jsonl'], { userFolder, env })).stdout, /^\{"id":/);
});

test('the envelope has data, warnings, errors and metadata', async () => {
  const state = fakeState({ warnings: [{ code: 'INDEX_UNUSABLE', message: 'rebuilt' }] });
  const result = await runRoo(['session', 'list', '-f', 'json'], { state });
  const { data, warnings, errors, metadata } = envelopeOf(result);
  assert.deepEqual(data?.['sessions'], state.sessions);
  assert.deepEqual(warnings, [{ code: 'INDEX_UNUSABLE', message: 'rebuilt' }]);
  assert.deepEqual(errors, []);
  assert.deepEqual(metadata, {
    command: 'session list',
    version: metadata['version'],
    timestamp: '2026-01-02T13:00:00.000Z',
    durationMs: 0,
    exitCode: 0,
  });
  assert.equal(result.stderr, '');
});

test('a failure comes in the envelope, on stdout, with its exit code', async () => {
  const result = await runRoo(['session', 'info', 'nope', '-f', 'json']);
  const { data, errors, metadata } = envelopeOf(result);
  assert.equal(data, null);
  assert.deepEqual(errors, [
    { code: 'SESSION_NOT_FOUND', message: 'no session is named nope', op: 'resolve', hint: 'see roo session list' },
  ]);
  assert.equal(metadata['exitCode'], 3);
  assert.equal(result.exitCode, 3);
  assert.equal(result.stderr, '');
});

for (const words of [
  ['-f', 'json', 'session', 'nonsense'],
  ['session', 'list', '--nonsense', '--format=json'],
  ['nonsense', '-fjson'],
]) {
  test(`a wrong command line is reported in the format it asks for: roo ${words.join(' ')}`, async () => {
    const result = await runRoo(words);
    assert.equal(result.exitCode, 2);
    assert.equal(envelopeOf(result).errors[0]!['code'], 'USAGE');
  });
}

test('for people a failure is what, where, why and what to do', async () => {
  const cause = new Error('EIO: i/o error');
  const failure = new SessionError('STORE_UNREADABLE', 'cannot read the log', {
    op: 'read',
    path: '/store/session-x.json.gz',
    offsetBytes: 4096,
    hint: 'roo session verify x',
    cause,
  });
  const { stderr, stdout, exitCode } = await runRoo(['session', 'list'], {
    state: fakeState({ failures: { list: failure } }),
  });
  assert.equal(
    stderr,
    'roo: cannot read the log (/store/session-x.json.gz, byte 4096): EIO: i/o error\nhint: roo session verify x\n',
  );
  assert.equal(stdout, '');
  assert.equal(exitCode, 1);
});

test('an ambiguous reference lists what it could be and exits with 2', async () => {
  const state = fakeState();
  for (const session of state.sessions) session.name = 'same';
  const { stderr, exitCode } = await runRoo(['session', 'info', 'same'], { state });
  assert.equal(exitCode, 2);
  assert.match(stderr, /^roo: same fits 2 sessions\n {2}3f2a9c1b-.* {2}same\n {2}9c01dd42-.* {2}same\n/);
});

test('ROO_DEBUG adds stacks, time and memory', async () => {
  const { stderr } = await runRoo(['session', 'info', 'nope'], { env: { ROO_DEBUG: '1' } });
  assert.match(stderr, /SessionError: no session is named nope\n +at /);
  assert.match(stderr, /^debug: session info took \d+ ms, peak memory [\d.]+ MB$/m);
});

test('a mistake of our own is reported as one', async () => {
  const state = fakeState({ failures: { list: new RangeError('boom') } });
  const result = await runRoo(['session', 'list', '-f', 'json'], { state });
  assert.equal(envelopeOf(result).errors[0]!['code'], 'INTERNAL');
  assert.equal(result.exitCode, 1);
});

test('a reader that leaves ends the command quietly', async () => {
  const result = await runRoo(['session', 'list'], {
    stdoutError: Object.assign(new Error('EPIPE'), { code: 'EPIPE' }),
  });
  assert.equal(result.exitCode, 0);
  assert.equal(result.stderr, '');
});

test('services are closed after the command, also after a failure', async () => {
  for (const words of [
    ['session', 'list'],
    ['session', 'info', 'nope'],
  ]) {
    const state = fakeState();
    await runRoo(words, { state });
    assert.deepEqual(state.calls.at(-1), ['close']);
  }
});

test('Ctrl-C ends the command with 130 and says so in the envelope', async () => {
  const controller = new AbortController();
  const state = fakeState();
  const running = runRoo(['session', 'show', ID_A, '--follow', '-f', 'jsonl'], { state, signal: controller.signal });
  setImmediate(() => controller.abort());
  const { exitCode, stdout, stderr } = await running;
  assert.equal(exitCode, 130);
  assert.match(stdout, /^(\{.*\}\n)*$/);
  assert.equal(stderr, 'roo: interrupted\n');
});

test('an interrupted transcript is still a whole JSON document', async () => {
  const state = fakeState({ failures: { messages: new SessionError('INTERRUPTED', 'interrupted', { op: 'run' }) } });
  const result = await runRoo(['session', 'show', ID_A, '-f', 'json'], { state });
  const { errors } = envelopeOf(result);
  assert.equal(listIn(envelopeOf(result), 'messages').length, 2);
  assert.equal(errors.length, 1);
  assert.equal(result.exitCode, 130);
});

test('a broken config file stops commands, with its place, but not those that help to mend it', async (t) => {
  const userFolder = tempFolder(t);
  mkdirSync(join(userFolder, '.roo'));
  writeFileSync(join(userFolder, '.roo', 'config.json'), '{ broken');
  const list = await runRoo(['session', 'list'], { userFolder });
  assert.equal(list.exitCode, 1);
  assert.match(list.stderr, /config\.json could not be understood: it is not JSON/);
  assert.deepEqual(list.calls, []);
  const config = await runRoo(['config', '-f', 'json'], { userFolder });
  assert.equal(envelopeOf(config).errors[0]!['code'], 'CONFIG_INVALID');
  assert.ok(Array.isArray(envelopeOf(config).data?.['settings']));
});

async function isColoured(words: string[], env: Record<string, string>, columns?: number): Promise<boolean> {
  const options = { env, ...(columns !== undefined && { terminal: { columns } }) };
  const { stdout } = await runRoo(['session', 'list', '-f', 'table', ...words], options);
  return stdout.includes('\u001b[');
}

test('colours are for terminals, and NO_COLOR, FORCE_COLOR and --no-color are heard', async () => {
  assert.equal(await isColoured([], {}, 80), true);
  assert.equal(await isColoured([], {}), false);
  assert.equal(await isColoured([], { NO_COLOR: '1' }, 80), false);
  assert.equal(await isColoured(['--no-color'], { FORCE_COLOR: '1' }, 80), false);
  assert.equal(await isColoured([], { FORCE_COLOR: '1' }), true);
  assert.equal(await isColoured([], { NO_COLOR: '1', FORCE_COLOR: '1' }), false);
  assert.equal(await isColoured([], { TERM: 'dumb' }, 80), false);
});

test('COLUMNS narrows a table that goes elsewhere', async () => {
  const { stdout } = await runRoo(['session', 'list', '-f', 'table'], { env: { COLUMNS: '60' } });
  assert.ok(stdout.split('\n').every((line) => line.length <= 60));
});
