// A fork that is encrypted has a past of its own: what is sealed with the key of one session is never read with that of
// another, so that either can be shared, or its key destroyed, without the other.

import type { NewRecord } from '../../core/record.ts';
import type { StoredRecord } from '../../store/blob-transfer.ts';
import { BlobTransfer, wholeRecord } from '../../store/blob-transfer.ts';
import type { LogWriter } from '../../store/log-writer.ts';

const BATCH_RECORDS = 100;

/** Appends a past, oldest first, and takes its large parts along. Those that are lost go on being named. */
export async function appendPast(writer: LogWriter, past: Iterable<StoredRecord>): Promise<void> {
  const transfer = new BlobTransfer({ to: writer.blobs, onFault: () => undefined });
  let batch: NewRecord[] = [];
  for (const stored of past) {
    await transfer.take(stored);
    batch.push(transfer.moved((wholeRecord(stored) ?? stored.record) as NewRecord));
    if (batch.length < BATCH_RECORDS) continue;
    await writer.append(batch);
    batch = [];
  }
  if (batch.length > 0) await writer.append(batch);
}
