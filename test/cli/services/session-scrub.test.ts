import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { RedactionDoor } from '../../../src/cli/services/RedactionDoor.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import type { ScrubReport } from '../../../src/cli/types/storage-types.ts';
import { framesOf, junk } from '../../helpers/damage.ts';
import { documentText, storySession } from '../../helpers/format1-documents.ts';
import { leaveMarkedFiles, mark, MARK_PATTERN, marksIn, writeMarkedSession } from '../../helpers/marked-session.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { collected, filesIn, says, shown, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';
import type { TempHome } from '../../helpers/temp-home.ts';

makeSyncingFree();

/** A store that was written without a door, and has one now. */
function scrubbing(home: TempHome, folders: readonly string[] = []): SessionStorage {
  const places = { home: home.home, environment: {}, folders, userFolder: null };
  return home.storage({ door: new RedactionDoor({ ...places, allow: [], patterns: [MARK_PATTERN] }) });
}

/** A closed store whose one session has a word in every place. */
async function markedStore(t: TestContext): Promise<{ home: TempHome; id: string }> {
  const home = tempHome(t);
  const old = home.storage();
  const id = await writeMarkedSession(old);
  await old.close();
  leaveMarkedFiles(old, id);
  return { home, id };
}

async function scrub(
  storage: SessionStorage,
  id: string,
  originals: 'remove' | 'keep' = 'remove',
): Promise<ScrubReport[]> {
  const scrubber = await storage.scrubber();
  const reports: ScrubReport[] = [];
  for (const family of scrubber.families([id])) reports.push(...(await scrubber.scrub(family, originals)));
  return reports;
}

/** Of each word its placeholder. */
async function placeholders(storage: SessionStorage): Promise<(text: string) => string> {
  const redactor = await storage.door!.redactorFor([]);
  return (text) => text.replaceAll(/needlexq[a-z]+zz9/g, (word) => redactor.redactText(word).text);
}

/** All that is read of a session, as JSON. */
async function everythingOf(storage: SessionStorage, id: string): Promise<string> {
  const records = (await collected(storage.records(id))).filter(
    ({ type }) => !['session', 'snapshot', 'close', 'epoch'].includes(type),
  );
  const fold = storage.details(id).fold;
  const { name, description, tags, state, config, tools, head, checkpoints, links, outcome, counts } = fold;
  const all = {
    records,
    shown: await shown(storage, id),
    fold: { name, description, tags, state, config, tools, checkpoints, links, outcome },
    leaf: head.messageId,
    messages: counts.messages,
  };
  return JSON.stringify(all, (key, value: unknown) => (DIFFERENT.has(key) ? undefined : value));
}

/** Places in files, names of large parts and their ends, and what is left out where it cannot be changed. */
const DIFFERENT = new Set(['pointer', 'blob', 'head', 'tail', 'raw', 'signature']);

/** Where a long output is cut depends on the length of what stands in it. */
function parsed(everything: string): unknown {
  return JSON.parse(everything, (key, value: unknown) =>
    key === 'output' && typeof value === 'string' ? value.slice(0, 1000) : value,
  );
}

