// list, find, show, info, stats, usage

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSession, fakeState, ID_A } from '../../helpers/fake-sessions.ts';
import { envelopeOf, listIn, runRoo } from '../../helpers/run-roo.ts';

test('list asks for this project, newest first, 50 at most; --all for every project', async () => {
  const state = fakeState();
  await runRoo(['session', 'list'], { state });
  await runRoo(['session', 'list', '--all', '-n', '3'], { state });
  const filters = state.calls.filter(([method]) => method === 'list').map(([, filter]) => filter);
  assert.deepEqual(filters, [{ project: '/home/dev/shop', limit: 50 }, { limit: 3 }]);
});

test('every filter of list reaches the store', async () => {
  const state = fakeState();
  const line =
    'session list --tag a,b --status active --since 1h --until 2026-01-31T00:00:00Z --origin import --archived --damaged --sort size --cursor c1';
  await runRoo(line.split(' '), { state });
  assert.deepEqual(state.calls[0], [
    'list',
    {
      project: '/home/dev/shop',
      tags: ['a', 'b'],
      status: ['active'],
      origin: ['import'],
      since: '2026-01-02T12:00:00.000Z',
      until: '2026-01-31T00:00:00.000Z',
      archived: 'only',
      damaged: 'only',
      sort: 'size',
      cursor: 'c1',
      limit: 50,
    },
  ]);
});

test('on a terminal ids are short, dates are ages, and more pages are mentioned; elsewhere nothing is shortened', async () => {
  const state = fakeState();
  const shown = await runRoo(['session', 'list', '-n', '1', '--no-color'], { state, terminal: { columns: 100 } });
  assert.match(shown.stdout, /^3f2a9c1b {2}login fix .* 3h ago/m);
  assert.match(shown.stderr, /1 shown; more with --limit N, or --cursor more/);
  const plain = await runRoo(['session', 'list', '-n', '1'], { state });
  assert.ok(plain.stdout.startsWith(`${ID_A}\tlogin fix\tactive\t2026-01-02T10:00:00.000Z\t`));
  assert.equal(plain.stderr, '');
});

test('shortened ids still tell sessions apart', async () => {
  const sessions = [
    fakeSession({ id: 'aaaaaaaa-1111-4000-8000-000000000001' }),
    fakeSession({ id: 'aaaaaaaa-1122-4000-8000-000000000002' }),
  ];
  const { stdout } = await runRoo(['session', 'list', '--no-color'], {
    state: fakeState({ sessions }),
    terminal: { columns: 100 },
  });
  assert.match(stdout, /^aaaaaaaa-111 {2}/m);
  assert.match(stdout, /^aaaaaaaa-112 {2}/m);
});

test('what a person must not miss stands before the name', async () => {
  const sessions = [fakeSession({ health: 'damaged', archived: true })];
  const { stdout } = await runRoo(['session', 'list', '--no-color'], {
    state: fakeState({ sessions }),
    terminal: { columns: 100 },
  });
  assert.match(stdout, /\[damaged, archived\] login fix/);
});

test('an empty list says so to people and nothing to scripts', async () => {
  const state = fakeState({ sessions: [] });
  assert.match((await runRoo(['session', 'list'], { state, terminal: { columns: 80 } })).stdout, /No such sessions/);
  assert.equal((await runRoo(['session', 'list'], { state })).stdout, '');
});

const QUERIES: [words: string[], query: string][] = [
  [['connection refused'], 'connection refused'],
  [['connection refused', 'docker'], '"connection refused" docker'],
  [['error', '-timeout', '-docker run'], 'error -timeout -"docker run"'],
  [['tool:npm publish', 'x'], 'tool:"npm publish" x'],
  [['say "hi there"', 'x'], 'say "hi there" x'],
];
for (const [words, query] of QUERIES) {
  test(`find takes ${JSON.stringify(words)} as ${query}`, async () => {
    const { calls } = await runRoo(['session', 'find', ...words]);
    assert.deepEqual(calls[0], ['find', query, { project: '/home/dev/shop', limit: 20, mode: 'words' }]);
  });
}

test('find cuts snippets to the terminal and makes the matched words bold', async () => {
  const { stdout } = await runRoo(['session', 'find', 'login'], { terminal: { columns: 18 } });
  assert.match(stdout, /\u001b\[2m {2}user: \u001b\[22mfix the \u001b\[1ml…\u001b\[22m/);
});

test('show prints the whole transcript to a pipe and the last 50 messages to a terminal', async () => {
  const state = fakeState({ sessions: [fakeSession({ messageCount: 300 })] });
  const shown = await runRoo(['session', 'show', ID_A], { state, terminal: { columns: 80 } });
  assert.match(shown.stderr, /the last 50 of 300 messages/);
  await runRoo(['session', 'show', ID_A], { state });
  await runRoo(['session', 'show', ID_A, '-f', 'json'], { state, terminal: { columns: 80 } });
  await runRoo(['session', 'show', ID_A, '--from', '3', '--to', 'm9'], { state, terminal: { columns: 80 } });
  const ranges = state.calls.filter(([method]) => method === 'show').map(([, , range]) => range);
  assert.deepEqual(ranges, [{ last: 50 }, {}, {}, { from: '3', to: 'm9' }]);
});

test('show --raw gives the records of the log, one a line', async () => {
  const { stdout } = await runRoo(['session', 'show', ID_A, '--raw']);
  assert.deepEqual(JSON.parse(stdout), { type: 'message', id: 'm1', at: '2026-01-02T10:00:00.000Z', text: 'fix' });
});

test('damage that shows while messages are read is reported behind them, and exits with 5', async () => {
  const state = fakeState({ lateWarnings: [{ code: 'LOG_DAMAGED', message: 'a gap' }] });
  const result = await runRoo(['session', 'show', ID_A, '-f', 'json'], { state });
  const { warnings } = envelopeOf(result);
  assert.equal(listIn(envelopeOf(result), 'messages').length, 2);
  assert.deepEqual(warnings, [{ code: 'LOG_DAMAGED', message: 'a gap' }]);
  assert.equal(result.exitCode, 5);
});

for (const line of ['--raw --tools', '--last 3 --from 1', '--follow -f json', '--follow -f yaml']) {
  test(`show ${line} is refused`, async () => {
    const { exitCode } = await runRoo(['session', 'show', ID_A, ...line.split(' ')]);
    assert.equal(exitCode, 2);
  });
}

test('info says who holds the session and which calls have no end', async () => {
  const state = fakeState({
    holder: { pid: 41, host: 'here', since: '2026-01-02T12:00:00.000Z' },
    fold: { openCalls: { c1: { name: 'bash', input: '', at: '' } } },
  });
  const { stdout } = await runRoo(['session', 'info', ID_A, '--no-color'], { state, terminal: { columns: 80 } });
  assert.match(stdout, /^In use by +process 41 on here, since 1h ago$/m);
  assert.match(stdout, /^Tool calls +1, 1 call without an end$/m);
});

test('stats adds up the sessions of this project', async () => {
  const { data } = envelopeOf(await runRoo(['session', 'stats', '-f', 'json']));
  const totals = data?.['totals'] as Record<string, unknown>;
  assert.equal(totals['sessions'], 2);
  assert.deepEqual(totals['tokens'], { input: 2000, output: 400, total: 2400 });
});

test('usage shows where the bytes are', async () => {
  const { stdout } = await runRoo(['session', 'usage', '--no-color'], { terminal: { columns: 80 } });
  assert.match(stdout, /^Total +30\.0 kB$/m);
  assert.match(stdout, /^3f2a9c1b +12\.3 kB +login fix$/m);
});
