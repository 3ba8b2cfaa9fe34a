// A change of a session that another process holds: left in its inbox, for the holder to take in. What waits there is
// taken in whatever it is, so it is judged before it is put there.

import type { Clock } from '../../core/clock.ts';
import { readOnlyRefusal } from '../../core/read-only.ts';
import type { NewRecord } from '../../core/record.ts';
import { putIntoInbox, readInbox } from '../../store/inbox.ts';
import { LogReader } from '../../store/log-reader.ts';
import { foldWithInbox } from '../../store/log-source.ts';
import type { StoreLayout } from '../../store/store-layout.ts';

/** Durable when it returns. Throws SESSION_READ_ONLY, and SESSION_IN_USE for records that cannot wait. */
export function leaveInInbox(layout: StoreLayout, id: string, records: readonly NewRecord[], clock: Clock): void {
  const inbox = readInbox(layout, id);
  const reader = LogReader.open(layout, id);
  try {
    const refusal = readOnlyRefusal(foldWithInbox(reader, inbox), records);
    if (refusal) throw refusal;
    putIntoInbox(layout, id, records, clock, reader.cipher);
  } finally {
    reader.close();
  }
}
