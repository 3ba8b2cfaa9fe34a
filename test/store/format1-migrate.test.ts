import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { Fold } from '../../src/core/fold.ts';
import { migrateFormat1 } from '../../src/store/format1-migrate.ts';
import { isFormat1 } from '../../src/store/format1-file.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { openHeldLog, openLog } from '../../src/store/open-log.ts';
import { tryLock } from '../../src/store/session-lock.ts';
import type { SessionLock } from '../../src/store/session-lock.ts';
import { startChild } from '../helpers/child.ts';
import { documentText, PACKINGS, storySession } from '../helpers/format1-documents.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { runs } from '../helpers/slow.ts';
import { readLog, tempStore, textsOf } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { branch } from '../helpers/walks.ts';

makeSyncingFree();

const ID = 'a1b2c3d4-0000-4000-8000-000000000001';

function put(store: TempStore, bytes: Buffer | string, id = ID): string {
  mkdirSync(store.layout.sessionsDir, { recursive: true });
  const path = store.layout.logPath(id);
  writeFileSync(path, bytes);
  return path;
}

function foldOf(store: TempStore, id = ID): Fold {
  const reader = LogReader.open(store.layout, id);
  try {
    return reader.fold();
  } finally {
    reader.close();
  }
}

describe('a document of format 1', () => {
  for (const [packing, pack] of Object.entries(PACKINGS)) {
    it(`as ${packing} becomes a log with everything in it, and is kept as it was`, (t) => {
      const store = tempStore(t);
      const bytes = pack(documentText(storySession(ID)));
      const path = put(store, bytes);
      const { messages, originalPath } = migrateFormat1(store.layout, ID, store.clock);
      assert.equal(messages, 3);
      assert.ok(readFileSync(originalPath).equals(bytes));
      assert.equal(originalPath, join(store.layout.sessionsDir, `session-${ID}.format1-1`));
      assert.deepEqual(readdirSync(store.layout.sessionsDir).toSorted(), [
        `session-${ID}.format1-1`,
        `session-${ID}.json.gz`,
      ]);
      assert.equal(isFormat1(path), false);
      const fold = foldOf(store);
      assert.equal(fold.name, 'from the story');
      assert.equal(fold.description, 'written by another program');
      assert.deepEqual(fold.tags, ['old', 'kept']);
      assert.equal(fold.status, 'paused');
      assert.equal(fold.createdAt, '2025-01-01T00:00:00.000Z');
      assert.equal(fold.updatedAt, '2025-01-01T00:03:00.000Z');
      assert.equal(fold.state.workingDirectory, '/home/dev/old project');
      assert.deepEqual(fold.state.openFiles, ['src/a.ts']);
      assert.equal(fold.context.value?.systemPrompt, 'Be good.');
      assert.equal(fold.checkpoints[0]?.id, 'cp-1');
      assert.equal(fold.tools['bash']?.usageCount, 7);
      assert.deepEqual(
        branch(store.layout, ID),
        [3, 2, 1].map((n) => `what was said ${n} — 店`),
      );
    });
  }

  it('without a time of its own gets that of its file', (t) => {
    const store = tempStore(t);
    const session = storySession(ID);
    delete session['metadata'];
    const path = put(store, documentText(session));
    const madeAtMs = Date.UTC(2024, 3, 5);
    utimesSync(path, madeAtMs / 1000, madeAtMs / 1000);
    migrateFormat1(store.layout, ID, store.clock);
    // Reading it is an access.
    assert.equal(Math.round(statSync(path).atimeMs), madeAtMs);
    assert.equal(foldOf(store).createdAt, new Date(madeAtMs).toISOString());
  });

  const DAMAGE: Record<string, { bytes: Buffer; code: ErrorCode }> = {
    'changed after it was written': {
      bytes: Buffer.from(documentText(storySession(ID)).replace('what was said 2', 'what was never said')),
      code: 'CHECKSUM_MISMATCH',
    },
    'cut in the middle': { bytes: Buffer.from(documentText(storySession(ID)).slice(0, 900)), code: 'LOG_UNREADABLE' },
    'packed and cut': {
      bytes: gzipSync(documentText(storySession(ID, 300))).subarray(0, 1500),
      code: 'LOG_UNREADABLE',
    },
    'of a newer version': {
      bytes: Buffer.from(documentText(storySession(ID), { version: '7.0' })),
      code: 'FORMAT_NEWER',
    },
  };
  for (const [name, { bytes, code }] of Object.entries(DAMAGE)) {
    it(`that was ${name} stays as it is`, (t) => {
      const store = tempStore(t);
      const path = put(store, bytes);
      assert.throws(() => migrateFormat1(store.layout, ID, store.clock), { code, path });
      assert.ok(readFileSync(path).equals(bytes));
      assert.deepEqual(readdirSync(store.layout.sessionsDir), [`session-${ID}.json.gz`]);
    });
  }

  it('is brought over when it is opened, under its lock', (t) => {
    const store = tempStore(t);
    put(store, documentText(storySession(ID)));
    const taken: string[] = [];
    const lock = (id: string): SessionLock => {
      taken.push(id);
      const held = tryLock(store.layout, id, '')!;
      return {
        release() {
          taken.push('released');
          held.release();
        },
      };
    };
    const reader = openLog(store.layout, ID, { clock: store.clock, lock });
    assert.equal(reader.fold().counts.messages, 3);
    reader.close();
    assert.deepEqual(taken, [ID, 'released']);
    openLog(store.layout, ID, {
      clock: store.clock,
      lock: () => assert.fail('a log needs no lock to be read'),
    }).close();
  });

  it('that another process brought over meanwhile is not brought over again', (t) => {
    const store = tempStore(t);
    put(store, documentText(storySession(ID)));
    const lock = (): SessionLock => {
      migrateFormat1(store.layout, ID, store.clock);
      return { release() {} };
    };
    openLog(store.layout, ID, { clock: store.clock, lock }).close();
    openHeldLog(store.layout, ID, store.clock).close();
    assert.deepEqual(
      readdirSync(store.layout.sessionsDir).filter((name) => name.includes('format1')),
      [`session-${ID}.format1-1`],
    );
  });

  it('gets its original a name of its own where an earlier one is kept', (t) => {
    const store = tempStore(t);
    put(store, documentText(storySession(ID)));
    const kept = join(store.layout.sessionsDir, `session-${ID}.format1-1`);
    writeFileSync(kept, 'earlier');
    assert.match(migrateFormat1(store.layout, ID, store.clock).originalPath, /\.format1-2$/);
    assert.equal(readFileSync(kept, 'utf8'), 'earlier');
  });

  it('is there whole whenever the process that brings it over is killed', async (t) => {
    const store = tempStore(t);
    const text = documentText(storySession(ID, 200));
    const document = join(store.directory, 'document.json');
    writeFileSync(document, text);
    for (let round = 0; round < runs(3, 30); round++) {
      rmSync(store.layout.sessionsDir, { recursive: true, force: true });
      put(store, text);
      const child = startChild(t, 'migrate-format1', [store.directory, ID, document]);
      await child.saysLines(1 + (round % 3));
      await wait((round * 7) % 20);
      await child.end('SIGKILL');
      if (isFormat1(store.layout.logPath(ID))) migrateFormat1(store.layout, ID, store.clock);
      const { records, health } = readLog(store.layout, ID);
      assert.equal(health, 'ok');
      assert.equal(textsOf(records).length, 200);
      const kept = readdirSync(store.layout.sessionsDir).filter((name) => name.includes('.format1-'));
      assert.ok(kept.length > 0);
      for (const name of kept) assert.equal(readFileSync(join(store.layout.sessionsDir, name), 'utf8'), text);
    }
  });
});
