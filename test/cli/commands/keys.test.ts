import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeState } from '../../helpers/fake-sessions.ts';
import { runRoo } from '../../helpers/run-roo.ts';
import type { RunResult } from '../../helpers/run-roo.ts';

async function keys(line: string): Promise<RunResult> {
  return runRoo(['session', 'keys', ...line.split(' ').filter((word) => word !== '')], { state: fakeState() });
}

test('what a flag means is handed on', async () => {
  const created = await keys('create --key-file --post-quantum');
  assert.deepEqual(created.calls, [['keys.create', { protection: 'key-file', kind: 'hybrid' }]]);
  assert.deepEqual((await keys('create --keychain')).calls, [['keys.create', { protection: 'keychain' }]]);
  assert.deepEqual((await keys('create')).calls, [['keys.create', { protection: undefined }]]);
  assert.deepEqual((await keys('rotate --post-quantum')).calls, [['keys.rotate', { kind: 'hybrid' }]]);
  const imported = [['keys.importIdentity', '/home/dev/shop/key.txt', { protection: undefined }]];
  assert.deepEqual((await keys('import key.txt')).calls, imported);
  const changed = await keys('passphrase --new-passphrase-file new');
  assert.deepEqual(changed.calls, [['keys.changePassphrase', 'content of /home/dev/shop/new']]);
  assert.deepEqual((await keys('add age1carol --name carol')).calls, [['keys.addRecipient', 'age1carol', 'carol']]);
  assert.deepEqual((await keys('remove bob')).calls, [['keys.removeRecipient', 'bob']]);
});

test('a line that means nothing does nothing, and says what would', async () => {
  for (const [line, told] of [
    ['crate', /did you mean create/],
    ['constructor', /list, create, export/],
    ['import', /roo session keys import FILE/],
    ['add', /roo session keys add age1…/],
    ['remove', /roo session keys remove/],
    ['list key.txt', /roo session keys list/],
    ['create --secret', /keys create does not take --secret/],
    ['export --key-file', /keys export does not take --key-file/],
    ['rotate --new-passphrase-file x', /does not take --new-passphrase-file/],
    ['create --keychain --key-file', /exclude each other/],
  ] as const) {
    const { exitCode, stderr, calls } = await keys(line);
    assert.deepEqual([exitCode, calls], [2, []], line);
    assert.match(stderr, told, line);
  }
});

test('the secret is given out after a yes only', async () => {
  const { exitCode, stdout } = await keys('export --secret');
  assert.deepEqual([exitCode, stdout], [2, '']);
  assert.equal((await keys('export --secret --yes')).stdout, 'AGE-SECRET-KEY-1FAKE\n');
  assert.equal((await keys('export')).stdout, 'age1own\n');
  const state = fakeState();
  const asked = await runRoo(['session', 'keys', 'export', '--secret'], {
    state,
    terminal: { columns: 80, typed: 'n\n' },
  });
  assert.deepEqual([asked.exitCode, asked.stdout], [0, '']);
  assert.match(asked.stderr, /^Give out the secret key of your identity\? \[y\/N\]/);
});

test('the list has the own recipient, the others and those of before, in this order', async () => {
  const { stdout } = await keys('');
  assert.deepEqual(
    stdout.split('\n').map((line) => line.split('\t')[0]),
    ['own', 'other', 'retired', ''],
  );
  assert.equal((await keys('list')).stdout, stdout);
});
