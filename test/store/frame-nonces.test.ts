// A writer that was cut short goes on at numbers that were used before. No key may meet one of them twice: that would
// give away what both frames hold. Without a disk, so that it is tried as often as sessions of years crash.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyFold } from '../../src/core/fold.ts';
import { readSealed } from '../../src/crypto/frame-seal.ts';
import { SessionCipher } from '../../src/crypto/session-cipher.ts';
import { decodeHeader, FLAG, frameHash, inflateFrame } from '../../src/store/frame.ts';
import { FrameComposer } from '../../src/store/frame-composer.ts';
import { CHAIN_START } from '../../src/store/log-chain.ts';
import type { Link } from '../../src/store/log-chain.ts';
import { sessionBlobs } from '../../src/store/session-blobs.ts';
import { framesOf } from '../helpers/damage.ts';
import { runs } from '../helpers/slow.ts';
import { newSession, tempStore } from '../helpers/temp-store.ts';

/** `RESUMES=1000` makes a million frames. */
const RESUMES = Number(process.env['RESUMES'] ?? runs(20, 150));
const FRAMES = runs(100, 1000);
/** How many frames of a writer outlive its crash: now nearly all, now next to none. */
const KEPT_STEP = 389;

test('no key meets a nonce twice, however often a writer is cut short and another goes on', (t) => {
  const store = tempStore(t);
  const session = newSession(store);
  const cipher = SessionCipher.fresh(session.sessionId);
  const blobs = sessionBlobs(store.layout, session.sessionId, session.family, cipher);
  const options = { clock: store.clock, level: 6, blobs, cipher, find: () => null };
  const fold = emptyFold(session);
  const used = new Map<string, Set<number>>();
  let link: Link = CHAIN_START;
  let frames = 0;
  let again = 0;
  let highest = -1;
  for (let resume = 0; resume < RESUMES; resume++) {
    // As the end of a log opens: the fold and the link of the last frame that is whole, and a sealer of its own.
    const composer = new FrameComposer({ fold, link, part: 1, offset: 0, prevBytes: 0 }, options);
    composer.epoch = link.epoch + 1;
    composer.flag(FLAG.epoch);
    for (let i = 0; i < FRAMES; i++) {
      composer.add([{ type: 'custom', kind: 'note', value: { resume, i } }]);
      composer.seal();
    }
    const written = framesOf(composer.take());
    assert.equal(written.length, FRAMES);
    for (const frame of written) {
      const { seq } = decodeHeader(frame, 0)!;
      const { salt } = readSealed(inflateFrame(frame))!;
      const numbers = used.get(salt) ?? new Set();
      assert.ok(!numbers.has(seq), `resume ${resume}: ${seq} under the salt of another frame ${seq}`);
      used.set(salt, numbers.add(seq));
      frames++;
      if (seq <= highest) again++;
      highest = Math.max(highest, seq);
    }
    const last = written[(resume * KEPT_STEP) % FRAMES]!;
    const { seq, epoch, log } = decodeHeader(last, 0)!;
    link = { hash: frameHash(last), seq, epoch, log };
  }
  assert.equal(frames, RESUMES * FRAMES);
  assert.equal(used.size, RESUMES);
  assert.ok(again > frames / 4, 'numbers were used again');
  t.diagnostic(`${frames} pairs of key and nonce, ${again} of them with a number that was used before`);
});
