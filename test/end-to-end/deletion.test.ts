// After a session was deleted for good, no byte below ROO_HOME may tell a word of it: it had one in every place that
// roo keeps anything in.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import type { Place } from '../helpers/built-roo.ts';
import { ended, place, roo, rooAsync, shown, start } from '../helpers/built-roo.ts';
import { leaveMarkedFiles, mark, marksIn, writeMarkedSession } from '../helpers/marked-session.ts';
import { filesIn } from '../helpers/temp-home.ts';

interface Marked {
  at: Place;
  /** Another version of the first one, that, one with a process, one whose project others have checkpoints of too. */
  ids: string[];
  /** A session without marks. */
  staying: string;
}

/** A home with sessions that have words in every place, and one that has none. */
async function marked(t: Parameters<typeof place>[0]): Promise<Marked> {
  const at = place(t);
  const { home } = at;
  const storage = new SessionStorage({ home, version: '0.0.0' });
  const id = await writeMarkedSession(storage, join(at.cwd, '..', mark('projectfolder')));
  const shared = await writeMarkedSession(storage, at.cwd);
  const staying = await writeMarkedSession(storage, at.cwd, (place_) => `word${place_}`);
  await storage.archive(shared);
  await storage.close();
  const project = join(at.cwd, '..', mark('projectfolder'));
  mkdirSync(project);
  // A real background process, and real checkpoints: of a project of its own, and of one that is shared.
  const inProject = { ...at, cwd: project };
  writeFileSync(join(project, `${mark('filename')}.txt`), mark('filecontent'));
  const worked = await rooAsync(inProject, [], `!echo ${mark('background')} | cat; sleep 0.1 &\n`);
  assert.equal(worked.status, 0, worked.stderr);
  said(roo(withSession(inProject, id), ['session', 'checkpoint', mark('checkpointwords')]));
  writeFileSync(join(at.cwd, 'a.txt'), 'for all');
  said(roo(withSession(at, staying), ['session', 'checkpoint', 'first']));
  writeFileSync(join(at.cwd, 'a.txt'), mark('sharedcontent'));
  said(roo(withSession(at, shared), ['session', 'checkpoint', mark('sharedwords')]));
  await wait(500);
  leaveMarkedFiles(storage, id);
  copyFileSync(join(at.sessions, `session-${id}.json.gz`), join(at.sessions, `session-${id} (1).json.gz`));
  const listed = JSON.parse(said(roo(at, ['session', 'list', '--all', '-f', 'json']))) as {
    data: { sessions: { id: string }[] };
  };
  const { id: working } = listed.data.sessions.find((one) => ![id, staying].includes(one.id.slice(0, 36)))!;
  const copy = listed.data.sessions.find((one) => one.id.startsWith(`${id}~`))!;
  said(roo(at, ['session', 'find', 'say', '--all']));
  // Other sessions folders had an index here once.
  copyFileSync(storage.layout.indexPath, join(home, 'state', 'index-0123abcd.db'));
  return { at, ids: [copy.id, id, working, shared], staying };
}

function withSession(at: Place, id: string): Place {
  return { ...at, env: { ...at.env, ROO_SESSION: id } };
}

function said({ stdout, stderr, status }: ReturnType<typeof roo>): string {
  assert.equal(status, 0, stderr);
  return stdout;
}

function assertGone({ at, ids, staying }: Marked): void {
  assert.deepEqual(marksIn(at.home), []);
  for (const id of ids) {
    // The audit log says that it was, and nothing of it.
    const named = [...filesIn(at.home).keys()].filter((path) => path.includes(id));
    assert.deepEqual(named, []);
    assert.deepEqual(
      readdirSync(join(at.home, 'state', 'locks'), { recursive: true }).filter((path) => String(path).includes(id)),
      [],
    );
  }
  assert.equal(roo(at, ['session', 'verify', staying]).status, 0);
  assert.equal(shown(at, staying).length, 6);
  assert.match(roo(at, ['session', 'find', 'wordprompt', '--all']).stdout, new RegExp(staying));
  assert.match(roo(at, ['session', 'checkpoints', staying]).stdout, /first/);
  assert.equal(existsSync(join(at.sessions, 'blobs', staying)), true);
}

test('deleted for good while lists and searches run, a session leaves no word in any byte below the home', async (t) => {
  const all = await marked(t);
  const { at, ids } = all;
  const planted = new Set(marksIn(at.home).map((found) => found.slice(found.lastIndexOf(' ') + 1)));
  assert.ok(planted.size > 65, `${planted.size} words`);
  for (const place of ['projectfolder', 'filecontent', 'filename', 'background', 'checkpointwords', 'sharedcontent'])
    assert.ok(planted.has(mark(place)), place);
  const looking = ['list', 'find'].map(async (verb) => {
    const words = verb === 'list' ? ['session', 'list', '--all'] : ['session', 'find', mark('prompt'), '--all'];
    for (let round = 0; round < 4; round++) {
      const child = start(at, words);
      child.stdout.resume();
      assert.equal(await ended(child), 0);
    }
  });
  const { stdout, status, stderr } = await rooAsync(at, [
    'session',
    'delete',
    ...ids,
    '--purge',
    '--yes',
    '-f',
    'json',
  ]);
  assert.equal(status, 0, stderr);
  const { deleted } = (JSON.parse(stdout) as { data: { deleted: { id: string; remains: string[] }[] } }).data;
  assert.deepEqual(
    deleted.map((one) => one.id),
    ids,
  );
  for (const { remains } of deleted) assert.ok(remains.some((reason) => reason.includes('backups')));
  await Promise.all(looking);
  assertGone(all);
});

test('deleted and pruned it leaves none either, and the answer says what could remain', async (t) => {
  const all = await marked(t);
  const { at, ids } = all;
  said(roo(at, ['session', 'delete', ...ids]));
  const pruned = said(roo(at, ['session', 'prune', '--all', '--yes', '-f', 'json']));
  const { data } = JSON.parse(pruned) as { data: { pruned: { id: string }[]; remains: string[] } };
  assert.equal(data.pruned.length, ids.length);
  assert.ok(data.remains.some((reason) => reason.includes('SSD')));
  assertGone(all);
});
