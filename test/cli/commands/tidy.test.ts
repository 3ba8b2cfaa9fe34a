// delete, undelete, archive, cleanup, prune, verify, repair, migrate, reindex

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import { fakeState, fakeVerify, ID_A, ID_B } from '../../helpers/fake-sessions.ts';
import type { FakeState } from '../../helpers/fake-sessions.ts';
import { envelopeOf, listIn, runRoo } from '../../helpers/run-roo.ts';
import type { RunOptions } from '../../helpers/run-roo.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function withTrash(): FakeState {
  const trash = [
    {
      id: 'dddd1111',
      name: 'old',
      deletedAt: '2025-11-01T00:00:00.000Z',
      expiresAt: '2025-12-01T00:00:00.000Z',
      bytes: 500,
    },
    {
      id: 'eeee2222',
      name: 'new',
      deletedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-31T00:00:00.000Z',
      bytes: 700,
    },
  ];
  return fakeState({ trash });
}
const typed = (text: string): RunOptions => ({ terminal: { columns: 100, typed: text } });

test('delete moves to the trash at once', async () => {
  const { calls, exitCode } = await runRoo(['session', 'delete', '3f2a', 'other']);
  assert.equal(exitCode, 0);
  assert.deepEqual(
    calls.map(([method, id]) => [method, id]),
    [
      ['trash', ID_A],
      ['trash', ID_B],
    ],
  );
});

test('one mistyped reference deletes nothing', async () => {
  const { calls, exitCode } = await runRoo(['session', 'delete', '3f2a', 'nope']);
  assert.equal(exitCode, 3);
  assert.deepEqual(calls, []);
});

test('one session that cannot be deleted does not keep the others, and gives its exit code', async () => {
  const state = fakeState();
  const failure = new SessionError('SESSION_IN_USE', 'in use', { op: 'trash' });
  const trash = Object.defineProperty({}, 'trash', {
    get: () => (state.calls.at(-1)?.[1] === ID_A ? failure : undefined),
  }) as Record<string, Error>;
  state.failures = trash;
  const result = await runRoo(['session', 'delete', ID_A, ID_B, '-f', 'json'], { state });
  const { data, errors } = envelopeOf(result);
  assert.deepEqual(data?.['deleted'], [{ id: ID_B, name: 'other', action: 'trash' }]);
  assert.equal(errors[0]?.['code'], 'SESSION_IN_USE');
  assert.equal(result.exitCode, 4);
});

/** Command lines that destroy, what they call when allowed, and the store they need. */
const DESTRUCTIVE: [line: string, call: string, state: () => FakeState][] = [
  ['session delete 3f2a --purge', 'purge', fakeState],
  ['session prune', 'prune', withTrash],
  ['session prune --all', 'prune', withTrash],
  ['session cleanup', 'run', fakeState],
  ['session scrub 3f2a', 'scrub', fakeState],
  ['session scrub --all', 'scrub', fakeState],
];
for (const [line, call, makeState] of DESTRUCTIVE) {
  const words = line.split(' ');
  const did = async (
    extra: string[],
    options: RunOptions,
  ): Promise<{ done: boolean; exitCode: number; stderr: string }> => {
    const { calls, exitCode, stderr } = await runRoo([...words, ...extra], { ...options, state: makeState() });
    return { done: calls.some(([method]) => method === call), exitCode, stderr };
  };

  test(`roo ${line} does nothing without a terminal or a yes, and exits with 2`, async () => {
    const { done, exitCode, stderr } = await did([], { stdin: 'y\n' });
    assert.equal(done, false);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^roo: this would .*; nothing was done\nhint: .*--yes/);
  });

  test(`roo ${line} asks on a terminal, and takes anything but yes for no`, async () => {
    for (const answer of ['\n', 'n\n', 'maybe\n', '']) {
      const { done, exitCode, stderr } = await did([], typed(answer));
      assert.equal(done, false, JSON.stringify(answer));
      assert.equal(exitCode, 0);
      assert.match(stderr, /\? \[y\/N\] $/);
    }
    assert.equal((await did([], typed('y\n'))).done, true);
    assert.equal((await did([], typed('Yes\n'))).done, true);
  });

  test(`roo ${line} does it without a question with --yes, -y or --force`, async () => {
    for (const flag of ['--yes', '-y', '--force']) assert.equal((await did([flag], {})).done, true, flag);
  });
}

test('cleanup --dry-run and prune --dry-run only show', async () => {
  const cleanup = await runRoo(['session', 'cleanup', '--dry-run', '-f', 'json']);
  const { data } = envelopeOf(cleanup);
  assert.deepEqual(data?.['remove'], [
    { name: 'login fix', bytes: 12_345, id: ID_A, action: 'trash', reason: 'not changed for 40 days' },
  ]);
  assert.equal(data?.['done'], false);
  assert.deepEqual(
    cleanup.calls.map(([method]) => method),
    ['plan'],
  );
  const prune = await runRoo(['session', 'prune', '--dry-run'], { state: withTrash() });
  assert.match(prune.stdout, /^dddd1111\t500\t/);
  assert.deepEqual(prune.calls, []);
});

