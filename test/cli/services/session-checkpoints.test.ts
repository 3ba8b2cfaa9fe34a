// Files and conversation of a session go back together or apart, and forward again.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { SessionCleanup } from '../../../src/cli/services/SessionCleanup.ts';
import { SessionCheckpoints } from '../../../src/cli/services/session-checkpoints.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';

interface Place {
  storage: SessionStorage;
  checkpoints: SessionCheckpoints;
  id: string;
  write(text: string): void;
  /** Content of the one file, and what the active branch says. */
  state(): Promise<{ file: string; said: string[] }>;
  again(): SessionStorage;
}

async function place(t: TestContext): Promise<Place> {
  const { folder, storage: open } = tempHome(t);
  const project = join(folder, 'project');
  mkdirSync(project);
  const file = join(project, 'file');
  const storage = open();
  writeFileSync(file, 'one');
  const id = await writeSession(storage, [says('one', { id: 'm1' })], { project });
  return {
    storage,
    checkpoints: new SessionCheckpoints(storage),
    id,
    write: (text) => writeFileSync(file, text),
    state: async () => ({ file: readFileSync(file, 'utf8'), said: await textsShown(storage, id) }),
    again: () => open(),
  };
}

const WENT_BACK = { file: 'one', said: ['one'] };
const WENT_ON = { file: 'two', said: ['one', 'two'] };

for (const [scope, expected] of [
  [null, WENT_BACK],
  ['both', WENT_BACK],
  ['files', { ...WENT_ON, file: 'one' }],
  ['conversation', { ...WENT_ON, said: ['one'] }],
] as const) {
  test(`a rewind of ${scope ?? 'a checkpoint'} brings that back, and a redo undoes exactly it`, async (t) => {
    const { checkpoints, storage, id, write, state } = await place(t);
    await checkpoints.take(id, 'first');
    write('two');
    await storage.change(id, [says('two')]);
    assert.deepEqual(await state(), WENT_ON);
    await checkpoints.plan(id, 'c1', scope);
    assert.deepEqual(await state(), WENT_ON);
    await checkpoints.rewind(id, 'c1', scope);
    assert.deepEqual(await state(), expected);
    await checkpoints.rewind(id, null, null);
    assert.deepEqual(await state(), WENT_ON);
    await checkpoints.rewind(id, null, null);
    assert.deepEqual(await state(), expected);
  });
}

test('a message means the newest checkpoint at it or before it', async (t) => {
  const { checkpoints, storage, id, write, state } = await place(t);
  await checkpoints.take(id, 'first', 'automatic');
  await storage.change(id, [says('two', { id: 'm2' }), says('three', { id: 'm3' })]);
  write('two');
  await checkpoints.take(id, 'later');
  write('three');
  const { checkpoint, messageId } = await checkpoints.rewind(id, 'm2', null);
  assert.deepEqual([checkpoint?.description, messageId], ['first', 'm2']);
  assert.deepEqual(await state(), { file: 'one', said: ['one', 'two'] });
  assert.equal((await checkpoints.plan(id, 'm3', 'files')).checkpoint?.description, 'later');
});

test('a rewind goes back to before a compaction', async (t) => {
  const { checkpoints, storage, id, state } = await place(t);
  await checkpoints.take(id, 'first');
  await storage.change(id, [says('two', { id: 'm2' }), says('three', { id: 'm3' })]);
  await storage.change(id, [{ type: 'compaction', summary: 'one, two', messageId: 'm3', firstKeptId: 'm3' }]);
  await checkpoints.rewind(id, 'c1', null);
  assert.deepEqual((await state()).said, ['one']);
  assert.deepEqual(
    (await storage.loadSession(id)).history.messages.map(({ content }) => content),
    ['one'],
  );
  await checkpoints.rewind(id, null, null);
  assert.deepEqual((await state()).said, ['one', 'two', 'three']);
});

test('a session that another process holds keeps its conversation, and can have its files rewound', async (t) => {
  const { storage, id, write, state, again } = await place(t);
  const writer = await storage.writers.open(id);
  t.after(() => storage.writers.close(writer));
  const other = new SessionCheckpoints(again());
  assert.equal((await other.take(id, 'from outside')).via, 'inbox');
  write('two');
  for (const scope of [null, 'conversation'] as const) {
    await assert.rejects(other.rewind(id, 'c1', scope), { code: 'SESSION_IN_USE', hint: /\/rewind there/ });
  }
  assert.equal((await state()).file, 'two', 'refused before any file changed');
  await other.rewind(id, 'c1', 'files');
  assert.equal((await state()).file, 'one');
});

test('what nobody knows, and files that no checkpoint holds, are said to be missing', async (t) => {
  const { checkpoints, storage, id } = await place(t);
  for (const name of ['c1', 'nothing', 'm1']) {
    await assert.rejects(checkpoints.rewind(id, name, null), { code: 'CHECKPOINT_NOT_FOUND' });
  }
  await assert.rejects(checkpoints.rewind(id, null, null), {
    code: 'CHECKPOINT_NOT_FOUND',
    message: /no rewind to undo/,
  });
  await storage.change(id, [says('two')]);
  await checkpoints.rewind(id, 'm1', 'conversation');
  assert.deepEqual(await textsShown(storage, id), ['one']);
});

test('checkpoints count in the usage of the store, and are gone when their session is purged', async (t) => {
  const { checkpoints, storage, id } = await place(t);
  const bytes = async (): Promise<number> => (await new SessionCleanup(storage).usage()).checkpointBytes;
  assert.equal(await bytes(), 0);
  await checkpoints.take(id, 'first');
  const before = await bytes();
  assert.ok(before > 0);
  await storage.purge(id);
  assert.ok((await bytes()) < before / 2);
});
