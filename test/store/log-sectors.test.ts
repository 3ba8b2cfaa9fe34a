import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise, REFERENCES } from '../helpers/reference-logs.ts';
import { runs } from '../helpers/slow.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { createLog, newSession, openLog, readLog, tempStore, userSays } from '../helpers/temp-store.ts';

makeSyncingFree();

const SECTOR_BYTES = 512;

/** What a sector that was being written holds after the power failed. */
const FATES = ['written', 'zeroed', 'stale', 'stale frames'] as const;

describe('a log whose last append met a power cut', () => {
  for (const name of ['small frames', 'big frames']) {
    it(`(${name}) keeps all that was acknowledged, whichever of its sectors reached the disk`, async (t) => {
      const store = tempStore(t);
      const log = await REFERENCES[name]!(store);
      const durableBytes = log.acknowledged.at(-2)!.endBytes;
      const kept = log.acknowledged.slice(0, -1).flatMap(({ records }) => records);
      const random = randomOf(name.length);
      const frames = await framesOfOthers(store);
      for (let run = 0; run < runs(120, 5_000); run++) {
        const after = cutPower(log.bytes, durableBytes, frames, random);
        writeFileSync(log.path, after);
        const torn = await goOn(store, log.id);
        const { records } = readLog(store.layout, log.id);
        const ids = records.map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length, `run ${run}: a record is there twice`);
        for (const record of [...kept, torn.added])
          assert.ok(ids.includes(record.id), `run ${run}: ${record.type} is lost`);
        if (torn.path !== null) assertKept(after, readFileSync(torn.path), run);
        if (torn.path !== null) rmSync(torn.path);
      }
    });
  }
});

/** The file after the cut: it may have grown before its data came, and each sector has a fate of its own. */
function cutPower(bytes: Buffer, durableBytes: number, others: Buffer, random: () => number): Buffer {
  const grownTo = durableBytes + Math.floor(random() * (bytes.length - durableBytes + 1));
  const after = Buffer.from(bytes.subarray(0, random() < 0.5 ? bytes.length : grownTo));
  for (let at = durableBytes; at < after.length;) {
    const end = Math.min(after.length, Math.floor(at / SECTOR_BYTES + 1) * SECTOR_BYTES);
    const fate = FATES[Math.floor(random() * FATES.length)]!;
    if (fate === 'zeroed') after.fill(0, at, end);
    else if (fate === 'stale') for (let i = at; i < end; i++) after[i] = Math.floor(random() * 256);
    else if (fate === 'stale frames') others.copy(after, at, at, end);
    at = end;
  }
  return after;
}

async function goOn(
  store: TempStore,
  id: string,
): Promise<{ added: { id: string; type: string }; path: string | null }> {
  const writer = openLog(store, id);
  const [added] = await writer.append([userSays('after the power came back')]);
  await writer.close();
  return { added: added!, path: writer.tornPath };
}

/** What was cut off is the end of what was there. */
function assertKept(before: Buffer, torn: Buffer, run: number): void {
  assert.ok(before.subarray(before.length - torn.length).equals(torn), `run ${run}: other bytes were kept`);
}

/** Blocks of a log that was deleted: intact frames of another session, many of them. */
async function framesOfOthers(store: TempStore): Promise<Buffer> {
  const session = newSession(store);
  const writer = createLog(store, session);
  for (let i = 0; i < 120; i++) await writer.append([userSays(noise(i + 500, 60))]);
  await writer.close();
  return readFileSync(store.layout.logPath(session.sessionId));
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
