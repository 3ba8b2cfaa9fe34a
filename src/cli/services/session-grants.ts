// Which tool calls a person on this machine allowed for a session. The session's log says it too, for the record; but a
// log may come from anywhere, and what it says of itself must not make commands run here.

import { join } from 'node:path';
import { SessionError } from '../../core/errors.ts';
import { isLooseObject } from '../../core/loose-values.ts';
import { ensureDirectory, replaceFile } from '../../store/durable-files.ts';
import { readSafely } from '../../store/safe-file.ts';

export class SessionGrants {
  readonly #path: string;
  readonly #folder: string;
  readonly #kept: 'on disk' | 'in memory';
  #inMemory: readonly string[] = [];

  /** Those of an encrypted session are kept `in memory`, and asked for again: they say what was done in it. */
  constructor(stateDir: string, sessionId: string, kept: 'on disk' | 'in memory') {
    this.#folder = join(stateDir, 'grants');
    this.#path = join(this.#folder, `${sessionId}.json`);
    this.#kept = kept;
  }

  /** Rules that were allowed here. Throws CONFIG_INVALID for a file that was changed into something else. */
  rules(): readonly string[] {
    if (this.#kept === 'in memory') return this.#inMemory;
    const bytes = readSafely(this.#path);
    if (bytes === null) return [];
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch {
      value = null; // Told below, with what else it may be.
    }
    const rules = isLooseObject(value) ? value['allow'] : null;
    if (Array.isArray(rules) && rules.every((rule) => typeof rule === 'string')) return rules;
    throw new SessionError('CONFIG_INVALID', `${this.#path} does not list what was allowed`, {
      op: 'read what was allowed',
      path: this.#path,
      hint: 'remove the file; roo will ask again',
    });
  }

  add(rule: string): void {
    const known = this.rules();
    if (known.includes(rule)) return;
    const allow = [...known, rule];
    if (this.#kept === 'in memory') this.#inMemory = allow;
    else {
      ensureDirectory(this.#folder);
      replaceFile(this.#path, Buffer.from(JSON.stringify({ allow })));
    }
  }
}
