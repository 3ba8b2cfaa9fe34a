import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { LogRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { startChild } from '../helpers/child.ts';
import { runs } from '../helpers/slow.ts';
import { readLog, readLogBackwards, tempStore } from '../helpers/temp-store.ts';

describe('a process that is killed while it appends', () => {
  it('has lost nothing that it said was written, time after time', async (t) => {
    const store = tempStore(t);
    const id = store.clock.sessionId();
    const acknowledged: string[] = [];
    for (let round = 0; round < runs(8, 80); round++) {
      const child = startChild(t, 'append-forever', [store.directory, id, String(round + 1), '60000']);
      await child.saysLines(1 + ((round * 7) % 40));
      await wait(Math.random() * 5);
      await child.end('SIGKILL');
      acknowledged.push(...child.lines);

      const { records, health } = readLog(store.layout, id);
      assert.notEqual(health, 'damaged', `round ${round}`);
      const ids = records.map((record) => record.id);
      assert.equal(new Set(ids).size, ids.length, `round ${round}: a record is there twice`);
      const found = new Set(ids);
      const lost = acknowledged.filter((recordId) => !found.has(recordId));
      assert.deepEqual(lost, [], `round ${round}`);
      assertWhole(store.layout, id, records);
    }
    assert.deepEqual(readLogBackwards(store.layout, id), readLog(store.layout, id).records);
  });
});

/** What an acknowledged line left to a blob is there as well. */
function assertWhole(layout: Parameters<typeof LogReader.open>[0], id: string, records: LogRecord[]): void {
  const reader = LogReader.open(layout, id);
  try {
    for (const record of records) if (record.spilled) reader.blobs.unspill(record);
  } finally {
    reader.close();
  }
}
