// Sessions that were written before there was a door, scrubbed by the command as people run it.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import type { ScrubReport } from '../../src/cli/types/storage-types.ts';
import { place, roo, shown } from '../helpers/built-roo.ts';
import { leaveMarkedFiles, MARK_PATTERN, marksIn, writeMarkedSession } from '../helpers/marked-session.ts';
import { filesIn } from '../helpers/temp-home.ts';

test('every place of the home is clean afterwards, a fork and the trash too, and a second time there is nothing to do', async (t) => {
  const at = place(t);
  mkdirSync(at.home, { mode: 0o700 });
  const patterns = [`${MARK_PATTERN.name}=${MARK_PATTERN.source}`];
  writeFileSync(join(at.home, 'config.json'), JSON.stringify({ 'redaction.patterns': patterns }), { mode: 0o600 });
  const storage = new SessionStorage({ home: at.home, version: '0.0.0' });
  const id = await writeMarkedSession(storage, at.cwd);
  const fork = await storage.fork(id, null, null);
  const trashed = await storage.fork(id, '2', null);
  await storage.trash(trashed, '');
  await storage.close();
  leaveMarkedFiles(storage, id);
  copyFileSync(join(at.sessions, `session-${id}.json.gz`), join(at.sessions, `session-${id} (1).json.gz`));
  assert.ok(marksIn(at.home).length > 60);

  assert.equal(roo(at, ['session', 'scrub', '--all']).status, 2);
  const before = filesIn(at.sessions);
  const reportsOf = (words: string[]): ScrubReport[] => {
    const { stdout, stderr, status } = roo(at, ['session', 'scrub', ...words, '-f', 'json']);
    assert.equal(status, 0, stderr);
    return (JSON.parse(stdout) as { data: { scrubbed: ScrubReport[] } }).data.scrubbed;
  };
  const preview = reportsOf(['--all', '--dry-run']);
  assert.deepEqual(filesIn(at.sessions), before);
  assert.deepEqual(preview.map((one) => one.id.slice(0, 36)).toSorted(), [id, id, fork, trashed].toSorted());

  // Named by one of the family, while another one is open.
  const holding = new SessionStorage({ home: at.home, version: '0.0.0' });
  await holding.writers.open(fork);
  assert.equal(roo(at, ['session', 'scrub', id, '--yes']).status, 4);
  await holding.close();

  const done = reportsOf([id, '--yes']);
  for (const { status, removed } of done) assert.ok(status === 'scrubbed' && removed.length >= 0);
  assert.deepEqual(marksIn(at.home), []);
  assert.equal(shown(at, id).length, 6);
  assert.ok(reportsOf(['--all', '--yes']).every(({ status, removed }) => status === 'clean' && removed.length === 0));
  assert.equal(roo(at, ['session', 'verify', '--all']).status, 0);
});