describe('scrubbing a session with secrets in every place', () => {
  it('leaves none in any byte below the home, and everything else as it was', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const id = await writeMarkedSession(old);
    leaveMarkedFiles(old, id);
    const before = await everythingOf(old, id);
    await old.close();
    const planted = new Set(marksIn(home.home).map((found) => found.slice(found.lastIndexOf(' ') + 1)));
    assert.ok(planted.size > 50, `${planted.size} words`);

    const storage = scrubbing(home);
    const [report] = await scrub(storage, id);
    await storage.close();
    assert.deepEqual(marksIn(home.home), []);
    assert.equal(report!.status, 'scrubbed');
    assert.deepEqual(
      report!.replaced.map(({ rule }) => rule),
      ['mark'],
    );
    assert.ok(report!.replaced[0]!.count > 50);
    assert.equal(report!.blobs, 2);
    assert.equal(report!.removed.length, 8);

    const again = scrubbing(home);
    const replaced = await placeholders(again);
    assert.deepEqual(parsed(await everythingOf(again, id)), parsed(replaced(before)));
    assert.equal((await again.verify(id)).health, 'ok');
    assert.equal((await again.find('say')).sessions[0]?.id, id);
    assert.deepEqual((await again.find(mark('prompt'))).sessions, []);
  });

  it('a second time finds nothing and writes nothing', async (t) => {
    const { home, id } = await markedStore(t);
    const first = scrubbing(home);
    await scrub(first, id);
    await first.close();
    const before = filesIn(home.sessionsDir);
    const processes = filesIn(join(home.home, 'state', 'processes'));
    const [report] = await scrub(scrubbing(home), id);
    assert.deepEqual(report, {
      ...report,
      status: 'clean',
      replaced: [],
      records: 0,
      blobs: 0,
      files: [],
      removed: [],
    });
    assert.deepEqual(report!.remains, []);
    assert.deepEqual(filesIn(home.sessionsDir), before);
    assert.deepEqual(filesIn(join(home.home, 'state', 'processes')), processes);
  });

  it('is told beforehand by a preview that changes nothing', async (t) => {
    const { home, id } = await markedStore(t);
    const storage = scrubbing(home);
    const before = filesIn(home.sessionsDir);
    const scrubber = await storage.scrubber();
    const [preview] = await scrubber.preview([id], 'remove');
    assert.deepEqual(filesIn(home.sessionsDir), before);
    assert.equal(preview!.status, 'found');
    assert.deepEqual(await scrub(storage, id), [{ ...preview, status: 'scrubbed' }]);
  });

  it('shows the output of a background process whole, in one piece and at its place', async (t) => {
    const { home, id } = await markedStore(t);
    const storage = scrubbing(home);
    await scrub(storage, id);
    const folder = join(home.home, 'state', 'processes', id, 'output');
    assert.deepEqual(readdirSync(folder), ['p1.100.log']);
    const replaced = await placeholders(storage);
    assert.equal(
      readFileSync(join(folder, 'p1.100.log'), 'utf8'),
      replaced(`first ${mark('processlog')}\nthen half of needlexqcutzz9 and ${mark('laterlog')}\n`),
    );
  });
});

describe('a family', () => {
  it('is scrubbed together: base, forks and forks of them, also those in the trash', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const id = await writeMarkedSession(old);
    const fork = await old.fork(id, null, null);
    await old.change(fork, [says(`mine ${mark('own')}`)]);
    const forkOfFork = await old.fork(fork, null, null);
    const trashed = await old.fork(id, '2', null);
    await old.trash(trashed, mark('reason'));
    const before = [await textsShown(old, fork), await textsShown(old, forkOfFork)];
    await old.close();
    const storage = scrubbing(home);
    // Named by a fork, whose past is elsewhere.
    const reports = await scrub(storage, forkOfFork);
    assert.deepEqual(reports.map((one) => one.id).toSorted(), [id, fork, forkOfFork, trashed].toSorted());
    assert.deepEqual(
      reports.filter((one) => one.trashed).map((one) => one.id),
      [trashed],
    );
    await storage.close();
    assert.deepEqual(marksIn(home.home), []);
    const again = scrubbing(home);
    const replaced = await placeholders(again);
    const texts = [await textsShown(again, fork), await textsShown(again, forkOfFork)];
    assert.deepEqual(texts, JSON.parse(replaced(JSON.stringify(before))));
    await again.undelete(trashed);
    assert.equal((await textsShown(again, trashed)).length, 2);
    for (const each of [id, fork, forkOfFork, trashed]) assert.equal((await again.verify(each)).health, 'ok');
  });

  it('of another session is left alone', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const [one, two] = [await writeSession(old, [says(mark('one'))]), await writeSession(old, [says(mark('two'))])];
    const storage = scrubbing(home);
    await scrub(storage, one);
    assert.deepEqual(await textsShown(storage, two), [mark('two')]);
    const scrubber = await storage.scrubber();
    assert.deepEqual(scrubber.families('all').toSorted(), [[one], [two]].toSorted());
  });
});

