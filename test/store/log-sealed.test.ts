// Encrypted logs: everything comes back with the key, nothing without it, and nothing that somebody without it did to
// the file passes for what was written.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SessionError } from '../../src/core/errors.ts';
import { SessionCipher } from '../../src/crypto/session-cipher.ts';
import { readSealed } from '../../src/crypto/frame-seal.ts';
import { decodeHeader, encodeFrame, frameHash, inflateFrame } from '../../src/store/frame.ts';
import { verifyLog } from '../../src/store/log-verify.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { rewriteLog } from '../../src/store/log-rewrite.ts';
import type { SealedStore } from '../helpers/sealed-store.ts';
import { createSealed, sealedStore } from '../helpers/sealed-store.ts';
import { runs } from '../helpers/slow.ts';
import { newSession, openLog, readLog, readLogBackwards, textsOf, userSays } from '../helpers/temp-store.ts';

const RESUMES = runs(10, 100);
const FRAMES = runs(10, 50);
const WORDS = Array.from({ length: 12 }, (_, i) => `needle-${i} in a haystack of words`);

/** A closed session of several frames; answers its id. */
async function closedLog(store: SealedStore, words: readonly string[] = WORDS): Promise<string> {
  const writer = createSealed(store);
  for (const word of words) await writer.append([userSays(word)]);
  await writer.close();
  return writer.id;
}

function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const { frameBytes } = decodeHeader(bytes, at)!;
    frames.push(bytes.subarray(at, at + frameBytes));
    at += frameBytes;
  }
  return frames;
}

/** What a reader with the key makes of a file: the texts it gives, and whether it says that something is wrong. */
function readable(store: SealedStore, id: string): { texts: string[]; isWhole: boolean } {
  try {
    const { records, health } = readLog(store.layout, id);
    return { texts: textsOf(records), isWhole: health === 'ok' };
  } catch (error) {
    assert.ok(error instanceof SessionError, String(error));
    return { texts: [], isWhole: false };
  }
}

describe('an encrypted log', () => {
  it('gives back with its key what was written, from either end', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    const { records, health } = readLog(store.layout, id);
    assert.equal(health, 'ok');
    assert.deepEqual(textsOf(records), WORDS);
    assert.deepEqual(textsOf(readLogBackwards(store.layout, id)), WORDS);
    const reader = LogReader.open(store.layout, id);
    t.after(() => reader.close());
    assert.equal(reader.fold().counts.messages, WORDS.length);
  });

  it('is said to be locked without its key, and holds no word of it', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    const path = store.layout.logPath(id);
    store.keys.clear();
    assert.throws(() => LogReader.open(store.layout, id), { code: 'SESSION_ENCRYPTED' });
    const lines = execFileSync('gunzip', ['-c', path]).toString().trimEnd().split('\n');
    assert.ok(lines.every((line) => Object.keys(JSON.parse(line)).join() === 'sx,salt,ct'));
    assert.doesNotMatch(lines.join(), /needle|home|project|user/);
  });

  it('does not open with the key of another session', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    store.keys.set(id, SessionCipher.fresh(id));
    assert.deepEqual(readable(store, id), { texts: [], isWhole: false });
  });

  it('goes on behind a torn tail under another salt, so that no key meets a nonce twice', async (t) => {
    const store = sealedStore(t);
    const pairs = await crashAndGoOn(store, RESUMES, FRAMES);
    assert.equal(new Set(pairs).size, pairs.length);
    assert.ok(pairs.length >= RESUMES * FRAMES);
  });

  it('keeps what is large sealed, under names that tell nothing', async (t) => {
    const store = sealedStore(t);
    const writer = createSealed(store);
    const text = 'a long needle '.repeat(40_000);
    await writer.append([userSays(text), { type: 'tool-end', callId: 'c', status: 'ok', output: text }]);
    await writer.close();
    const directory = store.layout.sealedBlobDir(writer.id);
    for (const name of readdirSync(directory)) assert.ok(!readFileSync(join(directory, name)).includes('needle'), name);
    const reader = LogReader.open(store.layout, writer.id);
    t.after(() => reader.close());
    assert.equal(verifyLog(reader, 'hash').health, 'ok');
    const message = readLog(store.layout, writer.id).records.find(({ type }) => type === 'message');
    assert.deepEqual(textsOf([reader.blobs.unspill(message!)]), [text]);
  });

  it('goes on in a next part, and is read as one', async (t) => {
    const store = sealedStore(t);
    const writer = createSealed(store, { partBytesMax: 2000 });
    for (const word of WORDS) await writer.append([userSays(word.repeat(20))]);
    await writer.close();
    const reader = LogReader.open(store.layout, writer.id);
    t.after(() => reader.close());
    assert.ok(reader.parts > 2);
    const texts = WORDS.map((word) => word.repeat(20));
    assert.deepEqual(readable(store, writer.id), { texts, isWhole: true });
    truncateSync(store.layout.logPath(writer.id, 2), 100);
    assert.equal(readable(store, writer.id).isWhole, false);
  });

  it('that is rewritten stays encrypted and whole', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    rewriteLog(store.layout, id, { clock: store.clock, level: 9 });
    assert.deepEqual(readable(store, id), { texts: WORDS, isWhole: true });
    assert.ok(!execFileSync('gunzip', ['-c', store.layout.logPath(id)]).includes('needle'));
  });
});

