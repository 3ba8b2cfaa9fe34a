// Documents of ours into a store that has the session already: what is missing comes in, nothing is overwritten.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { NewRecord } from '../../../src/core/record.ts';
import type { ExportFormat } from '../../../src/cli/types/session-types.ts';
import type { ImportedSession } from '../../../src/cli/types/storage-types.ts';
import { writeSample } from './sample-session.ts';
import { testStore } from './serializer-store.ts';
import type { TestStore } from './serializer-store.ts';

function said(id: string): NewRecord {
  return { type: 'message', id, role: 'user', parts: [{ type: 'text', text: id }] };
}

async function send(from: TestStore, to: TestStore, id: string, format: ExportFormat): Promise<ImportedSession> {
  const path = join(to.folder, 'sent');
  writeFileSync(path, await from.serializer.exportSession(id, format));
  const { imported, warnings } = await to.serializer.importFile(path, {});
  assert.deepEqual(warnings, []);
  return imported[0]!;
}

for (const format of ['json', 'jsonl', 'yaml'] as const) {
  test(`a session that went on elsewhere comes home as ${format} and goes on here`, async (t) => {
    const [here, there] = [testStore(t), testStore(t)];
    const id = await writeSample(here);
    await send(here, there, id, format);
    await there.add(id, [said('elsewhere'), { type: 'meta', name: 'Named elsewhere', addTags: ['new'] }]);
    assert.equal((await send(there, here, id, format)).status, 'updated');
    assert.equal(here.fold(id).head.messageId, 'elsewhere');
    assert.equal(here.fold(id).name, 'Named elsewhere');
    assert.deepEqual(here.fold(id).tags, ['a', 'b', 'new']);
    assert.equal((await send(there, here, id, format)).status, 'unchanged');
    assert.equal((await send(here, there, id, format)).status, 'unchanged');
  });

  test(`where both sides went on, ${format} brings the other's branch and keeps ours active`, async (t) => {
    const [here, there] = [testStore(t), testStore(t)];
    const id = await writeSample(here);
    await send(here, there, id, format);
    await there.add(id, [said('elsewhere')]);
    await here.add(id, [said('here'), { type: 'meta', name: 'Named here' }]);
    assert.equal((await send(there, here, id, format)).status, 'updated');
    assert.equal(here.fold(id).head.messageId, 'here');
    assert.equal(here.fold(id).name, 'Named here');
    const found = here.records(id).find((record) => record.id === 'elsewhere') as { parentId?: string } | undefined;
    const mine = here.records(id).find((record) => record.id === 'here') as { parentId?: string } | undefined;
    assert.equal(found?.parentId, mine?.parentId);
  });

  test(`an older copy as ${format} changes nothing`, async (t) => {
    const [here, there] = [testStore(t), testStore(t)];
    const id = await writeSample(here);
    await send(here, there, id, format);
    await here.add(id, [
      said('here'),
      { type: 'meta', name: 'Named here' },
      { type: 'state', patch: { openFiles: [] } },
    ]);
    const before = here.records(id).length;
    assert.equal((await send(there, here, id, format)).status, 'unchanged');
    assert.equal(here.records(id).length, before);
    assert.equal(here.fold(id).name, 'Named here');
  });
}

test('a result that came elsewhere stands behind its call here, also where the conversation went on', async (t) => {
  const [here, there] = [testStore(t), testStore(t)];
  const session = here.newSession();
  const writer = here.store.createWriter(session);
  const id = session.sessionId;
  await writer.append([
    said('question'),
    {
      type: 'message',
      id: 'call',
      role: 'assistant',
      parts: [{ type: 'tool-call', callId: 'c', name: 'bash', input: '' }],
    },
  ]);
  await writer.close();
  await send(here, there, id, 'jsonl');
  await there.add(id, [{ type: 'tool-end', id: 'end', callId: 'c', status: 'ok', output: 'late' }, said('elsewhere')]);
  await here.add(id, [said('here')]);
  await send(there, here, id, 'jsonl');
  await here.add(id, [{ type: 'head', messageId: 'elsewhere', pointer: null }]);
  const document = await here.serializer.exportSession(id, 'markdown');
  assert.match(document, /Result of bash: ok\n\n```\nlate\n```\n\n\n## user .*\n\nelsewhere/);
});

test('a session that another process is writing is refused, and nothing of it is changed', async (t) => {
  const [here, there] = [testStore(t), testStore(t)];
  const id = await writeSample(here);
  await send(here, there, id, 'jsonl');
  await there.add(id, [said('elsewhere')]);
  const lock = here.lock(id);
  await assert.rejects(send(there, here, id, 'jsonl'), { code: 'SESSION_IN_USE' });
  lock.release();
  assert.equal((await send(there, here, id, 'jsonl')).status, 'updated');
});

test('--name names what is imported, new or not', async (t) => {
  const [here, there] = [testStore(t), testStore(t)];
  const id = await writeSample(here);
  const path = join(there.folder, 'sent');
  writeFileSync(path, await here.serializer.exportSession(id, 'jsonl'));
  for (const name of ['One', 'Two']) {
    const { imported } = await there.serializer.importFile(path, { name });
    assert.equal(imported[0]!.name, name);
    assert.equal(there.fold(id).name, name);
  }
});
