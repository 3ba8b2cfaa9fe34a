// What there is to know of a session from its log, as plain JSON: the measure of the frozen stores.

import { LogReader } from '../../src/store/log-reader.ts';
import type { OpenBase } from '../../src/store/message-walk.ts';
import { walkMessages } from '../../src/store/message-walk.ts';
import type { StoreLayout } from '../../src/store/store-layout.ts';
import { describeWalked } from './walks.ts';

/** Long texts are told by their length and their ends. */
const TEXT_CHARACTERS_MAX = 200;

export function describeSession(layout: StoreLayout, id: string): unknown {
  const openBase: OpenBase = (base) => LogReader.open(layout, base);
  const reader = openBase(id);
  try {
    const records: unknown[] = [];
    for (const item of reader.forwards()) {
      if ('damage' in item) continue;
      for (const record of reader.records(item)) {
        // Snapshots are derived: what they are for is the fold.
        records.push(record.type === 'snapshot' ? { type: 'snapshot', id: record.id } : reader.blobs.unspill(record));
      }
    }
    const fold = reader.fold();
    const branch = Array.from(walkMessages(reader, fold.head.messageId, openBase), describeWalked);
    const { health, damage, parts } = reader;
    const spans = damage.map(({ part, offsetBytes, lengthBytes, reason, framesMissing }) => ({
      part,
      offsetBytes,
      lengthBytes,
      reason,
      framesMissing,
    }));
    return shortened(JSON.parse(JSON.stringify({ health, parts, spans, branch, fold, records })));
  } finally {
    reader.close();
  }
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') {
    if (value.length <= TEXT_CHARACTERS_MAX) return value;
    return `${value.slice(0, 20)}…(${value.length} characters)…${value.slice(-20)}`;
  }
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shortened(item)]));
}
