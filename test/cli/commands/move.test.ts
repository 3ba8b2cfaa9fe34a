// export, import, discover

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import { fakeState, ID_A } from '../../helpers/fake-sessions.ts';
import type { FakeState } from '../../helpers/fake-sessions.ts';
import { envelopeOf, listIn, runRoo } from '../../helpers/run-roo.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const FORMATS: [line: string, format: string][] = [
  ['', 'json'],
  ['yaml', 'yaml'],
  ['md', 'markdown'],
  ['-f jsonl', 'jsonl'],
  ['markdown -f json', 'markdown'],
];
for (const [line, format] of FORMATS) {
  test(`export ${line} writes ${format} to standard output, and nothing else`, async () => {
    const { stdout, stderr } = await runRoo(['session', 'export', '3f2a', ...line.split(' ').filter(Boolean)]);
    assert.equal(stdout, `<${format} of ${ID_A}>\n`);
    assert.equal(stderr, '');
  });
}

test('the name of the file says the format, and the answer says what was written', async (t) => {
  const cwd = tempFolder(t);
  const result = await runRoo(['session', 'export', '3f2a', '-o', 'notes.md', '-f', 'json'], { cwd });
  const path = join(cwd, 'notes.md');
  const written = readFileSync(path, 'utf8');
  assert.equal(written, `<markdown of ${ID_A}>\n`);
  const session = { id: ID_A, name: 'login fix' };
  assert.deepEqual(envelopeOf(result).data, { session, format: 'markdown', path, bytes: written.length });
});

test('an export that fails leaves no file, and its error comes in the envelope', async (t) => {
  const cwd = tempFolder(t);
  const failure = new SessionError('BLOB_MISSING', 'a part is gone', { op: 'export' });
  const state = fakeState({ failures: { exportStream: failure } });
  const result = await runRoo(['session', 'export', '3f2a', '-o', 'x.json', '-f', 'json'], { cwd, state });
  assert.equal(result.exitCode, 5);
  assert.equal(envelopeOf(result).errors[0]!['code'], 'BLOB_MISSING');
  assert.equal(existsSync(join(cwd, 'x.json')), false);
});

test('an unknown export format is refused with the one that was meant', async () => {
  const { exitCode, stderr } = await runRoo(['session', 'export', '3f2a', 'markdwon']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /did you mean markdown\?/);
});

function importing(): FakeState {
  return fakeState({
    imported: [
      { id: ID_A, name: 'login fix', agent: 'codex', messages: 4, toolCalls: 1, status: 'new', quarantined: 1 },
    ],
  });
}

test('import resolves paths from where the command runs, and passes its choices on', async () => {
  const { calls, stdout } = await runRoo(
    ['session', 'import', 'a.jsonl', '--from', 'codex', '--name', 'x', '--dry-run'],
    {
      state: importing(),
      terminal: { columns: 100 },
    },
  );
  assert.deepEqual(calls, [['importFile', '/home/dev/shop/a.jsonl', { from: 'codex', name: 'x', dryRun: 'dry-run' }]]);
  assert.match(
    stdout,
    /^would import 3f2a9c1b {2}login fix {2}\(codex; 4 messages, 1 tool call, 1 entry not understood and kept\)$/m,
  );
});

test('import of - reads standard input', async () => {
  const { calls } = await runRoo(['session', 'import', '-'], { state: importing(), stdin: 'a session' });
  assert.deepEqual(calls, [['importFile', '-', {}]]);
});

test('of several files the good ones come in, and the bad one shows', async () => {
  const state = importing();
  state.failures = Object.defineProperty({}, 'importFile', {
    get: () =>
      String(state.calls.at(-1)![1]).endsWith('bad')
        ? new SessionError('FORMAT_UNKNOWN', 'what is this', { op: 'import' })
        : undefined,
  }) as Record<string, Error>;
  const result = await runRoo(['session', 'import', 'bad', 'good', '-f', 'json'], { state });
  assert.equal(listIn(envelopeOf(result), 'imported').length, 1);
  assert.equal(result.exitCode, 1);
});

function discovering(): FakeState {
  const base = { path: '/x', paths: ['/x'], title: 't', project: '/home/dev/shop', sizeBytes: 10, importedAs: null };
  return fakeState({
    ...importing(),
    discovered: [
      { ...base, agent: 'codex', id: 'c1', updatedAt: '2026-01-01T00:00:00.000Z', status: 'new' },
      { ...base, agent: 'claude-code', id: 'a1', updatedAt: '2026-01-02T00:00:00.000Z', status: 'updated' },
      {
        ...base,
        agent: 'codex',
        id: 'c2',
        updatedAt: '2025-01-02T00:00:00.000Z',
        status: 'unchanged',
        importedAs: ID_A,
      },
    ],
  });
}

test('discover lists what there is, newest first, and brings in nothing', async () => {
  const { calls, stdout } = await runRoo(['session', 'discover'], { state: discovering() });
  assert.deepEqual(calls, [['discover', '/nowhere/me']]);
  assert.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[2]),
    ['a1', 'c1', 'c2'],
  );
});

test('discover --import brings in what is new or has grown, and goes on past one that fails', async () => {
  const state = discovering();
  state.failures = Object.defineProperty({}, 'importDiscovered', {
    get: () =>
      state.calls.at(-1)![1] === 'a1' ? new SessionError('STORE_UNREADABLE', 'no', { op: 'read' }) : undefined,
  }) as Record<string, Error>;
  const result = await runRoo(['session', 'discover', '--import', '-f', 'json'], { state });
  assert.deepEqual(result.calls.slice(1), [
    ['importDiscovered', 'a1'],
    ['importDiscovered', 'c1'],
  ]);
  const { data, errors } = envelopeOf(result);
  assert.equal(data?.['found'], 3);
  assert.equal(data?.['unchanged'], 1);
  assert.equal(listIn(envelopeOf(result), 'imported').length, 1);
  assert.equal(errors.length, 1);
  assert.equal(result.exitCode, 1);
});

test('discover can be narrowed to an agent', async () => {
  const { calls } = await runRoo(['session', 'discover', '--import', '--agent', 'claude-code'], {
    state: discovering(),
  });
  assert.deepEqual(calls.slice(1), [['importDiscovered', 'a1']]);
});
