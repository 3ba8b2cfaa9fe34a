// docs/config.md against the table of settings, both ways.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CONFIG_KEYS } from '../src/cli/config/config-keys.ts';

const DOCUMENT = readFileSync(new URL('../docs/config.md', import.meta.url), 'utf8');
const rows = [...DOCUMENT.matchAll(/^\| `([a-z]\w*(?:\.\w+)?)` \| (.+?) \| (.*?) ?\| (.+) \|$/gm)].map(
  ([, key, , standard, text]) => ({ key: key!, standard: standard!, text: text! }),
);

test('docs/config.md lists exactly the settings that there are, in their order', () => {
  assert.deepEqual(
    rows.map((row) => row.key),
    CONFIG_KEYS.map((entry) => entry.key),
  );
});

for (const [i, entry] of CONFIG_KEYS.entries()) {
  test(`${entry.key} is documented with its default, its variable, and whether a session may have its own`, () => {
    const { standard, text } = rows[i]!;
    assert.equal(standard, entry.default === null ? '' : String(entry.default));
    assert.equal(text.includes('*session*'), entry.perSession !== undefined);
    if (entry.variable !== undefined) assert.ok(text.includes(`\`${entry.variable}\``));
  });
}
