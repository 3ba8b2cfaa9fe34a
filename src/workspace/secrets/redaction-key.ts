// The local key of the placeholders' tags: equal secrets look equal on this machine, and nobody who has only the log can
// try out what a tag may stand for.

import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SessionError, systemError } from '../../core/errors.ts';

const KEY_BYTES = 32;
const TAG_DIGITS = 16;

/** Keyed hash of a value, for `makeRedactor`. Makes the key where there is none yet. */
export function tagger(home: string): (value: string) => string {
  const key = keyIn(home);
  return (value) => createHmac('sha256', key).update(value).digest('hex').slice(0, TAG_DIGITS);
}

function keyIn(home: string): Buffer {
  const path = join(home, 'state', 'redaction.key');
  for (;;) {
    try {
      const key = readFileSync(path);
      if (key.length === KEY_BYTES) return key;
      throw new SessionError('STORE_UNREADABLE', `${path} is no key`, {
        op: 'read',
        path,
        hint: 'remove it; a new one is made, and secrets get other tags from then on',
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw systemError(error, 'read', path);
    }
    make(path);
  }
}

/** Whoever is first wins; the others read what that one made. */
function make(path: string): void {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(beside, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx', flush: true });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'write', path);
  }
}
