import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Warning } from '../../src/core/errors.ts';
import type { Fold } from '../../src/core/fold.ts';
import { emptyFold } from '../../src/core/fold.ts';
import type { NewRecord } from '../../src/core/record.ts';
import { BlobStore } from '../../src/store/blob-store.ts';
import { FrameComposer } from '../../src/store/frame-composer.ts';
import { CHAIN_START } from '../../src/store/log-chain.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import type { LogWriter } from '../../src/store/log-writer.ts';
import { framesOf, zeroed } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { SLOW } from '../helpers/slow.ts';
import { createLog, newSession, openLog, tempStore, userSays } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

const BIG = { systemPrompt: noise(1, 40_000), model: 'm' };
const HUGE = { notes: noise(2, 400_000) };

/** Ways in which a blob is lost, and what that is called. */
const LOSSES: Record<string, { lose(path: string): void; code: string }> = {
  missing: { lose: (path) => rmSync(path), code: 'BLOB_MISSING' },
  damaged: { lose: (path) => writeFileSync(path, 'something else'), code: 'BLOB_DAMAGED' },
};

describe('the state of a session', () => {
  it('is the same from its snapshot as from all its records', async (t) => {
    const store = tempStore(t);
    const { id, writer } = await sessionWith(store, [
      [userSays('first'), { type: 'meta', name: 'a name', addTags: ['a', 'b'] }],
      [
        { type: 'context', context: BIG },
        { type: 'state', patch: HUGE },
      ],
      [
        { type: 'files', files: { ignorePatterns: ['*.log'] } },
        { type: 'meta', removeTags: ['a'] },
      ],
      [userSays('last')],
    ]);
    const { fold: replayed } = foldOf(store, id);
    assert.deepEqual([replayed.name, replayed.tags, replayed.lastPrompt], ['a name', ['b'], 'last']);
    assert.deepEqual([replayed.context.value, replayed.state['notes']], [BIG, HUGE.notes]);
    await writer.close();
    assert.deepEqual(foldOf(store, id).fold, { ...replayed, closed: true });
  });

  it('keeps a large value once, in the record that set it', async (t) => {
    const store = tempStore(t);
    const { id, writer } = await sessionWith(store, [[{ type: 'context', context: BIG }], [userSays('x')]]);
    await writer.close();
    for (let i = 0; i < 3; i++) {
      const again = openLog(store, id);
      await again.append([userSays(`again ${i}`)]);
      await again.close();
    }
    assert.deepEqual(foldOf(store, id).fold.context.value, BIG);
    assert.ok(statSync(store.layout.logPath(id)).size < 2 * BIG.systemPrompt.length, 'snapshots hold it, too');
  });

  for (const [name, { lose, code }] of Object.entries(LOSSES)) {
    it(`comes from the records where the blob of a snapshot is ${name}`, async (t) => {
      const store = tempStore(t);
      const { id, writer } = await sessionWith(store, [[{ type: 'state', patch: HUGE }], [userSays('last')]]);
      await writer.close();
      lose(blobOf(store, id, '"type":"snapshot"'));
      const { fold, warnings } = foldOf(store, id);
      assert.deepEqual([fold.state['notes'], fold.lastPrompt, warnings], [HUGE.notes, 'last', []]);
    });

    it(`is given with a warning where the blob of a large value is ${name}`, async (t) => {
      const store = tempStore(t);
      const { id } = await sessionWith(store, [[{ type: 'state', patch: HUGE }], [userSays('last')]]);
      const path = blobOf(store, id, '"type":"state"');
      lose(path);
      const { fold, warnings } = foldOf(store, id);
      assert.deepEqual([fold.lastPrompt, fold.state['notes']], ['last', HUGE.notes.slice(0, 2048)]);
      assert.deepEqual(
        warnings.map((warning) => [warning.code, warning.path]),
        [[code, path]],
      );
    });
  }

  it('is given with a warning where the record of a large value is lost', async (t) => {
    const store = tempStore(t);
    const { id, writer } = await sessionWith(store, [[{ type: 'context', context: BIG }], [userSays('last')]]);
    await writer.close();
    const path = store.layout.logPath(id);
    const bytes = readFileSync(path);
    const [first, second] = framesOf(bytes);
    writeFileSync(path, zeroed(bytes, first!.length, first!.length + second!.length));
    const { fold, warnings } = foldOf(store, id);
    assert.deepEqual([fold.lastPrompt, fold.context.value], ['last', undefined]);
    const lost = warnings.find(({ message }) => message.includes('its context'))!;
    assert.deepEqual([lost.code, lost.path, lost.offsetBytes], ['LOG_DAMAGED', path, first!.length]);
  });

  it('is right where a long log has no snapshot that is of use', { skip: !SLOW && 'slow tier' }, (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const blobs = new BlobStore(store.layout.blobDir(session.family));
    const start = { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
    const composer = new FrameComposer(start, { clock: store.clock, level: 0, blobs, find: () => null });
    composer.add([session]);
    const text = noise(1, 200_000);
    for (let i = 0; i < 180; i++) composer.add([userSays(text)]);
    composer.seal();
    mkdirSync(store.layout.sessionsDir);
    writeFileSync(store.layout.logPath(session.sessionId), composer.take());
    const { fold } = foldOf(store, session.sessionId);
    assert.deepEqual([fold.counts.messages, fold.head], [180, composer.fold.head]);
  });

  it('is that of its epoch’s writer where the first frame is lost: a snapshot knows whose log it is', async (t) => {
    const store = tempStore(t);
    const { id, writer } = await sessionWith(store, [[{ type: 'meta', name: 'a name' }], [userSays('x')]]);
    await writer.close();
    const path = store.layout.logPath(id);
    const bytes = readFileSync(path);
    writeFileSync(path, zeroed(bytes, 0, framesOf(bytes)[0]!.length));
    const { fold } = foldOf(store, id);
    assert.deepEqual([fold.name, fold.project.path], ['a name', '/home/dev/project']);
    const reader = LogReader.open(store.layout, id);
    assert.deepEqual([reader.session.sessionId, reader.session.origin.agent, reader.health], [id, 'roo', 'damaged']);
    reader.close();
  });
});

/** Left open: a log that was not closed and is short has no snapshot. */
async function sessionWith(store: TempStore, appends: NewRecord[][]): Promise<{ id: string; writer: LogWriter }> {
  const session = newSession(store);
  const writer = createLog(store, session);
  for (const records of appends) await writer.append(records);
  return { id: session.sessionId, writer };
}

function foldOf(store: TempStore, id: string): { fold: Fold; warnings: Warning[] } {
  const reader = LogReader.open(store.layout, id);
  try {
    return { fold: reader.fold(), warnings: reader.warnings };
  } finally {
    reader.close();
  }
}

function blobOf(store: TempStore, id: string, content: string): string {
  const directory = store.layout.blobDir(id);
  const paths = readdirSync(directory).map((name) => join(directory, name));
  const found = paths.filter((path) => readFileSync(path, 'utf8').includes(content));
  assert.equal(found.length, 1);
  return found[0]!;
}