/** Appends to a log that is cut short again and again; gives every pair of salt and number that was used. */
async function crashAndGoOn(store: SealedStore, resumes: number, frames: number): Promise<string[]> {
  const writer = createSealed(store);
  const { id } = writer;
  const path = store.layout.logPath(id);
  await writer.append([userSays('first')]);
  await writer.close();
  const pairs: string[] = [];
  let from = 0;
  for (let resume = 0; resume < resumes; resume++) {
    const again = openLog(store, id);
    const waiting: Promise<unknown>[] = [];
    for (let i = 0; i < frames; i++) {
      waiting.push(again.append([userSays(`${resume} ${i}`)]));
      // Each gets a frame of its own.
      await waiting.at(-1);
    }
    const bytes = readFileSync(path);
    for (const frame of framesOf(bytes.subarray(from))) {
      pairs.push(`${readSealed(inflateFrame(frame))!.salt} ${decodeHeader(frame, 0)!.seq}`);
    }
    await again.close();
    // As a crash leaves it: the last two frames are lost, and half of one is left.
    const kept = framesOf(bytes)
      .slice(0, -2)
      .reduce((sum, { length }) => sum + length, 0);
    truncateSync(path, kept);
    appendFileSync(path, bytes.subarray(kept, kept + 30));
    from = kept;
    // The anchor of before would say so: this crash came before it was moved.
    writeFileSync(store.layout.anchorPath(id), '');
  }
  return pairs;
}

/** Changes that somebody without the key can make: to the frames of a closed log, given those of another. */
const TAMPERINGS: Record<string, (frames: Buffer[], others: Buffer[]) => Buffer[]> = {
  'two frames exchanged': (frames) => [...frames.slice(0, 3), frames[4]!, frames[3]!, ...frames.slice(5)],
  'a frame left out': (frames) => frames.toSpliced(4, 1),
  'the first frame left out': (frames) => frames.slice(1),
  'a frame repeated': (frames) => frames.toSpliced(5, 0, frames[4]!),
  'the last frame repeated': (frames) => [...frames, frames.at(-1)!],
  'a frame of another session in its place': (frames, others) => frames.toSpliced(4, 1, others[4]!),
  'a frame of another session behind it': (frames, others) => [...frames, others.at(-1)!],
  'the end cut off': (frames) => frames.slice(0, -1),
  'the end cut off further back': (frames) => frames.slice(0, -5),
  'all but the first frame cut off': (frames) => frames.slice(0, 1),
  'the whole exchanged for another session': (_frames, others) => others,
  'a frame sealed by somebody else': (frames) => [...frames, forged(frames.at(-1)!, SessionCipher.fresh('x'))],
  'a frame in plain behind it': (frames) => [...frames, forged(frames.at(-1)!, null)],
  'one byte of ciphertext changed, with a fitting checksum': (frames) => [
    ...frames.slice(0, 4),
    ...rechained(frames[4]!, frames.slice(5)),
  ],
};

/** A frame that follows another in every way but the key. */
function forged(after: Buffer, cipher: SessionCipher | null): Buffer {
  const header = decodeHeader(after, 0)!;
  const record = {
    type: 'message',
    id: 'forged',
    at: '2026-01-01T00:00:00.000Z',
    role: 'user',
    parentId: null,
    parts: [{ type: 'text', text: 'forged' }],
  };
  return encodeFrame({
    ...header,
    flags: 0,
    lines: 1,
    prevBytes: header.frameBytes,
    seq: header.seq + 1,
    prev: frameHash(after),
    payload: Buffer.from(`${JSON.stringify(record)}\n`),
    level: 6,
    sealer: cipher?.frameSealer() ?? null,
  });
}

