import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ignorePatterns } from '../../src/workspace/ignore-patterns.ts';
import { ignoreRules } from '../../src/workspace/files/ignore-rules.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

test('patterns are the lines of a file, whatever its line ends, without a byte order mark', () => {
  assert.deepEqual(ignorePatterns('\ufeffdist/\r\n*.log\n!keep.log'), ['dist/', '*.log', '!keep.log']);
});

test('a pattern that could be matched for ever is passed over, and the others hold', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, '.gitignore'), `${'*a'.repeat(30)}b\n*.log\n`);
  const rules = await ignoreRules(folder, []);
  assert.equal(rules.ignores(`${'a'.repeat(200)}c`), false);
  assert.equal(rules.ignores('x.log'), true);
});
