import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import path from 'node:path';
import * as fc from 'fast-check';
import { displayPath, projectKey } from '../../src/core/project-path.ts';

const same: [what: string, ...spellings: string[]][] = [
  ['trailing, doubled and pointless parts', '/home/me/app', '/home/me/app/', '/home//me/./app', '/home/me/x/../app'],
  ['drive letters, case and separators', 'C:\\Code\\App', 'c:\\code\\app\\', 'C:/Code/App', '\\\\?\\C:\\Code\\App'],
  ['Windows and WSL', 'D:\\work\\x', '/mnt/d/work/x', '/mnt/d/Work/X/'],
  ['shares', '\\\\server\\share\\p', '\\\\SERVER\\Share\\p\\', '\\\\?\\UNC\\server\\share\\p'],
  [
    'a distribution seen from outside',
    '/home/me/app',
    '\\\\wsl$\\Ubuntu\\home\\me\\app',
    '\\\\wsl.localhost\\Debian\\home\\me\\app\\',
  ],
  ['composed and decomposed letters', '/home/caf\u00e9', '/home/cafe\u0301'],
  ['drives themselves', 'C:\\', 'c:', 'C:/', '/mnt/c', '/mnt/c/'],
];
const different: [what: string, a: string, b: string][] = [
  ['neighbours', '/home/me/app', '/home/me/app2'],
  ['a folder and its parent', '/home/me/app', '/home/me'],
  ['case, on a system that tells it', '/home/me/App', '/home/me/app'],
  ['drives', 'C:\\x', 'D:\\x'],
  ['a backslash that is part of a name', '/home/a\\b', '/home/a/b'],
  ['a share and a folder', '\\\\server\\share', '/server/share'],
  ['relative and absolute', 'app', '/app'],
];

describe('a project folder', () => {
  for (const [what, first, ...others] of same) {
    test(`is the same whatever the spelling: ${what}`, () => {
      for (const other of others) assert.equal(projectKey(other, 'sensitive'), projectKey(first!, 'sensitive'), other);
    });
  }
  for (const [what, a, b] of different) {
    test(`is not another one: ${what}`, () => {
      assert.notEqual(projectKey(a, 'sensitive'), projectKey(b, 'sensitive'));
    });
  }

  test('ignores case where the file system does', () => {
    assert.equal(projectKey('/Users/Me/App', 'insensitive'), projectKey('/users/me/app', 'insensitive'));
  });

  test('that is not known stays unknown', () => {
    assert.equal(projectKey('', 'sensitive'), '');
  });

  test('has one key, and the key is its own', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[\\/:]/.test(text));
    fc.assert(
      fc.property(fc.array(name), fc.constantFrom('sensitive', 'insensitive'), (names, rule) => {
        const posix = projectKey(path.posix.join('/', ...names), rule);
        assert.equal(projectKey(posix, rule), posix);
        const windows = projectKey(path.win32.join('C:\\', ...names), rule);
        assert.equal(projectKey(windows, rule), windows);
      }),
    );
  });
});

describe('a path for people', () => {
  const shown: [path: string, home: string, expected: string][] = [
    ['/home/me/code/app', '/home/me', '~/code/app'],
    ['/home/me', '/home/me/', '~'],
    ['/home/me//a/', '/home/me', '~/a'],
    ['/home/me/x/../b', '/home/me', '~/b'],
    ['/home/meow', '/home/me', '/home/meow'],
    ['/srv/x', '/home/me', '/srv/x'],
    ['/srv/x', '/', '/srv/x'],
    ['/srv/x', '', '/srv/x'],
    ['C:\\Users\\Me\\Code', 'c:\\users\\me', '~\\Code'],
    ['C:/Users/Me/Code', 'c:\\users\\me', '~/Code'],
    ['D:\\x', 'C:\\Users\\Me', 'D:\\x'],
  ];
  for (const [from, home, expected] of shown) {
    test(`shows ${from} at home in ${home || 'no place'} as ${expected}`, () => {
      assert.equal(displayPath(from, home, 'sensitive'), expected);
    });
  }
});
