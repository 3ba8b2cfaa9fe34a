// What an import does with secrets in the large parts of a session, which stand in files of their own.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { RedactionDoor } from '../../../src/cli/services/RedactionDoor.ts';
import type {
  BlobRef,
  ImagePart,
  LogRecord,
  MessageRecord,
  NewRecord,
  ToolEndRecord,
} from '../../../src/core/record.ts';
import { documentText, storySession } from '../../helpers/format1-documents.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { testStore } from './serializer-store.ts';
import type { TestStore } from './serializer-store.ts';

const TOKEN = `ghp${'_'}${'16C7e42F292c6912E7710c838347Ae178B4a'}`;
const PICTURE = Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  randomBytes(300_000),
  Buffer.from(` ${TOKEN} `),
]);

/** A store that keeps secrets out, and a session of one that does not, as JSON Lines. */
async function exported(
  t: TestContext,
  make: (blob: (bytes: Buffer) => BlobRef) => NewRecord[],
): Promise<{ here: TestStore; id: string; path: string }> {
  const there = testStore(t);
  const session = there.newSession();
  const writer = there.store.createWriter(session);
  await writer.append(make((bytes) => writer.blobs.put(bytes)));
  await writer.close();
  const path = join(there.folder, 'session.jsonl');
  writeFileSync(path, await there.serializer.exportSession(session.sessionId, 'jsonl'));
  const home = tempFolder(t);
  const door = new RedactionDoor({ home, environment: {}, folders: [], userFolder: null, allow: [], patterns: [] });
  return { here: testStore(t, { door }), id: session.sessionId, path };
}

function call(output: string): NewRecord[] {
  const input = { callId: 'c1', name: 'bash', input: '{}' };
  return [
    { type: 'message', role: 'assistant', parts: [{ type: 'tool-call', ...input }] },
    { type: 'tool-start', ...input },
    { type: 'tool-end', callId: 'c1', status: 'ok', output },
  ];
}

function endIn(records: readonly LogRecord[]): ToolEndRecord {
  return records.find(({ type }) => type === 'tool-end') as ToolEndRecord;
}

test('a large output comes in without its secrets, by the name of what it is now, and is known again', async (t) => {
  // The second secret stands where the beginning that the record shows is cut off.
  const output = `${TOKEN} ${'-'.repeat(1990)} ${TOKEN} ${'and so on, '.repeat(40_000)}`;
  const { here, id, path } = await exported(t, () => call(output));
  const { imported } = await here.serializer.importFile(path, {});
  assert.deepEqual(
    imported.map(({ status }) => status),
    ['new'],
  );
  const end = endIn(here.records(id));
  const kept = here.store.blobs(id).read(end.blob!).toString();
  assert.equal(kept.replaceAll(/\[REDACTED:github-token:[0-9a-f]{8}\]/g, TOKEN), output);
  assert.ok(kept.startsWith(end.head!) && kept.endsWith(end.tail!));
  assert.doesNotMatch(kept, /ghp_/);
  const again = await here.serializer.importFile(path, {});
  assert.deepEqual(
    again.imported.map(({ status }) => status),
    ['unchanged'],
  );
});

test('an output that is not what it is said to be is told, whatever is taken out of it', async (t) => {
  const { here, path } = await exported(t, () => call(`${TOKEN} ${'and so on, '.repeat(40_000)}`));
  const other = TOKEN.replace('16C7', '17C7');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(TOKEN, other));
  const { warnings } = await here.serializer.importFile(path, {});
  assert.ok(warnings.some(({ code }) => code === 'BLOB_DAMAGED'));
});

test('a picture comes in byte for byte: nothing in it is looked at', async (t) => {
  const { here, id, path } = await exported(t, (blob) => [
    { type: 'message', role: 'user', parts: [{ type: 'image', mediaType: 'image/png', blob: blob(PICTURE) }] },
  ]);
  await here.serializer.importFile(path, {});
  const message = here.records(id).find(({ type }) => type === 'message') as MessageRecord;
  assert.deepEqual(here.store.blobs(id).read((message.parts[0] as ImagePart).blob!), PICTURE);
});

test('an id that is a secret names no file: it becomes another one, the same at every import', async (t) => {
  const home = tempFolder(t);
  const door = new RedactionDoor({ home, environment: {}, folders: [], userFolder: null, allow: [], patterns: [] });
  const here = testStore(t, { door });
  const path = join(here.folder, 'session.json');
  writeFileSync(path, documentText(storySession(TOKEN)));
  const statuses: string[] = [];
  for (let time = 0; time < 2; time++) {
    const { imported } = await here.serializer.importFile(path, {});
    statuses.push(...imported.map(({ status }) => status));
  }
  assert.deepEqual(statuses, ['new', 'unchanged']);
  assert.equal(here.ids().length, 1);
  assert.ok(!here.ids().includes(TOKEN));
});
