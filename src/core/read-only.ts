// A session that is to stay as it is: a preference of its own, which no setting can give and which a writer obeys. It
// is a promise among roo's writers, not a lock: who may write to the file can still change it.

import { SessionError } from './errors.ts';
import type { Fold } from './fold.ts';
import type { NewRecord } from './record.ts';

const KEY = 'readOnly';

export function isReadOnly({ config }: Pick<Fold, 'config'>): boolean {
  return config[KEY] === true;
}

/** The record that makes a session read-only, or writable again. */
export function readOnlyRecord(wanted: 'read-only' | 'writable'): NewRecord {
  return { type: 'config', patch: { [KEY]: wanted === 'read-only' ? true : null } };
}

/** A session's preferences without that one: what a copy of it begins with. */
export function writableConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { [KEY]: _readOnly, ...rest } = config;
  return rest;
}

/**
 * Why records may not be written to a session; null when they may. What makes it writable is let through, and so is
 * what was acknowledged in its inbox before.
 */
export function readOnlyRefusal(fold: Fold, records: readonly NewRecord[]): SessionError | null {
  if (!isReadOnly(fold) || records.some(makesWritable) || records.every(isFromInbox)) return null;
  return readOnlyError(fold.session.sessionId);
}

export function readOnlyError(id: string): SessionError {
  return new SessionError('SESSION_READ_ONLY', `session ${id} is read-only`, {
    op: 'write',
    hint: `roo session edit ${id} --writable, or go on in a copy: roo session fork ${id}`,
  });
}

function makesWritable(record: NewRecord): boolean {
  if (record.type !== 'config') return false;
  const patch = record['patch'] as Readonly<Record<string, unknown>>;
  return KEY in patch && patch[KEY] !== true;
}

function isFromInbox(record: NewRecord): boolean {
  return 'inbox' in record;
}