describe('a session that cannot be scrubbed', () => {
  const refused = async (home: TempHome, id: string, code: string, storage = scrubbing(home)): Promise<void> => {
    const before = filesIn(home.sessionsDir);
    await assert.rejects(() => scrub(storage, id), { code });
    assert.deepEqual(filesIn(home.sessionsDir), before);
  };

  it('because it, or a fork of it, is open is refused, and nothing is changed', async (t) => {
    const home = tempHome(t);
    const { manager, storage: old } = home.sessions({ door: null });
    const id = await writeSession(old, [says(mark('prompt'))]);
    const fork = await old.fork(id, null, null);
    const live = await manager.resume(fork);
    await refused(home, id, 'SESSION_IN_USE');
    await live.close();
    assert.equal((await scrub(scrubbing(home), id)).length, 2);
  });

  it('because it is read-only', async (t) => {
    const home = tempHome(t);
    const id = await writeSession(home.storage(), [
      says(mark('prompt')),
      { type: 'config', patch: { readOnly: true } },
    ]);
    await refused(home, id, 'SESSION_READ_ONLY');
  });

  it('because it is damaged; once repaired it is, with the original', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const id = await writeSession(old, [says(mark('prompt'))]);
    for (const text of ['b', 'c', 'd']) await old.change(id, [says(mark(`text${text}`))]);
    const path = old.layout.logPath(id);
    const frames = framesOf(readFileSync(path));
    writeFileSync(path, Buffer.concat(frames.map((frame, at) => (at === 3 ? junk(frame.length) : frame))));
    const storage = scrubbing(home);
    await refused(home, id, 'LOG_DAMAGED', storage);
    await storage.repair(id);
    const [report] = await scrub(storage, id);
    assert.equal(report!.removed.length, 1);
    await storage.close();
    assert.deepEqual(marksIn(home.home), []);
  });

  it('because the store was opened without a door', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    await refused(home, await writeSession(old), 'NOT_SUPPORTED', old);
  });

  it('because there is none of this id', async (t) => {
    const storage = scrubbing(tempHome(t));
    await assert.rejects(() => scrub(storage, 'a1b2c3d4-0000-4000-8000-000000000001'), { code: 'SESSION_NOT_FOUND' });
  });
});

