import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changedSince, fingerprintsOf, openFilesAfter } from '../../src/workspace/open-files.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

test('the file named last stands last, once, and those not named for long are dropped', () => {
  assert.deepEqual(openFilesAfter(['a', 'b', 'c'], ['b', 'd', 'b']), ['a', 'c', 'd', 'b']);
  const many = Array.from({ length: 150 }, (_, i) => `f${i}`);
  assert.deepEqual(openFilesAfter([], many), many.slice(50));
});

test('fingerprints survive the log, and files as they were have not changed', async (t) => {
  const folder = tempFolder(t);
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), name);
  const prints = await fingerprintsOf(['a', 'b', 'missing', '.'], folder);
  assert.deepEqual(Object.keys(prints), ['a', 'b']);
  assert.match(prints['a']!.hash!, /^[0-9a-f]{64}$/);
  assert.deepEqual(await changedSince(JSON.parse(JSON.stringify(prints)), folder), []);
});

const CHANGES: [what: string, change: (path: string) => void, kind: string | null][] = [
  ['other text of another length', (path) => writeFileSync(path, 'longer'), 'changed'],
  [
    'other text of the same length',
    (path) => {
      writeFileSync(path, 'NEW');
      utimesSync(path, 1, 2);
    },
    'changed',
  ],
  ['the same text, touched', (path) => utimesSync(path, 1, 2), null],
  ['nothing there', (path) => rmSync(path), 'deleted'],
  [
    'a folder in its place',
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    'unreadable',
  ],
  [
    'a pipe in its place',
    (path) => {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
    'unreadable',
  ],
];
for (const [what, change, kind] of CHANGES) {
  test(`since it was seen: ${what}`, async (t) => {
    const folder = tempFolder(t);
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    const prints = await fingerprintsOf(['a'], folder);
    change(path);
    assert.deepEqual(await changedSince(prints, folder), kind === null ? [] : [{ path: 'a', kind }]);
  });
}

test('a file named __proto__ is a file', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, '__proto__'), 'x');
  const prints = await fingerprintsOf(['__proto__'], folder);
  assert.deepEqual(Object.keys(prints), ['__proto__']);
  rmSync(join(folder, '__proto__'));
  assert.deepEqual(await changedSince(prints, folder), [{ path: '__proto__', kind: 'deleted' }]);
});
