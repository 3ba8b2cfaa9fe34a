// Records as they may be written: without the secrets that stand in them. What must go back to a provider byte for byte
// is not changed but left out where a secret is in it.

import type { Found } from '../../core/redaction/redactor.ts';
import type { MessageRecord, NewRecord, Part, ToolEndRecord } from '../../core/record.ts';
import type { MachineRedactor } from '../../workspace/secrets/machine-redactor.ts';

/** Facts about the log itself. */
const FREE_OF_TEXT: ReadonlySet<string> = new Set(['epoch', 'close', 'head', 'snapshot']);

/** Redacts records one after the other. `report` is told of every secret that was replaced. */
export function redactRecords(
  records: readonly NewRecord[],
  redactor: MachineRedactor,
  report: (found: readonly Found[]) => void,
): NewRecord[] {
  const all: Found[] = [];
  const redacted = records.map((record) => redactRecord(record, redactor, all));
  if (all.length > 0) {
    redactor.remember(all);
    report(all);
  }
  return redacted;
}

function redactRecord(record: NewRecord, redactor: MachineRedactor, all: Found[]): NewRecord {
  if (FREE_OF_TEXT.has(record.type)) return record;
  const deep = <T>(value: T): T => {
    const { value: redacted, found } = redactor.redactJson(value);
    all.push(...found);
    return redacted as T;
  };
  switch (record.type) {
    case 'session':
      // Its ids are ours; the folder, the remote and the file that it came from may be named by anybody.
      return { ...record, project: deep(record.project), origin: deep(record.origin) };
    case 'message':
      return withRaw({ ...record, parts: record.parts.map((part) => redactPart(part, deep)) }, deep);
    case 'tool-end': {
      const { parts, raw, ...rest } = record;
      const end = { ...deep(rest), ...(parts && { parts: parts.map((part) => redactPart(part, deep)) }) };
      return withRaw({ ...end, ...(raw !== undefined && { raw }) }, deep);
    }
    default:
      return deep(record);
  }
}

function redactPart(part: Part, deep: <T>(value: T) => T): Part {
  switch (part.type) {
    case 'thinking': {
      const text = deep(part.text);
      // The signature is of the text that it was; a provider refuses it with another. It may hold a secret itself.
      const isWhole = text === part.text && deep(part.signature) === part.signature;
      return isWhole ? part : { type: 'thinking', text };
    }
    case 'image': {
      // Base64 of pixels is no text; a secret in a picture is not found.
      const { data, ...rest } = part;
      return { ...deep(rest), ...(data !== undefined && { data }) };
    }
    default:
      return deep(part);
  }
}

function withRaw<T extends Pick<MessageRecord | ToolEndRecord, 'raw'> & NewRecord>(
  record: T,
  deep: <V>(value: V) => V,
): NewRecord {
  if (record.raw === undefined || deep(record.raw) === record.raw) return record;
  const { raw: _raw, ...rest } = record;
  return rest as NewRecord;
}
