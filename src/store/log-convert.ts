// Writes a session's log anew together with its large parts: with other words in it, or for another store. First the
// parts, so that they are durable before the log that names them takes the old one's place.

import { systemError } from '../core/errors.ts';
import type { LogRecord, NewRecord } from '../core/record.ts';
import type { BlobFault, StoredRecord, TransferOptions } from './blob-transfer.ts';
import { BlobTransfer } from './blob-transfer.ts';
import { LogReader } from './log-reader.ts';
import type { Rewritten, RewriteOptions } from './log-rewrite.ts';
import { rewriteLog } from './log-rewrite.ts';
import type { StoreLayout } from './store-layout.ts';

export interface ConvertOptions
  extends Pick<RewriteOptions, 'clock' | 'level' | 'session' | 'cipher'>, TransferOptions {
  /** The past of a fork that is to stand alone; asked for twice. */
  past?: () => Iterable<StoredRecord>;
  /** Records as they are to stand in the new log, with the large parts that they name still under their old names. */
  change?: (record: LogRecord) => NewRecord;
}

export interface Converted extends Rewritten {
  /** Parts that could not be taken along. */
  faults: BlobFault[];
}

/**
 * Rewrites a session's log in place, with large parts in `to`. The caller holds its lock, and frees afterwards what
 * nothing names any more. Cut short, the session is as it was, and `to` may hold parts that nothing names yet.
 */
export async function convertLog(layout: StoreLayout, id: string, options: ConvertOptions): Promise<Converted> {
  const { to: blobs, past, change = (record) => record as NewRecord, onFault, filter, ...rest } = options;
  const faults: BlobFault[] = [];
  const transfer = new BlobTransfer({
    to: blobs,
    ...(filter && { filter }),
    ...(onFault && {
      onFault(fault) {
        faults.push(fault);
        onFault(fault);
      },
    }),
  });
  try {
    for (const each of recordsOf(layout, id, past)) await transfer.take(each);
    await takePartials(layout, id, transfer);
    const rewritten = rewriteLog(layout, id, {
      ...rest,
      blobs,
      ...(past && { past: past() }),
      change: (record) => transfer.moved(change(record)),
    });
    return { ...rewritten, faults };
  } catch (error) {
    throw systemError(error, 'rewrite', layout.logPath(id));
  }
}

/** Outputs that a crash cut short: no record names them but by their call. */
async function takePartials(layout: StoreLayout, id: string, transfer: BlobTransfer): Promise<void> {
  const reader = LogReader.open(layout, id);
  try {
    for (const callId of Object.keys(reader.fold().openCalls)) await transfer.takePartial(callId, reader.blobs, null);
  } finally {
    reader.close();
  }
}

function* recordsOf(layout: StoreLayout, id: string, past: ConvertOptions['past']): Generator<StoredRecord> {
  if (past) yield* past();
  const reader = LogReader.open(layout, id);
  try {
    const { blobs } = reader;
    for (const item of reader.forwards()) {
      if ('damage' in item) continue;
      // Snapshots are made anew, and what only they name with them.
      for (const record of reader.records(item)) if (record.type !== 'snapshot') yield { record, blobs };
    }
  } finally {
    reader.close();
  }
}
