// The preference `encryptionEnabled` among changes of a session. It cannot be noted like the others: it says what the
// session's file is, and only writing that anew changes it.

import type { NewRecord } from '../../core/record.ts';

const KEY = 'encryptionEnabled';

/** What the changes ask for; null when they say nothing of it. */
export function encryptionWish(records: readonly NewRecord[]): 'encrypted' | 'plain' | null {
  const patch = records.findLast((record) => record.type === 'config' && KEY in record.patch) as
    | (NewRecord & { patch: Readonly<Record<string, unknown>> })
    | undefined;
  if (!patch || patch.patch[KEY] === null) return null;
  return patch.patch[KEY] === true ? 'encrypted' : 'plain';
}

/** The other changes. */
export function withoutWish(records: readonly NewRecord[]): NewRecord[] {
  return records.flatMap((record): NewRecord[] => {
    if (record.type !== 'config') return [record];
    const { [KEY]: _wish, ...patch } = record.patch;
    return Object.keys(patch).length > 0 ? [{ ...record, patch }] : [];
  });
}
