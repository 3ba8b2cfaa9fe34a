// The age of the distribution, so that what we write is read by somebody else's code and the other way round.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The reason to skip a test where there is no age; false where there is. */
export const NO_AGE: string | false = spawnSync('age', ['--version']).status === 0 ? false : 'age is not installed';

/** What `age` answers to these words, given the bytes. Throws with its own words when it fails. */
export function age(words: readonly string[], input: Uint8Array | string): Buffer {
  const { status, stdout, stderr } = spawnSync('age', words, { input });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

/** `age -d` with a bare identity. */
export function ageOpens(file: Uint8Array, identity: string, folder: string): Buffer {
  const path = join(folder, 'foreign-identity.txt');
  writeFileSync(path, `${identity}\n`, { mode: 0o600 });
  return age(['-d', '-i', path], file);
}
