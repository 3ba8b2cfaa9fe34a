import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { LogReader } from '../../src/store/log-reader.ts';
import { LogWriter } from '../../src/store/log-writer.ts';
import { framesOf, zeroed } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import {
  createLog,
  newSession,
  NO_LOCK,
  openLog,
  readLog,
  readLogBackwards,
  tempStore,
  textsOf,
  userSays,
  writerOptions,
} from '../helpers/temp-store.ts';

makeSyncingFree();

/** Every append begins a new part. */
const partBytesMax = 1;

describe('a log of several parts', () => {
  it('reads as one, from both ends, and is one session', async (t) => {
    const store = tempStore(t);
    const { id, texts } = await threeParts(store);
    const { records, health } = readLog(store.layout, id);
    assert.deepEqual([textsOf(records), health], [texts, 'ok']);
    assert.deepEqual(readLogBackwards(store.layout, id), records);
    const reader = LogReader.open(store.layout, id);
    assert.equal(reader.parts, 3);
    assert.equal(reader.fold().counts.messages, 3);
    reader.close();
    for (const part of [1, 2, 3]) {
      const [first] = framesOf(readFileSync(store.layout.logPath(id, part)));
      const session = records.filter(({ type }) => type === 'session')[part - 1] as { part: number; sessionId: string };
      assert.deepEqual([session.part, session.sessionId], [part, id]);
      assert.ok(first);
    }
  });

  it('goes on in its last part when that has room', async (t) => {
    const store = tempStore(t);
    const { id, texts } = await threeParts(store);
    const writer = openLog(store, id);
    await writer.append([userSays('more')]);
    await writer.close();
    assert.deepEqual(textsOf(readLog(store.layout, id).records), [...texts, 'more']);
    assert.equal(existsSync(store.layout.logPath(id, 4)), false);
  });

  for (const [name, left] of [
    ['empty', Buffer.alloc(0)],
    ['half of a frame', Buffer.from('1f8b080400000000', 'hex')],
    ['all zero bytes', Buffer.alloc(4096)],
  ] as const) {
    it(`whose next part a crash left ${name} goes on in a whole one, and keeps what was there`, async (t) => {
      const store = tempStore(t);
      const { id, texts } = await threeParts(store);
      const path = store.layout.logPath(id, 4);
      writeFileSync(path, left);
      assert.equal(readLog(store.layout, id).health, left.length > 0 ? 'torn' : 'ok');
      const writer = openLog(store, id, { partBytesMax });
      await writer.append([userSays('more')]);
      await writer.close();
      const { records, health } = readLog(store.layout, id);
      assert.deepEqual([textsOf(records), health], [[...texts, 'more'], 'ok']);
      if (left.length > 0) assert.ok(readFileSync(writer.tornPath!).equals(left));
    });
  }

  it('keeps a part whose first frame is damaged, and all that is readable in it', async (t) => {
    const store = tempStore(t);
    const { id } = await threeParts(store);
    for (const part of [2, 3]) {
      const path = store.layout.logPath(id, part);
      const bytes = readFileSync(path);
      const [first] = framesOf(bytes);
      writeFileSync(path, zeroed(bytes, 20, 30));
      const { records, health, damage } = readLog(store.layout, id);
      assert.equal(health, 'damaged');
      assert.deepEqual(damage, [{ offsetBytes: 0, lengthBytes: first!.length, reason: 'damaged', framesMissing: 1 }]);
      assert.deepEqual(textsOf(records), ['first', 'second', 'third']);
      assert.deepEqual(readLogBackwards(store.layout, id), records);
      const writer = openLog(store, id, { partBytesMax });
      await writer.append([userSays(`after ${part}`)]);
      await writer.close();
      assert.deepEqual(textsOf(readLog(store.layout, id).records), ['first', 'second', 'third', `after ${part}`]);
      rmSync(store.layout.logPath(id, 4));
      writeFileSync(path, bytes);
    }
  });

  for (const [lost, texts] of [
    [1, ['second', 'third']],
    [2, ['first', 'third']],
  ] as const) {
    it(`gives the other parts when part ${lost} is lost, and says that it is`, async (t) => {
      const store = tempStore(t);
      const { id } = await threeParts(store);
      rmSync(store.layout.logPath(id, lost));
      const { records, health, warnings } = readLog(store.layout, id);
      assert.deepEqual([textsOf(records), health], [[...texts], 'damaged']);
      assert.equal(warnings[0]!.path, store.layout.logPath(id, lost + 1));
      assert.match(warnings[0]!.message, /frames missing/);
      assert.deepEqual(readLogBackwards(store.layout, id), records);
      const writer = openLog(store, id);
      await writer.append([userSays('after')]);
      await writer.close();
      assert.deepEqual(textsOf(readLog(store.layout, id).records), [...texts, 'after']);
    });
  }

  it('gives the parts behind one that was cut short', async (t) => {
    const store = tempStore(t);
    const { id } = await threeParts(store);
    const path = store.layout.logPath(id, 2);
    const frames = framesOf(readFileSync(path));
    truncateSync(path, frames[0]!.length + 5);
    const { records, health, damage } = readLog(store.layout, id);
    assert.deepEqual([textsOf(records), health], [['first', 'third'], 'damaged']);
    assert.equal(
      damage.reduce((sum, { framesMissing }) => sum + framesMissing, 0),
      frames.length - 1,
    );
    assert.deepEqual(readLogBackwards(store.layout, id), records);
  });

  it('does not take up what a rewrite left of an older generation, and moves it out of the way', async (t) => {
    const store = tempStore(t);
    const { id } = await threeParts(store);
    const old = readFileSync(store.layout.logPath(id, 2));
    for (const part of [1, 2, 3]) rmSync(store.layout.logPath(id, part));
    const rewritten = LogWriter.create(
      store.layout,
      newSession(store, { sessionId: id }),
      writerOptions(store),
      NO_LOCK,
    );
    await rewritten.append([userSays('rewritten')]);
    await rewritten.close();
    writeFileSync(store.layout.logPath(id, 2), old);

    const found = readLog(store.layout, id);
    assert.deepEqual([textsOf(found.records), found.health], [['rewritten'], 'ok']);
    const writer = openLog(store, id, { partBytesMax });
    await writer.append([userSays('goes on')]);
    await writer.close();
    assert.deepEqual(textsOf(readLog(store.layout, id).records), ['rewritten', 'goes on']);
    const aside = readdirSync(store.layout.sessionsDir).filter((name) => name.includes('leftover'));
    assert.deepEqual(
      aside.map((name) => readFileSync(join(store.layout.sessionsDir, name)).equals(old)),
      [true],
    );
  });
});

