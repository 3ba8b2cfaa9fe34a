import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { encodeFrame, frameHash, NO_HASH } from '../../src/store/frame.ts';
import type { StoredFrame } from '../../src/store/log-file.ts';
import { LogFile } from '../../src/store/log-file.ts';
import { junk } from '../helpers/damage.ts';
import { noise } from '../helpers/reference-logs.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

/** Frames as long as these payloads, one after the other. */
function chainOf(...lengths: number[]): Buffer[] {
  let before: Buffer | null = null;
  return lengths.map((length, seq) => {
    const payload = Buffer.from(noise(seq + 1, length));
    const [prevBytes, prev] = before ? [before.length, frameHash(before)] : [0, NO_HASH];
    before = encodeFrame({ flags: 0, lines: 1, prevBytes, seq, epoch: 1, prev, log: 1, payload, level: 6 });
    return before;
  });
}

describe('the file of a log', () => {
  it('finds a frame wherever it stands, forwards and backwards, across the borders of its windows', (t) => {
    const [frame] = chainOf(900_000) as [Buffer];
    const path = join(tempFolder(t), 'log');
    const window = 128 * 1024;
    for (const offset of [0, 1, window - 64, window - 63, window - 8, window - 1, window, window + 1, 3 * window - 7]) {
      writeFileSync(path, Buffer.concat([junk(offset), frame, junk(window + 11)]));
      const file = new LogFile(path);
      assert.equal(file.nextIntact(0)?.offset, offset, `forwards at ${offset}`);
      assert.equal(file.previousIntact(file.size)?.offset, offset, `backwards at ${offset}`);
      assert.equal(file.nextIntact(offset + 1), null);
      assert.equal(file.previousIntact(offset + frame.length - 1), null);
      file.close();
    }
  });

  it('takes no beginning of a frame for a frame', (t) => {
    const [first, second] = chainOf(500, 500) as [Buffer, Buffer];
    const path = join(tempFolder(t), 'log');
    writeFileSync(path, Buffer.concat([first, second.subarray(0, 70), second.subarray(0, 64), first.subarray(0, 90)]));
    const file = new LogFile(path);
    assert.equal(file.previousIntact(file.size)?.offset, 0);
    assert.equal(file.frameAt(first.length), null);
    file.close();
  });

  it('sees after a look what was written over a torn tail it had read', (t) => {
    const [first, second, third] = chainOf(300, 300, 2_000) as [Buffer, Buffer, Buffer];
    const path = join(tempFolder(t), 'log');
    writeFileSync(path, Buffer.concat([first, third.subarray(0, 1_000)]));
    const file = new LogFile(path);
    assert.equal(file.frameAt(first.length), null);
    truncateSync(path, first.length);
    appendFileSync(path, second);
    file.refresh();
    assert.equal(file.frameAt(first.length)?.seq, 1);
    file.close();
  });

  it('says that a frame is not there when the file has shrunk meanwhile', (t) => {
    const frames = chainOf(200_000, 200_000);
    const path = join(tempFolder(t), 'log');
    writeFileSync(path, Buffer.concat(frames));
    const file = new LogFile(path);
    for (const left of [frames[0]!.length + 30, frames[0]!.length + 80, frames[0]!.length]) {
      truncateSync(path, left);
      assert.equal(file.frameAt(frames[0]!.length), null);
    }
    file.close();
  });

  it('hands out frames that stay as they are while others are read', (t) => {
    const frames = chainOf(...Array.from({ length: 40 }, () => 30_000));
    const path = join(tempFolder(t), 'log');
    writeFileSync(path, Buffer.concat(frames));
    const file = new LogFile(path);
    const found: StoredFrame[] = [];
    for (let at = 0; at < file.size; at += found.at(-1)!.frameBytes) found.push(file.frameAt(at)!);
    for (const [index, frame] of found.entries()) assert.ok(frame.bytes.equals(frames[index]!));
    assert.ok(file.bytesRead < 1.2 * readFileSync(path).length, 'bytes are read over and over');
    file.close();
  });

  it('is empty where there is none', (t) => {
    const file = new LogFile(join(tempFolder(t), 'log'));
    assert.deepEqual([file.size, file.frameAt(0), file.nextIntact(0), file.previousIntact(0)], [0, null, null, null]);
    file.refresh();
    file.close();
  });
});
