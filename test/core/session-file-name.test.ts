import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { describe, it } from 'node:test';
import {
  assertSessionId,
  isSessionId,
  parseSessionFileName,
  sessionFileName,
} from '../../src/core/session-file-name.ts';

const ID = '3f2a9c1b-7d11-4c4e-9d1f-aaaaaaaaaaaa';

describe('the name of a session’s file', () => {
  it('is the story’s for the first part, and says its number for the others', () => {
    assert.equal(sessionFileName(ID), `session-${ID}.json.gz`);
    assert.equal(sessionFileName(ID, 12), `session-${ID}.part12.json.gz`);
    for (const part of [1, 2, 9, 10, 123_456]) {
      assert.deepEqual(parseSessionFileName(sessionFileName(ID, part)), { kind: 'log', id: ID, part });
    }
  });

  for (const name of [
    `session-${ID}.json`,
    `session-${ID}.json.gz.tmp`,
    `session-${ID}.torn-1`,
    `session-${ID}.lock`,
    `session-${ID}.inbox`,
    `session-${ID}.part1.json.gz`,
    `session-${ID}.part02.json.gz`,
    `session-${ID}.part1234567.json.gz`,
    `Session-${ID}.json.gz`,
    `session-.json.gz`,
    `session-../x.json.gz`,
    `session-a\0b.json.gz`,
    `session-con.json.gz`,
    `session-LPT1.json.gz`,
    `session-${'x'.repeat(65)}.json.gz`,
    'metadata.json',
    '',
  ]) {
    it(`is not ${JSON.stringify(name.slice(0, 60))}`, () => {
      assert.equal(parseSessionFileName(name), null);
    });
  }
});

describe('a copy that a syncer or a person made of a session’s file', () => {
  for (const name of [
    `session-${ID}.json (1).gz`,
    `session-${ID}.json (Anna's conflicted copy 2026-01-01).gz`,
    `session-${ID} (conflicted copy).json.gz`,
    `session-${ID}.json copy.gz`,
    `session-${ID} copy 2.json.gz`,
    `session-${ID}.json - Copy.gz`,
    `session-${ID}.json - Copy (2).gz`,
    `session-${ID} - Copy.json.gz`,
    `session-${ID}.json.sync-conflict-20260101-120000-ABCDEFG.gz`,
    `session-${ID}.sync-conflict-20260101-120000-ABCDEFG.json.gz`,
    `session-${ID}.json-DESKTOP-1A2B3C.gz`,
  ]) {
    it(`is seen in ${name}, with an id of its own that is an id`, () => {
      const found = parseSessionFileName(name);
      assert.equal(found?.kind, 'conflict');
      assert.equal((found as { of: string }).of, ID);
      assert.ok(isSessionId(found!.id));
      assert.ok(found!.id.startsWith(`${ID}~`));
    });
  }

  it('is told from another copy of the same session', () => {
    const [one, two] = [1, 2].map((n) => parseSessionFileName(`session-${ID}.json (${n}).gz`)!.id);
    assert.notEqual(one, two);
    assert.equal(parseSessionFileName(`session-${ID}.json (1).gz`)!.id, one);
  });
});

describe('the id of a session', () => {
  const bad = [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    'a\0b',
    'a b',
    '-a',
    '_a',
    'CON',
    'nul',
    'com1',
    'é',
    'a~b',
    'x'.repeat(65),
  ];

  for (const text of [ID, 'a', '0', 'A-b_9', 'console', 'x'.repeat(64), `${ID}~0123abcd`]) {
    it(`may be ${text.slice(0, 40)}, which leads nowhere else on any system`, () => {
      assert.equal(isSessionId(text), true);
      assert.doesNotThrow(() => assertSessionId(text, 'open'));
      for (const { join, dirname, basename } of [posix, win32]) {
        const path = join('folder', sessionFileName(text));
        assert.equal(dirname(path), 'folder');
        assert.equal(basename(path), sessionFileName(text));
      }
    });
  }

  for (const text of [...bad, 'x'.repeat(300)]) {
    it(`may not be ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.equal(isSessionId(text), false);
      assert.throws(() => assertSessionId(text, 'open'), { code: 'SESSION_ID_INVALID', op: 'open' });
    });
  }

  it('that is refused is shown cut and escaped', () => {
    assert.throws(
      () => assertSessionId('x\u001b'.repeat(200), 'open'),
      (error: Error) => {
        assert.ok(error.message.length < 600 && !error.message.includes('\u001b'));
        return true;
      },
    );
  });
});