describe('a log that cannot be looked for', () => {
  it('is not called missing', (t) => {
    const store = tempStore(t);
    symlinkSync('sessions', store.layout.sessionsDir);
    assert.throws(() => LogReader.open(store.layout, 'a-session'), { code: 'STORE_UNSAFE' });
  });

  it('is called missing when it is', (t) => {
    const store = tempStore(t);
    assert.throws(() => LogReader.open(store.layout, 'a-session'), {
      code: 'SESSION_NOT_FOUND',
      path: store.layout.logPath('a-session'),
    });
  });

  for (const id of ['../x', '..', 'CON', 'a/b', 'a\\b', 'a\0b', '', 'x'.repeat(300)]) {
    it(`is not looked for under ${JSON.stringify(id.slice(0, 20))}`, (t) => {
      const store = tempStore(t);
      assert.throws(() => LogReader.open(store.layout, id), { code: 'SESSION_ID_INVALID' });
    });
  }

  it('is not waited for behind a pipe, nor read from a folder', async (t) => {
    const store = tempStore(t);
    mkdirSync(store.layout.logPath('a-folder'), { recursive: true });
    assert.throws(() => LogReader.open(store.layout, 'a-folder'), { code: 'STORE_UNSAFE' });
    if (process.platform === 'win32') return;
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [store.layout.logPath('a-pipe')]);
    assert.throws(() => LogReader.open(store.layout, 'a-pipe'), { code: 'STORE_UNSAFE' });
  });
});

async function threeParts(store: TempStore): Promise<{ id: string; texts: string[] }> {
  const session = newSession(store);
  const texts = ['first', 'second', 'third'];
  const writer = createLog(store, session, { partBytesMax });
  for (const text of texts) await writer.append([userSays(text)]);
  await writer.close();
  return { id: session.sessionId, texts };
}