test('cleanup takes its rules from the settings, and flags replace what decides but not what protects', async (t) => {
  const userFolder = tempFolder(t);
  mkdirSync(join(userFolder, '.roo'));
  writeFileSync(
    join(userFolder, '.roo', 'config.json'),
    '{"retention": {"maxCount": 100, "keepLast": 5, "keepTags": ["v1"]}}',
  );
  const policy = async (...flags: string[]): Promise<unknown> =>
    (await runRoo(['session', 'cleanup', '--dry-run', ...flags], { userFolder })).calls[0]?.[1];
  const rules = { keepLast: 5, keepTags: ['v1'], action: 'trash' };
  assert.deepEqual(await policy(), { ...rules, olderThanDays: 30, maxCount: 100 });
  assert.deepEqual(await policy('--max-total-size', '5GB'), { ...rules, maxTotalBytes: 5e9 });
  assert.deepEqual(
    await policy(
      '--older-than',
      '8w',
      '--keep-last',
      '2',
      '--keep-tag',
      'x',
      '--action',
      'archive',
      '--status',
      'completed',
    ),
    {
      olderThanDays: 56,
      keepLast: 2,
      keepTags: ['v1', 'x'],
      action: 'archive',
      status: ['completed'],
    },
  );
});

test('prune with nothing due asks nothing', async () => {
  const { exitCode, calls } = await runRoo(['session', 'prune']);
  assert.equal(exitCode, 0);
  assert.deepEqual(calls, []);
});

test('purging reaches into the trash, and says what remains', async () => {
  const state = withTrash();
  const { calls, stdout } = await runRoo(['session', 'delete', '--purge', '-y', 'dddd'], {
    state,
    terminal: { columns: 100 },
  });
  assert.deepEqual(calls, [['purge', 'dddd1111']]);
  assert.match(stdout, /deleted for good: dddd1111 {2}old \(12\.3 kB freed\); what remains: 2 forks keep a copy/);
});

test('a prefix that fits two sessions in the trash is ambiguous', async () => {
  const state = fakeState();
  state.trash = ['dddd1111', 'dddd2222'].map((id) => ({ id, name: '', deletedAt: '', expiresAt: '', bytes: 1 }));
  const { exitCode, calls } = await runRoo(['session', 'delete', '--purge', '-y', 'dddd'], { state });
  assert.equal(exitCode, 2);
  assert.deepEqual(calls, []);
});

test('undelete, archive and unarchive take several sessions', async () => {
  for (const verb of ['undelete', 'archive', 'unarchive']) {
    const { calls, exitCode } = await runRoo(['session', verb, ID_A, ID_B]);
    assert.equal(exitCode, 0);
    assert.deepEqual(calls, [
      [verb, ID_A],
      [verb, ID_B],
    ]);
  }
});

const HEALTHS: [health: 'ok' | 'torn' | 'damaged' | 'unreadable', exit: number][] = [
  ['ok', 0],
  ['torn', 0],
  ['damaged', 5],
  ['unreadable', 5],
];
for (const [health, exit] of HEALTHS) {
  test(`verify of a session that is ${health} exits with ${exit}, and the others are verified too`, async () => {
    const state = fakeState({ verify: [fakeVerify({ id: ID_A, health })] });
    const result = await runRoo(['session', 'verify', '--all', '-f', 'json'], { state });
    const { warnings } = envelopeOf(result);
    assert.equal(result.exitCode, exit);
    assert.deepEqual(
      listIn<{ health: string }>(envelopeOf(result), 'sessions').map((one) => one.health),
      [health, 'ok'],
    );
    assert.equal(warnings.length, health === 'ok' ? 0 : 1);
  });
}

test('verify wants to know which sessions', async () => {
  assert.equal((await runRoo(['session', 'verify'])).exitCode, 2);
  assert.equal((await runRoo(['session', 'verify', '--all', ID_A])).exitCode, 2);
});

test('repair, migrate and reindex say what they did', async () => {
  const repair = await runRoo(['session', 'repair', ID_A, '--no-color'], { terminal: { columns: 80 } });
  assert.match(repair.stdout, /^Done +kept the original\n +wrote 4 records$/m);
  assert.match((await runRoo(['session', 'migrate'])).stdout, new RegExp(`^${ID_A}\t4\t/home/me/old$`, 'm'));
  assert.match((await runRoo(['session', 'reindex'])).stdout, /^sessions\t2\ntexts\t8\ndurationMs\t5\n$/);
});
