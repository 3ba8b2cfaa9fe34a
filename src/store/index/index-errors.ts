// What a failure of the index means for the answer. None of them is the user's concern: a damaged index is made anew,
// a busy or unwritable one is worked around, and only then is anything said.

/** Thrown by our own checks where SQLite saw nothing wrong. */
export class IndexDamaged extends Error {}

/** The file cannot be made: a read-only home, a full disk, somebody else's folder. */
export class IndexUnwritable extends Error {}

export type IndexTrouble = 'damaged' | 'busy' | 'unusable';

const CORRUPT_CODES: ReadonlySet<number> = new Set([
  1, // "no such table" and the like: somebody else's schema
  11, // SQLITE_CORRUPT
  19, // a constraint that our own writes keep
  24, // SQLITE_FORMAT
  26, // SQLITE_NOTADB
]);
const BUSY_CODES: ReadonlySet<number> = new Set([5, 6]);

/** The kind of trouble, or null when the error is not about the index at all. */
export function indexTrouble(error: unknown): IndexTrouble | null {
  if (error instanceof IndexDamaged) return 'damaged';
  if (error instanceof IndexUnwritable) return 'unusable';
  const { code, errcode } = error as { code?: string; errcode?: number };
  if (code !== 'ERR_SQLITE_ERROR' || errcode === undefined) return null;
  const primary = errcode & 0xff;
  if (CORRUPT_CODES.has(primary)) return 'damaged';
  return BUSY_CODES.has(primary) ? 'busy' : 'unusable';
}
