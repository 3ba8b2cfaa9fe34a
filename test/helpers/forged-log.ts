// Logs whose frames are as they were written, every checksum and hash right, and whose records are made up: what
// somebody can make who has read docs/format.md.

import {
  decodeHeader,
  encodeFrame,
  frameHash,
  inflateFrame,
  NO_HASH,
  PAYLOAD_BYTES_MAX,
} from '../../src/store/frame.ts';
import { framesOf } from './damage.ts';
import type { Random } from './fuzz.ts';
import { changedBytes, changedValue } from './fuzz.ts';

interface ForgedFrame {
  flags: number;
  epoch: number;
  log: number;
  lines: unknown[];
}

/** What the frames of an undamaged log hold. */
function takenApart(bytes: Buffer): ForgedFrame[] {
  return framesOf(bytes).map((frame) => {
    const { flags, epoch, log } = decodeHeader(frame, 0)!;
    const lines = inflateFrame(frame).toString('utf8').trimEnd().split('\n');
    return { flags, epoch, log, lines: lines.map((line) => JSON.parse(line) as unknown) };
  });
}

/** The same log with one to four of its records changed, and now and then what a header says, in a chain that fits. */
export function forgedLog(bytes: Buffer, random: Random): Buffer {
  const frames = takenApart(bytes);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const frame = random.pick(frames);
    const at = random.below(frame.lines.length);
    frame.lines[at] = changedValue(frame.lines[at], random);
  }
  if (random.below(4) === 0) {
    const frame = random.pick(frames);
    frame.flags = random.below(16);
    frame.epoch = random.pick([0, 1, frame.epoch + 1, 0xffff_ffff]);
  }
  if (random.below(4) === 0) frames.splice(random.below(frames.length), 0, structuredClone(random.pick(frames)));
  return chained(frames, random);
}

function chained(frames: readonly ForgedFrame[], random: Random): Buffer {
  const made: Buffer[] = [];
  let seq = 0;
  for (const { flags, epoch, log, lines } of frames) {
    const before = made.at(-1);
    let payload: Buffer = Buffer.from(lines.map((line) => `${JSON.stringify(line) ?? ''}\n`).join(''));
    if (random.below(40) === 0) payload = changedBytes(payload, random);
    const header = {
      flags,
      epoch,
      log,
      lines: lines.length,
      seq: Math.min(seq++, 2 ** 48),
      prevBytes: before?.length ?? 0,
    };
    const prev = before ? frameHash(before) : NO_HASH;
    made.push(encodeFrame({ ...header, prev, payload: payload.subarray(0, PAYLOAD_BYTES_MAX), level: 1 }));
    if (random.below(40) === 0) seq = random.pick([seq + 1, seq + 1000, 2 ** 48 - 1]);
  }
  return Buffer.concat(made);
}
