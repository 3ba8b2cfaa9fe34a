// Canaries in sessions that come from elsewhere: in every text of every kind of document, in what cannot be understood,
// and in large parts. None may stand in any byte below ROO_HOME, nor be left in the temporary folder.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Place } from '../helpers/built-roo.ts';
import { place, roo } from '../helpers/built-roo.ts';
import { Canaries } from '../helpers/canaries.ts';
import { plantedDocuments, plantedLines } from '../helpers/canary-documents.ts';
import { canariesBelow, waysNotTaken } from '../helpers/canary-search.ts';
import { runs } from '../helpers/slow.ts';

const EACH = runs(1, 6);
const AGENTS = join(import.meta.dirname, '..', 'fixtures', 'agents');
/** What every importer keeps. */
const CONVERSATION =
  /broken line|unknown entry|a key|no text|(?:user|assistant)\.message.*(?:text|content)$|payload\.message\.content/;

function imported(at: Place, ...args: string[]): void {
  const { status, stderr } = roo(at, ['session', ...args]);
  assert.ok(status === 0 || status === 5, stderr);
}

function assertClean(at: Place, canaries: Canaries, mustBeKept: RegExp): void {
  const { planted } = canaries;
  assert.deepEqual([...canariesBelow(at.home, planted), ...canariesBelow(at.env['TMPDIR']!, planted)], []);
  const notTaken = waysNotTaken(at.home, planted);
  assert.deepEqual(
    notTaken.filter((way) => mustBeKept.test(way)),
    [],
  );
  assert.ok(notTaken.length < new Set(planted.map(({ way }) => way)).size / 2, notTaken.join('\n'));
  assert.ok(planted.length >= 150);
}

/** Temporary files go where they can be found. */
function placeWithTemporary(t: TestContext): Place {
  const at = place(t);
  at.env['TMPDIR'] = join(at.home, '..', 'tmp');
  mkdirSync(at.env['TMPDIR']);
  return at;
}

test('sessions of other agents come in without their secrets, wherever those stand', (t) => {
  const at = placeWithTemporary(t);
  const canaries = new Canaries(2);
  const user = join(at.home, '..');
  for (const agent of ['claude-code', 'codex', 'gemini-cli']) {
    cpSync(join(AGENTS, agent), user, { recursive: true });
    const files = readdirSync(join(AGENTS, agent), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
    for (const file of files.slice(0, runs(1, 9))) {
      const planted = plantedLines(readFileSync(file, 'utf8'), canaries, agent, EACH);
      writeFileSync(join(user, file.slice(join(AGENTS, agent).length)), planted);
    }
  }
  imported(at, 'discover', '--import');
  imported(at, 'discover', '--import');
  imported(at, 'find', 'test', '--all');
  assertClean(at, canaries, CONVERSATION);
});

test('documents of ours come in without their secrets, their large parts too', async (t) => {
  const at = placeWithTemporary(t);
  const canaries = new Canaries(3);
  const folder = join(at.home, '..', 'documents');
  mkdirSync(folder);
  for (const path of await plantedDocuments(t, canaries, folder, EACH)) {
    imported(at, 'import', path);
    // What was brought in is known again, though it is not as it came.
    if (path.includes('log')) assert.match(roo(at, ['session', 'import', path]).stdout, /unchanged/);
  }
  // A session as a document of format 1 has no place for all of it; what is opaque is left out where it holds a secret.
  assertClean(at, canaries, /^(?:jsonl|log), (?!a signature|raw|a reason)|^(?:gzip|plain)\.history\.messages\.content/);
});
