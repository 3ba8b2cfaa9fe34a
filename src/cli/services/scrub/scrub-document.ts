// A session that is still a document of format 1, looked through without being brought over: for a preview, which
// changes nothing. Scrubbing brings it over first.

import type { NewRecord } from '../../../core/record.ts';
import { BlobStore } from '../../../store/blob-store.ts';
import { documentRecords, foldOfDocument } from '../../../store/format1-source.ts';
import { freePath } from '../../../store/log-recover.ts';
import type { StoreLayout } from '../../../store/store-layout.ts';
import type { MachineRedactor } from '../../../workspace/secrets/machine-redactor.ts';
import { redactRecords } from '../record-redaction.ts';
import type { LogLook } from './scrub-log.ts';
import type { ScrubTally } from './scrub-tally.ts';

export function lookThroughDocument(
  layout: StoreLayout,
  id: string,
  redactor: MachineRedactor,
  tally: ScrubTally,
): LogLook {
  const path = layout.logPath(id);
  const records = new Set<string>();
  for (const record of documentRecords(path, id).records) {
    const before = tally.total;
    redactRecords([record as NewRecord], redactor, (found) => tally.add(found));
    if (tally.total > before) records.add(record.id);
  }
  const nothing = {
    found: new Set<string>(),
    named: new Set<string>(),
    lost: new Map<string, string>(),
    session: {},
    hasPictures: false,
  };
  const fold = foldOfDocument(path, id);
  const blobs = new BlobStore(layout.blobDir(id));
  // The original that bringing it over will keep.
  const leftovers = [freePath(path.replace(/\.json\.gz$/, '.format1'))];
  return { ...nothing, records, fold, blobs, parts: [path], leftovers };
}
