import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { LogRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { frameEdges } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import type { ReferenceLog } from '../helpers/reference-logs.ts';
import { REFERENCES } from '../helpers/reference-logs.ts';
import { SLOW } from '../helpers/slow.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { openLog, readLog, readLogBackwards, tempStore, userSays } from '../helpers/temp-store.ts';

makeSyncingFree();

/** Longer logs are cut in the fast tier in the headers of frames, and at a sample of the places in between. */
const EVERY_BYTE_MAX = 2_500;

describe('a log that was cut short', () => {
  for (const [name, write] of Object.entries(REFERENCES)) {
    it(`of ${name} goes on at every cut: nothing acknowledged is lost or there twice, and the torn bytes are kept`, async (t) => {
      const store = tempStore(t);
      const log = await write(store);
      for (const cut of cutsOf(log)) await goesOnAfter(store, log, cut);
    });
  }

  it('is torn for a reader, who changes nothing', async (t) => {
    const store = tempStore(t);
    const log = await REFERENCES['small frames']!(store);
    const edges = frameEdges(log.bytes);
    const left = log.bytes.subarray(0, edges[3]! - 1);
    writeFileSync(log.path, left);
    const { health, damage, warnings } = readLog(store.layout, log.id);
    assert.equal(health, 'torn');
    const lengthBytes = edges[3]! - 1 - edges[2]!;
    assert.deepEqual(damage, [{ offsetBytes: edges[2], lengthBytes, reason: 'torn', framesMissing: 0 }]);
    assert.deepEqual(
      warnings.map(({ code, path, offsetBytes }) => ({ code, path, offsetBytes })),
      [{ code: 'LOG_TORN', path: log.path, offsetBytes: edges[2] }],
    );
    assert.ok(readFileSync(log.path).equals(left));
  });

  it('before its first whole frame is no session, and stays as it is', async (t) => {
    const store = tempStore(t);
    const log = await REFERENCES['small frames']!(store);
    const [, firstEnd] = frameEdges(log.bytes);
    for (let cut = 0; cut < firstEnd!; cut++) {
      const left = log.bytes.subarray(0, cut);
      writeFileSync(log.path, left);
      assert.throws(() => LogReader.open(store.layout, log.id), {
        code: 'LOG_UNREADABLE',
        path: log.path,
        offsetBytes: 0,
      });
      assert.throws(() => openLog(store, log.id), { code: 'LOG_UNREADABLE' });
      assert.ok(readFileSync(log.path).equals(left), `the file was changed at cut ${cut}`);
    }
  });
});

function cutsOf({ bytes }: ReferenceLog): number[] {
  const edges = frameEdges(bytes);
  const isTried = (cut: number): boolean =>
    SLOW || bytes.length <= EVERY_BYTE_MAX || cut % 131 === 0 || edges.some((edge) => Math.abs(edge - cut) <= 9);
  return Array.from({ length: bytes.length - edges[1]! + 1 }, (_, i) => edges[1]! + i).filter(isTried);
}

async function goesOnAfter(store: TempStore, log: ReferenceLog, cut: number): Promise<void> {
  const at = `cut at byte ${cut}`;
  writeFileSync(log.path, log.bytes.subarray(0, cut));
  const kept = log.acknowledged.filter(({ endBytes }) => endBytes <= cut).flatMap(({ records }) => records);
  const frameEnd = frameEdges(log.bytes).findLast((edge) => edge <= cut)!;

  const writer = openLog(store, log.id);
  const [added] = await writer.append([userSays('after the crash')]);
  await writer.close();
  const { records, health } = readLog(store.layout, log.id);
  assert.equal(health, 'ok', at);
  const found = new Map<string, LogRecord>(records.map((record) => [record.id, record]));
  assert.equal(found.size, records.length, `${at}: a record is there twice`);
  for (const record of [...kept, added!]) assert.deepEqual(found.get(record.id), record, at);
  if (SLOW || cut % 32 === 0) assert.deepEqual(readLogBackwards(store.layout, log.id), records, at);

  if (cut === frameEnd) assert.equal(writer.tornPath, null, at);
  else {
    assert.match(writer.tornPath!, /session-[^/]*\.torn-1$/, at);
    assert.ok(readFileSync(writer.tornPath!).equals(log.bytes.subarray(frameEnd, cut)), at);
    rmSync(writer.tornPath!);
  }
}