describe('scrubbing', () => {
  it('leaves kept originals where that is wanted, and says so', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const id = await writeMarkedSession(old);
    leaveMarkedFiles(old, id);
    const [report] = await scrub(scrubbing(home), id, 'keep');
    assert.deepEqual(report!.removed, []);
    const torn = join(home.sessionsDir, `session-${id}.torn-1`);
    assert.ok(existsSync(torn) && report!.remains.includes(`the kept original ${torn}`));
  });

  it('goes on where large parts are missing or damaged, and names them', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const id = await writeMarkedSession(old);
    const folder = old.layout.blobDir(id);
    const lost = readdirSync(folder).map((name) => join(folder, name));
    assert.equal(lost.length, 4);
    rmSync(lost[0]!);
    rmSync(lost[1]!);
    const [report] = await scrub(scrubbing(home), id);
    for (const path of lost.slice(0, 2)) {
      assert.ok(report!.remains.includes(`a large part that is missing or damaged: ${path}`));
    }
    assert.equal((await home.storage().verify(id)).recordsDamaged, 2);
    assert.deepEqual(marksIn(home.sessionsDir), []);
  });

  it('finds what stands in the .env of the project that the session is of', async (t) => {
    const home = tempHome(t);
    const project = join(home.folder, 'elsewhere');
    mkdirSync(project);
    const word = ['plain', 'Wq7', 'secret'].join('-');
    writeFileSync(join(project, '.env'), `DB_PASSWORD=${word}\n`);
    const id = await writeSession(home.storage(), [says(`it is ${word}, is it not`)], { project });
    const storage = scrubbing(home);
    await scrub(storage, id);
    assert.match((await textsShown(storage, id))[0]!, /^it is \[REDACTED:[^\]]+\], is it not$/);
  });

  it('brings a document of format 1 over first, and removes the original', async (t) => {
    const home = tempHome(t);
    const id = 'a1b2c3d4-0000-4000-8000-000000000001';
    const story = storySession(id);
    story.name = mark('storyname');
    mkdirSync(home.sessionsDir, { recursive: true, mode: 0o700 });
    writeFileSync(join(home.sessionsDir, `session-${id}.json.gz`), documentText(story), { mode: 0o600 });
    const storage = scrubbing(home);
    const scrubber = await storage.scrubber();
    const [preview] = await scrubber.preview([id], 'remove');
    assert.equal(preview!.status, 'found');
    const [report] = await scrub(storage, id);
    assert.deepEqual(report, { ...preview, status: 'scrubbed' });
    await storage.close();
    assert.deepEqual(marksIn(home.home), []);
  });

  it('makes one file of all parts, and leaves it uncompressed where it was', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const small = { type: 'config' as const, patch: { maxSessionSize: 0.000_5, compressionEnabled: false } };
    const id = await writeSession(old, [small, says(mark('one'))]);
    for (const text of ['two', 'three', 'four']) await old.change(id, [says(`${mark(text)} ${'x'.repeat(600)}`)]);
    assert.ok(readdirSync(home.sessionsDir).filter((name) => name.includes('.part')).length >= 2);
    const storage = scrubbing(home);
    await scrub(storage, id);
    assert.deepEqual(
      readdirSync(home.sessionsDir).filter((name) => name.startsWith('session-')),
      [`session-${id}.json.gz`],
    );
    // Not compressed: its words can be read without unpacking.
    assert.ok(readFileSync(storage.layout.logPath(id)).includes('[REDACTED:mark:'));
    assert.equal((await textsShown(storage, id)).length, 4);
    await storage.close();
    assert.deepEqual(marksIn(home.home), []);
  });

  it('takes what only waits for a session out of the index as well', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const id = await writeSession(old, [says('clean')]);
    leaveMarkedFiles(old, id);
    assert.equal(old.list().sessions[0]!.description, mark('waiting'));
    await old.close();
    const storage = scrubbing(home);
    const [report] = await scrub(storage, id);
    assert.equal(report!.records, 0);
    await storage.close();
    assert.deepEqual(marksIn(home.home), []);
    assert.match(home.storage().list().sessions[0]!.description, /^\[REDACTED:mark:/);
  });

  it('is in the audit log, once for each session that was changed', async (t) => {
    const home = tempHome(t);
    const id = await writeSession(home.storage(), [says(mark('prompt'))]);
    const storage = scrubbing(home);
    await scrub(storage, id);
    await scrub(storage, id);
    const deeds = [...storage.audit.entries(id, () => assert.fail())].map(({ op }) => op);
    assert.deepEqual(deeds, ['create', 'scrub']);
  });

  it('takes words out of the index that could not be taken out exactly', async (t) => {
    const home = tempHome(t);
    const old = home.storage();
    const other = await writeSession(old, [says('another one')]);
    const id = await writeSession(old, [says(mark('prompt')), says('second')]);
    await old.find('another');
    // Written anew by a program that knows nothing of an index: the words in it are no longer those of the log.
    const path = old.layout.logPath(id);
    const stranger = await writeSession(old, [says(mark('changed'))], {
      sessionId: 'a1b2c3d4-0000-4000-8000-000000000002',
    });
    writeFileSync(path, readFileSync(old.layout.logPath(stranger)));
    await old.trash(stranger, '');
    await old.close();
    const storage = scrubbing(home);
    const scrubber = await storage.scrubber();
    for (const family of scrubber.families('all')) await scrubber.scrub(family, 'remove');
    await storage.close();
    assert.deepEqual(marksIn(home.home), []);
    assert.equal((await home.storage().find('another')).sessions[0]?.id, other);
  });
});
