// An answer that a crash cut short: its recorded pieces as the message that it would have been.

import type { Fold } from '../../../core/fold.ts';
import type { MessageRecord, PartialRecord, Part } from '../../../core/record.ts';
import type { LogReader } from '../../../store/log-reader.ts';

/** Null where no answer was being written when the log ended. */
export function interruptedAnswer(reader: LogReader, fold: Fold): MessageRecord | null {
  const open = fold.openAnswer;
  if (!open) return null;
  const parts: Part[] = [];
  for (const item of reader.forwards(open.at)) {
    if ('damage' in item) continue;
    for (const record of reader.records(item)) {
      if (record.type !== 'partial' || (record as PartialRecord).messageId !== open.messageId) continue;
      const { kind, text } = reader.blobs.unspill(record) as PartialRecord;
      const last = parts.at(-1);
      if (last?.type === kind) last.text += text;
      else parts.push({ type: kind, text });
    }
  }
  const { messageId: id, parentId, startedAt: at } = open;
  return { type: 'message', id, at, parentId, role: 'assistant', parts, stop: 'interrupted' };
}