/** A changed frame, and those behind it made to follow it. */
function rechained(frame: Buffer, behind: Buffer[]): Buffer[] {
  const line = inflateFrame(frame);
  const at = line.length - 10;
  line[at] = line[at] === 0x41 ? 0x42 : 0x41;
  const out = [encodeFrame({ ...decodeHeader(frame, 0)!, payload: line, level: 6 })];
  for (const next of behind) {
    const before = out.at(-1)!;
    out.push(
      encodeFrame({
        ...decodeHeader(next, 0)!,
        prevBytes: before.length,
        prev: frameHash(before),
        payload: inflateFrame(next),
        level: 6,
      }),
    );
  }
  return out;
}

describe('what somebody without the key did to a closed encrypted log', () => {
  for (const [name, tamper] of Object.entries(TAMPERINGS)) {
    it(`is seen: ${name}`, async (t) => {
      const store = sealedStore(t);
      const id = await closedLog(store);
      const other = await closedLog(
        store,
        WORDS.map((word) => `other ${word}`),
      );
      const path = store.layout.logPath(id);
      const others = framesOf(readFileSync(store.layout.logPath(other)));
      writeFileSync(path, Buffer.concat(tamper(framesOf(readFileSync(path)), others)));
      const { texts, isWhole } = readable(store, id);
      assert.equal(isWhole, false);
      assert.ok(
        texts.every((text) => WORDS.includes(text)),
        texts.join(),
      );
    });
  }

  it('is seen whichever bit was flipped, and the other frames are read', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store, WORDS.slice(0, 3));
    const path = store.layout.logPath(id);
    const whole = readFileSync(path);
    for (let bit = 0; bit < whole.length * 8; bit += runs(61, 1)) {
      const changed = Buffer.from(whole);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, changed);
      const { texts, isWhole } = readable(store, id);
      assert.equal(isWhole, false, `bit ${bit}`);
      assert.ok(
        texts.every((text) => WORDS.includes(text)),
        `bit ${bit}`,
      );
    }
  });

  it('is seen at whichever byte it was cut', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store, WORDS.slice(0, 3));
    const path = store.layout.logPath(id);
    const whole = readFileSync(path);
    for (let bytes = 0; bytes < whole.length; bytes += runs(37, 1)) {
      writeFileSync(path, whole.subarray(0, bytes));
      assert.equal(readable(store, id).isWhole, false, `${bytes} bytes`);
    }
  });

  it('keeps a writer from going on where the end is missing, until it is repaired', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    const path = store.layout.logPath(id);
    writeFileSync(path, Buffer.concat(framesOf(readFileSync(path)).slice(0, -3)));
    assert.throws(() => openLog(store, id), { code: 'LOG_DAMAGED' });
    const { repairLog } = await import('../../src/store/log-repair.ts');
    const { after } = repairLog(store.layout, id, { clock: store.clock, level: 6 });
    assert.equal(after.health, 'ok');
    const again = openLog(store, id);
    await again.append([userSays('after')]);
    await again.close();
    assert.deepEqual(readable(store, id), { texts: [...WORDS.slice(0, -2), 'after'], isWhole: true });
  });

  it('is seen when it was cut and gone on with where nobody knew its end', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    const [log, anchor] = [store.layout.logPath(id), store.layout.anchorPath(id)];
    const known = readFileSync(anchor);
    writeFileSync(log, Buffer.concat(framesOf(readFileSync(log)).slice(0, -4)));
    writeFileSync(anchor, '');
    const elsewhere = openLog(store, id);
    for (const word of WORDS) await elsewhere.append([userSays(word)]);
    await elsewhere.close();
    writeFileSync(anchor, known);
    assert.equal(readable(store, id).isWhole, false);
  });

  it('is seen when an older log is put in the place of one that was written anew', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    const path = store.layout.logPath(id);
    const before = readFileSync(path);
    rewriteLog(store.layout, id, { clock: store.clock, level: 9 });
    writeFileSync(path, before);
    assert.equal(readable(store, id).isWhole, false);
  });

  it('is seen when a log in plain is put in its place, which no writer goes on with', async (t) => {
    const store = sealedStore(t);
    const id = await closedLog(store);
    const { createLog } = await import('../helpers/temp-store.ts');
    const plain = createLog(store, newSession(store));
    await plain.append([userSays('planted')]);
    await plain.close();
    writeFileSync(store.layout.logPath(id), readFileSync(store.layout.logPath(plain.id)));
    const { warnings } = readLog(store.layout, id);
    assert.ok(warnings.some(({ code }) => code === 'SESSION_UNSEALED'));
    assert.throws(() => openLog(store, id), { code: 'SESSION_UNSEALED' });
  });
});
