// Files made to be slow to read: each is read in bytes that grow with its size and no faster, whatever it holds.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { decodeHeader, encodeFrame, frameHash, logMark, NO_HASH } from '../../src/store/frame.ts';
import { encodeLine } from '../../src/store/frame-lines.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { verifyLog } from '../../src/store/log-verify.ts';
import { noise } from '../helpers/reference-logs.ts';
import { newSession, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';

const ID = 'forged';
const MANY = 3000;
/** Windows that are hardly used, and for every false header the rest of a block, in each of four passes. */
const BYTES_READ_FREE = 8_000_000;
const BYTES_READ_PER_BYTE_MAX = 150;

function frame(seq: number, prev: Buffer = NO_HASH, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = { flags: 0, lines: payload.length > 0 ? 1 : 0, epoch: 0, prevBytes: 0, log: logMark('g') };
  return encodeFrame({ ...header, seq, prev, payload, level: 1 });
}

function each(count: number, make: (index: number) => Buffer): Buffer[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const FILES: Readonly<Record<string, (first: Buffer, count: number) => Buffer[]>> = {
  'frames whose numbers jump': (_first, count) => each(count, (i) => frame(1000 + i * 1000)),
  'copies that strayed in front of the true successor': (first, count) => [
    ...each(count, (i) => frame(2 ** 40 + count - i)),
    frame(1, frameHash(first)),
  ],
  'frames with a byte of damage between each two': (_first, count) =>
    each(count, (i) => Buffer.concat([frame(i * 2 + 2), Buffer.from([7])])),
  'headers that claim a mebibyte each': (first, count) => [...each(count, () => claiming(first)), FILLER, frame(9)],
  'the same at its end': (first, count) => [...each(count, () => claiming(first)), FILLER],
};
const FILLER = Buffer.alloc(1_100_000, 7);

/** A header without a frame behind it. */
function claiming(first: Buffer): Buffer {
  const header = Buffer.from(first.subarray(0, 64));
  header.writeUInt32LE(1024 * 1024, 20);
  return header;
}

describe('a log made of', () => {
  for (const [what, make] of Object.entries(FILES)) {
    it(`${what} is read in bytes that grow with its size`, (t) => {
      const store = tempStore(t);
      for (const count of [MANY, 2 * MANY]) {
        const { sizeBytes, readBytes } = readThrough(store, (first) => make(first, count));
        const limit = BYTES_READ_FREE + sizeBytes * BYTES_READ_PER_BYTE_MAX;
        assert.ok(readBytes < limit, `${readBytes} bytes read of ${sizeBytes}`);
      }
    });
  }

  it('false headers in front of a large frame does not lose the frame', (t) => {
    const large = frame(
      9,
      NO_HASH,
      encodeLine({ type: 'custom', id: 'x', at: '', kind: 'k', value: noise(3, 20_000) }),
    );
    const { frames } = readThrough(tempStore(t), (first) => [claiming(first), FILLER, large, FILLER, large]);
    assert.deepEqual(frames, [0, 9]);
  });

  it('a frame with the highest number there is has no room behind it, and is not written over', (t) => {
    const { frames } = readThrough(tempStore(t), () => [frame(2 ** 48)]);
    assert.deepEqual(frames, [0, 2 ** 48]);
    assert.throws(() => frame(2 ** 48 + 1), { code: 'LOG_UNREADABLE' });
    const beyond = frame(7);
    beyond.writeBigUInt64LE(2n ** 48n + 1n, 28);
    assert.equal(decodeHeader(beyond, 0), null);
  });
});

/** Opens it and reads it forwards, backwards and to verify it. */
function readThrough(
  store: TempStore,
  behind: (first: Buffer) => Buffer[],
): { sizeBytes: number; readBytes: number; frames: number[] } {
  const session = newSession(store, { sessionId: ID, generation: 'g', family: ID });
  const first = frame(0, NO_HASH, encodeLine(session));
  mkdirSync(store.layout.sessionsDir, { recursive: true, mode: 0o700 });
  writeFileSync(store.layout.logPath(ID), Buffer.concat([first, ...behind(first)]), { mode: 0o600 });
  const reader = LogReader.open(store.layout, ID);
  try {
    const frames: number[] = [];
    for (const item of reader.forwards()) if ('frame' in item) frames.push(item.frame.seq);
    reader.fold();
    verifyLog(reader, 'look');
    return { sizeBytes: reader.sizeBytes, readBytes: reader.bytesRead, frames };
  } finally {
    reader.close();
  }
}
