import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { ToolOutputRecord } from '../../../../src/core/record.ts';
import { SessionError } from '../../../../src/core/errors.ts';
import { BlobStore } from '../../../../src/store/blob-store.ts';
import { OutputRecorder } from '../../../../src/cli/services/agent/output-recorder.ts';
import { makeSyncingFree } from '../../../helpers/no-sync.ts';
import { noise } from '../../../helpers/reference-logs.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

makeSyncingFree();

interface Recording {
  recorder: OutputRecorder;
  blobs: BlobStore;
  folder: string;
  pieces: string[];
}

function record(t: TestContext, callId = 'c1', folder = join(tempFolder(t), 'blobs')): Recording {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => t.mock.timers.reset());
  const blobs = new BlobStore(folder);
  const pieces: string[] = [];
  const append = async (piece: Pick<ToolOutputRecord, 'text'>): Promise<void> => void pieces.push(piece.text);
  return { recorder: new OutputRecorder(callId, blobs, append), blobs, folder, pieces };
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('the output of a call', () => {
  it('that is short and quick is part of its end', async (t) => {
    const { recorder, pieces } = record(t);
    await recorder.take(bytes('a\n'));
    await recorder.take(bytes('b\n'));
    assert.deepEqual(await recorder.finish(), { output: 'a\nb\n' });
    assert.deepEqual(pieces, []);
  });

  it('of nothing is empty', async (t) => {
    assert.deepEqual(await record(t).recorder.finish(), { output: '' });
  });

  it('that takes long is on disk half a second after it came, and not repeated at the end', async (t) => {
    const { recorder, pieces } = record(t);
    await recorder.take(bytes('first '));
    t.mock.timers.tick(500);
    await recorder.take(bytes('second '));
    assert.deepEqual(pieces, ['first ']);
    t.mock.timers.tick(500);
    await recorder.take(bytes('third'));
    assert.deepEqual(await recorder.finish(), {});
    assert.deepEqual(pieces, ['first ', 'second ', 'third']);
  });

  it('is text also where a character comes in two pieces, and where it begins with a mark', async (t) => {
    const { recorder, pieces } = record(t);
    const whole = bytes('\ufeff店🎉');
    for (const byte of whole) {
      await recorder.take(Buffer.of(byte));
      t.mock.timers.tick(500);
    }
    assert.deepEqual(await recorder.finish(), {});
    assert.equal(pieces.join(''), '\ufeff店🎉');
  });

  for (const [name, odd] of Object.entries({
    'no UTF-8': Buffer.from([0x61, 0xff, 0xfe, 0x00]),
    'cut in a character': bytes('店').subarray(0, 2),
  })) {
    it(`that is ${name} is kept byte for byte in a file of its own`, async (t) => {
      for (const isSlow of [false, true]) {
        const { recorder, blobs } = record(t);
        await recorder.take(odd);
        if (isSlow) t.mock.timers.tick(500);
        const { blob, output } = await recorder.finish();
        assert.equal(output, undefined);
        assert.ok(blobs.read(blob!).equals(odd));
        t.mock.timers.reset();
      }
    });
  }

  it('that grows large goes into a file while it comes, whole, with its two ends in the record', async (t) => {
    const { recorder, blobs, folder, pieces } = record(t);
    const text = noise(1, 900_000);
    for (let at = 0; at < text.length; at += 10_000) {
      await recorder.take(bytes(text.slice(at, at + 10_000)));
      if (at === 100_000) t.mock.timers.tick(500);
      if (at === 800_000) assert.deepEqual(readdirSync(folder), ['partial-c1']);
    }
    t.mock.timers.tick(500);
    const { blob, head, tail } = await recorder.finish();
    assert.equal(blobs.read(blob!).toString(), text);
    assert.equal(head, text.slice(0, 2048));
    assert.equal(tail, text.slice(-2048));
    assert.deepEqual(pieces, [text.slice(0, 110_000)], 'what was recorded before stays where it is');
    assert.deepEqual(readdirSync(folder), [blob!.hash]);
  });

  it('of a call whose id another one had, or that is no name, does not touch what is there', async (t) => {
    const folder = join(tempFolder(t), 'blobs');
    const crashed = record(t, 'c1', folder);
    await crashed.recorder.take(bytes('x'.repeat(300_000)));
    for (const callId of ['c1', '../../outside', 'a/b', 'x'.repeat(500)]) {
      t.mock.timers.reset();
      const { recorder, blobs } = record(t, callId, folder);
      await recorder.take(bytes('y'.repeat(300_000)));
      const { blob } = await recorder.finish();
      assert.equal(blobs.read(blob!).toString(), 'y'.repeat(300_000));
    }
    assert.equal(readFileSync(join(folder, 'partial-c1'), 'utf8'), 'x'.repeat(300_000));
    assert.deepEqual(readdirSync(join(folder, '..')), ['blobs']);
  });

  it('that cannot be recorded is told by the next piece and at the end, and brings nothing down', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const full = new SessionError('STORE_FULL', 'no space', { op: 'append' });
    const recorder = new OutputRecorder('c1', new BlobStore(tempFolder(t)), () => Promise.reject(full));
    await recorder.take(bytes('a'));
    t.mock.timers.tick(500);
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(() => recorder.take(bytes('b')), full);
    await assert.rejects(() => recorder.finish(), full);
  });

  it('whose file cannot be made is told as well', async (t) => {
    const folder = join(tempFolder(t), 'blobs');
    const { recorder } = record(t, 'c1', join(folder, '\0'));
    await assert.rejects(async () => recorder.take(bytes('x'.repeat(300_000))));
    await assert.rejects(() => recorder.finish());
  });
});
