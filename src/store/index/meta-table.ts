// Single values the index remembers about itself.

import type { DatabaseSync } from 'node:sqlite';
import { statement } from './statements.ts';

interface MetaValues {
  /** Identity and change time of the sessions folder when its names were last compared; '' when it must be read. */
  folder: string;
  /** Digest of those names. */
  names: string;
  /** Next free ordinal of a text. */
  ordinal: number;
  /** Ordinal up to which the pieces are filled. */
  filled: number;
  /** Texts whose words are still in the full-text tables though their session is gone. */
  orphans: number;
}

const INITIAL: MetaValues = { folder: '', names: '', ordinal: 0, filled: 0, orphans: 0 };

export function getMeta<Key extends keyof MetaValues>(database: DatabaseSync, key: Key): MetaValues[Key] {
  const row = statement(database, 'SELECT value FROM meta WHERE key = ?').get(key);
  return (row?.['value'] as MetaValues[Key] | undefined) ?? INITIAL[key];
}

export function setMeta<Key extends keyof MetaValues>(database: DatabaseSync, key: Key, value: MetaValues[Key]): void {
  statement(database, 'INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)').run(key, value);
}
