// docs/errors.md against the code, both ways.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT_MEANINGS, exitCodeOf } from '../src/cli/exit-codes.ts';
import { ERROR_CODES } from '../src/core/errors.ts';
import type { ErrorCode } from '../src/core/errors.ts';

const DOCUMENT = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

interface Row {
  meaning: string;
  exit: number;
  advice: string;
}
const rows = new Map<string, Row>();
for (const [, code, meaning, exit, advice] of DOCUMENT.matchAll(/^\| `(\w+)` \| (.+?) \| (\d+) \| (.+?) \|$/gm)) {
  assert.ok(!rows.has(code!), `${code} stands there twice`);
  rows.set(code!, { meaning: meaning!, exit: Number(exit), advice: advice! });
}

test('docs/errors.md lists exactly the codes that there are', () => {
  assert.deepEqual([...rows.keys()].sort(), Object.keys(ERROR_CODES).sort());
});

for (const [code, meaning] of Object.entries(ERROR_CODES) as [ErrorCode, string][]) {
  test(`${code} is documented with its meaning, its exit code and what to do`, () => {
    const row = rows.get(code);
    assert.equal(row?.meaning, meaning);
    assert.equal(row?.exit, exitCodeOf(code));
    assert.match(row?.advice ?? '', /\w{3}/);
  });
}

test('docs/errors.md explains the exit codes as the help pages do', () => {
  const documented = [...DOCUMENT.matchAll(/^\| (\d+) \| (.+?) \|$/gm)].map(([, exit, meaning]) => [exit, meaning]);
  assert.deepEqual(documented, Object.entries(EXIT_MEANINGS));
});
