import assert from 'node:assert/strict';
import { matchesGlob } from 'node:path';
import { test } from 'node:test';
import { array, assert as assertProperty, constantFrom, property } from 'fast-check';
import { pathGlob } from '../../../src/workspace/tools/path-glob.ts';
import { runs } from '../../helpers/slow.ts';

const CASES: [glob: string, fits: string[], fitsNot: string[]][] = [
  ['*.ts', ['a.ts', 'x/y/a.ts', '.ts'], ['a.tsx', 'a.ts/b']],
  ['src/*.ts', ['src/a.ts'], ['a/src/a.ts', 'src/x/a.ts']],
  ['/src/*.ts', ['src/a.ts'], ['x/src/a.ts']],
  ['./src/*.ts', ['src/a.ts'], ['x/src/a.ts']],
  ['src/**/*.{js,ts}', ['src/a.js', 'src/x/y/a.ts'], ['src/a.md', 'a.ts']],
  ['**/test/**', ['test/a', 'x/test/y/z'], ['tests/a']],
  ['{a,b{c,d}}', ['a', 'bc', 'bd'], ['b', 'c']],
  ['{a}', ['{a}'], ['a']],
  ['[a-c]?[!0-9]', ['b1x', 'cé_'], ['d1x', 'b12']],
  ['\\*', ['*'], ['a']],
  ['a[', ['a['], ['a']],
  ['é?', ['é👍'], ['é']],
];
for (const [glob, fits, fitsNot] of CASES) {
  test(`the pattern ${glob} fits what a shell would say`, () => {
    const matcher = pathGlob(glob)!;
    for (const path of fits) assert.ok(matcher(path), path);
    for (const path of fitsNot) assert.ok(!matcher(path), path);
  });
}

test('a pattern with very many stars is decided at once on a long name', () => {
  assert.equal(pathGlob(`${'*a'.repeat(500)}b`)!('a'.repeat(4000)), false);
  assert.equal(pathGlob(`${'**/a/'.repeat(200)}b`)!('a/'.repeat(1000)), false);
});

test('braces that stand for too many patterns are refused', () => {
  assert.equal(pathGlob('{a,b}'.repeat(20)), null);
});

test('patterns of stars, letters and slashes mean what they mean to Node', () => {
  const glob = array(constantFrom('a', 'b', '*', '?', '/', '**/'), { minLength: 1, maxLength: 6 }).map(
    (parts) => `a/${parts.join('')}`,
  );
  const path = array(constantFrom('a', 'b', '/a', '/b'), { maxLength: 6 }).map((parts) => `a/b${parts.join('')}`);
  assertProperty(
    property(glob, path, (pattern, name) => {
      // Node takes a name's last slash, and two in a row, for more than we do.
      if (/\/$|\/\/|\*\*\*|[^/]\*\*|\*\*[^/]/.test(pattern)) return;
      assert.equal(pathGlob(pattern)!(name), matchesGlob(name, pattern), `${pattern} on ${name}`);
    }),
    { numRuns: runs(300, 5000) },
  );
});
