import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LogReader } from '../../src/store/log-reader.ts';
import { walkMessages } from '../../src/store/message-walk.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { runs } from '../helpers/slow.ts';
import { createLog, newSession, openLog, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { goesTo, says } from '../helpers/walks.ts';

makeSyncingFree();

const READ_BYTES_MAX = 4_000_000;
const RECORDS = runs(50_000, 300_000);
const BATCH = 500;

describe('opening a long session', () => {
  it('reads little, however long it is, also after a way back to its beginning', async (t) => {
    const store = tempStore(t);
    const id = await longSession(store);
    const sizeBytes = statSync(store.layout.logPath(id)).size;
    assert.ok(sizeBytes > 3 * READ_BYTES_MAX, `${sizeBytes} bytes show nothing`);
    const atEnd = lastMessages(store, id);
    assert.deepEqual([atEnd.count, atEnd.newest], [200, `m${RECORDS}`]);
    assert.ok(atEnd.bytesRead < READ_BYTES_MAX, `${atEnd.bytesRead} bytes were read`);

    const writer = openLog(store, id);
    await writer.append([goesTo('m300')]);
    const back = lastMessages(store, id);
    assert.deepEqual([back.count, back.newest], [200, 'm300']);
    assert.ok(back.bytesRead < READ_BYTES_MAX, `${back.bytesRead} bytes were read after going back`);

    await writer.append([says('a new branch', { id: 'new' })]);
    await writer.close();
    const branched = lastMessages(store, id);
    assert.deepEqual([branched.count, branched.newest], [200, 'new']);
    assert.ok(branched.bytesRead < READ_BYTES_MAX, `${branched.bytesRead} bytes were read on the new branch`);
  });
});

function lastMessages(store: TempStore, id: string): { count: number; newest: string; bytesRead: number } {
  const reader = LogReader.open(store.layout, id);
  try {
    const ids: string[] = [];
    const walk = walkMessages(reader, reader.fold().head.messageId, () => assert.fail('there is no base'));
    for (const { message } of walk) if (ids.push(message.id) === 200) break;
    return { count: ids.length, newest: ids[0]!, bytesRead: reader.bytesRead };
  } finally {
    reader.close();
  }
}

async function longSession(store: TempStore): Promise<string> {
  const session = newSession(store);
  // Frames as a long session has them: many small ones.
  const writer = createLog(store, session, { level: 1, frameBytes: 4_096 });
  const filling = noise(1, 100_000);
  for (let first = 1; first <= RECORDS; first += BATCH) {
    const text = (i: number): string => {
      const from = (i * 7_919) % 99_000;
      return filling.slice(from, from + 400);
    };
    await writer.append(Array.from({ length: BATCH }, (_, i) => says(text(first + i), { id: `m${first + i}` })));
  }
  await writer.close();
  return session.sessionId;
}
