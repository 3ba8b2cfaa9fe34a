import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { HeadRecord, NewRecord } from '../../src/core/record.ts';
import { emptyFold } from '../../src/core/fold.ts';
import { BlobStore } from '../../src/store/blob-store.ts';
import { decodeHeader, FLAG, inflateFrame, logMark, PAYLOAD_BYTES_MAX } from '../../src/store/frame.ts';
import type { FrameHeader } from '../../src/store/frame.ts';
import { FrameComposer } from '../../src/store/frame-composer.ts';
import { CHAIN_START } from '../../src/store/log-chain.ts';
import { framesOf } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { newSession, tempStore, userSays } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { goesTo, says } from '../helpers/walks.ts';

makeSyncingFree();

function composerIn(store: TempStore, frameBytes?: number): FrameComposer {
  const session = newSession(store, { generation: 'the-generation' });
  const blobs = new BlobStore(store.layout.blobDir(session.family));
  const start = { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
  return new FrameComposer(start, {
    clock: store.clock,
    level: 6,
    blobs,
    find: () => null,
    ...(frameBytes !== undefined && { frameBytes }),
  });
}

function headersOf(bytes: Buffer): FrameHeader[] {
  return framesOf(bytes).map((frame) => decodeHeader(frame, 0)!);
}

describe('frames made of records', () => {
  it('carry the mark of their log, and follow one another', (t) => {
    const composer = composerIn(tempStore(t));
    for (const text of ['a', 'b', 'c']) {
      composer.add([userSays(text)]);
      composer.seal();
    }
    const headers = headersOf(composer.take());
    for (const [index, { log, seq, prevBytes }] of headers.entries()) {
      assert.deepEqual([log, seq], [logMark('the-generation'), index]);
      assert.equal(prevBytes, index === 0 ? 0 : headers[index - 1]!.frameBytes);
    }
    assert.equal(composer.take().length, 0, 'they are taken once');
  });

  it('are full at the size they were meant to have, and never hold more than a frame may', (t) => {
    const composer = composerIn(tempStore(t), 10_000);
    composer.add(Array.from({ length: 100 }, (_, i) => userSays(noise(i + 1, 900))));
    composer.add([userSays(noise(7, 100_000))]);
    composer.seal();
    const sizes = framesOf(composer.take()).map((frame) => inflateFrame(frame).length);
    assert.ok(sizes.every((size) => size <= 10_000 || size > 100_000));
    const large = composerIn(tempStore(t));
    large.add(Array.from({ length: 8 }, (_, i) => userSays(noise(i + 1, 200_000))));
    large.seal();
    for (const frame of framesOf(large.take())) assert.ok(inflateFrame(frame).length <= PAYLOAD_BYTES_MAX);
  });

  it('hold no more lines than their header can say', (t) => {
    const composer = composerIn(tempStore(t));
    composer.add(Array.from({ length: 70_000 }, () => ({ type: 'x', id: '', at: '' }) as unknown as NewRecord));
    composer.seal();
    const lines = headersOf(composer.take()).map((header) => header.lines);
    assert.equal(
      lines.reduce((sum, count) => sum + count, 0),
      70_000,
    );
    assert.ok(lines.every((count) => count <= 0xffff));
  });

  it('are those of all records of a call or of none', (t) => {
    const composer = composerIn(tempStore(t));
    composer.add([says('a', { id: 'a' })]);
    const before = JSON.stringify([composer.at, composer.fold]);
    const bad: NewRecord[][] = [
      [says('b'), says('c', { parentId: 'nobody' })],
      [says('b'), { type: 'state' } as unknown as NewRecord],
      [says('b'), goesTo('nobody')],
    ];
    for (const records of bad) assert.throws(() => composer.add(records), { name: 'SessionError' });
    assert.equal(JSON.stringify([composer.at, composer.fold]), before);
  });

  it('say where a branch goes on, with its place, before every message that does not simply continue', (t) => {
    const composer = composerIn(tempStore(t));
    composer.add([says('a', { id: 'a' })]);
    composer.seal();
    composer.add([says('b'), says('c', { id: 'c', parentId: 'a' }), says('d', { parentId: null }), goesTo('c')]);
    const written = composer.add([says('e')]);
    assert.deepEqual(
      written.map(({ type }) => type),
      ['message'],
    );
    composer.seal();
    const records = framesOf(composer.take()).flatMap((frame) => inflateFrame(frame).toString().trim().split('\n'));
    const heads = records.map((line) => JSON.parse(line) as HeadRecord).filter(({ type }) => type === 'head');
    assert.deepEqual(
      heads.map(({ messageId, pointer }) => [messageId, pointer?.seq ?? null]),
      [
        ['a', 0],
        [null, null],
        ['c', 1],
      ],
    );
  });

  it('hold a snapshot now and then, so that all of them together stay small', (t) => {
    const composer = composerIn(tempStore(t));
    let snapshots = 0;
    for (let i = 0; i < 200; i++) {
      composer.add([userSays(noise(i + 1, 20_000))]);
      composer.seal();
      if (!composer.wantsSnapshot) continue;
      composer.snapshot();
      snapshots++;
    }
    const bytes = composer.take();
    const held = headersOf(bytes).filter(({ flags }) => flags & FLAG.snapshot);
    assert.equal(held.length, snapshots);
    assert.ok(snapshots >= 3 && snapshots <= 8, `${snapshots} in ${bytes.length} bytes`);
    const cost = held.reduce((sum, { frameBytes }) => sum + frameBytes, 0);
    assert.ok(cost < bytes.length / 20);
  });

  it('hold a snapshot too large for a line in a blob', (t) => {
    const store = tempStore(t);
    const composer = composerIn(store);
    const tools = Array.from({ length: 30 }, (_, i) => ({
      type: 'tool-state' as const,
      toolName: `tool ${i}`,
      cache: { text: noise(i + 1, 10_000) },
    }));
    composer.add(tools);
    composer.snapshot();
    const line = inflateFrame(framesOf(composer.take()).at(-1)!).toString().trim().split('\n').at(-1)!;
    const record = JSON.parse(line);
    assert.deepEqual([record.type, record.fold], ['snapshot', null]);
    const directory = store.layout.blobDir(composer.fold.session.family);
    assert.deepEqual(readdirSync(directory), [record.spilled.hash]);
  });
});
