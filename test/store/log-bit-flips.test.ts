import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { LogRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { frameEdges } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import type { ReferenceLog } from '../helpers/reference-logs.ts';
import { REFERENCES } from '../helpers/reference-logs.ts';
import { SLOW } from '../helpers/slow.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { readLog, tempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

describe('a log with one bit changed', () => {
  for (const [name, write] of Object.entries(REFERENCES)) {
    it(`of ${name} says so, knows the frame, and gives every other one`, async (t) => {
      const store = tempStore(t);
      const log = await write(store);
      const frames = recordsByFrame(store, log);
      const fd = openSync(log.path, 'r+');
      t.after(() => closeSync(fd));
      for (const [byte, bit] of flipsOf(log)) {
        const original = log.bytes[byte]!;
        writeSync(fd, Uint8Array.of(original ^ (1 << bit)), 0, 1, byte);
        assertFound(store, log, frames, byte, `byte ${byte}, bit ${bit}`);
        writeSync(fd, Uint8Array.of(original), 0, 1, byte);
      }
    });
  }

  it('in its only frame cannot be read, and says where', async (t) => {
    const store = tempStore(t);
    const log = await REFERENCES['small frames']!(store);
    const only = Buffer.from(log.bytes.subarray(0, frameEdges(log.bytes)[1]));
    only[100]! ^= 1;
    writeFileSync(log.path, only);
    assert.throws(() => LogReader.open(store.layout, log.id), { code: 'LOG_UNREADABLE', path: log.path });
  });
});

/** Every bit, of long logs a third; in the fast tier one of each byte of headers, and of a sample of the others. */
function flipsOf({ bytes }: ReferenceLog): [byte: number, bit: number][] {
  const edges = frameEdges(bytes);
  const flips: [number, number][] = [];
  for (let byte = 0; byte < bytes.length; byte++) {
    const inHeader = byte - edges.findLast((edge) => edge <= byte)! < 64;
    for (let bit = 0; bit < 8; bit++) {
      const isTried = SLOW ? inHeader || bytes.length < 10_000 || byte % 3 === 0 : inHeader || byte % 67 === 0;
      if (isTried && (SLOW || bit === byte % 8)) flips.push([byte, bit]);
    }
  }
  return flips;
}

function recordsByFrame(store: TempStore, { id }: ReferenceLog): LogRecord[][] {
  const reader = LogReader.open(store.layout, id);
  try {
    return Array.from(reader.forwards(), (item) => ('frame' in item ? reader.records(item) : []));
  } finally {
    reader.close();
  }
}

function assertFound(store: TempStore, log: ReferenceLog, frames: LogRecord[][], byte: number, at: string): void {
  const edges = frameEdges(log.bytes);
  const hit = edges.findLastIndex((edge) => edge <= byte);
  const isLast = hit === frames.length - 1;
  const { records, health, damage } = readLog(store.layout, log.id);
  // The last frame cannot be told from one that a crash left unfinished.
  assert.equal(health, isLast ? 'torn' : 'damaged', at);
  const [offsetBytes, end] = [edges[hit]!, edges[hit + 1]!];
  const reason = isLast ? 'torn' : 'damaged';
  assert.deepEqual(
    damage,
    [{ offsetBytes, lengthBytes: end - offsetBytes, reason, framesMissing: isLast ? 0 : 1 }],
    at,
  );
  assert.deepEqual(records, frames.filter((_, index) => index !== hit).flat(), at);
}
