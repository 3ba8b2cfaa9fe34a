// What readers rely on in a record, checked before it is written and after it is read: a state record without a patch
// must be refused at the door, not found in the log by every later opening.

import type { LogRecord } from './record.ts';

type Fields = Record<string, unknown>;
type Check = (record: Fields) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isNothing = (value: unknown): value is undefined => value === undefined;
const isListOf = (value: unknown, check: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(check);
const textOrNothing = (value: unknown): boolean => isText(value) || isNothing(value);
const textOrNull = (value: unknown): boolean => isText(value) || value === null;

const isPointer = (value: unknown): boolean =>
  isObject(value) && isNumber(value.part) && isNumber(value.offset) && isNumber(value.seq);
const isLink = (value: unknown): boolean => isObject(value) && isText(value.sessionId) && isText(value.kind);
const isBlob = (value: unknown): boolean => isObject(value) && isBlobHash(value.hash) && isNumber(value.bytes);

/** By part type; parts of other types are kept as they are. */
const PARTS: Readonly<Record<string, Check>> = {
  text: ({ text }) => isText(text),
  thinking: ({ text }) => isText(text),
  file: ({ path, text }) => isText(path) && textOrNothing(text),
  'tool-call': ({ callId, name, input }) => isText(callId) && isText(name) && isText(input),
};

const isPart = (value: unknown): boolean =>
  isObject(value) && isText(value.type) && (ownCheck(PARTS, value.type)?.(value) ?? true);

/** By record type, what its name alone does not say; records of other types are kept as they are. */
const RECORDS: Readonly<Record<string, { needs: string; check: Check }>> = {
  session: {
    needs: 'a format, the ids of the session, its generation and its family, a project and an origin',
    check: ({ format, sessionId, generation, family, project, origin, base }) =>
      isNumber(format) &&
      [sessionId, generation, family].every(isText) &&
      isObject(project) &&
      isText(project.path) &&
      isObject(origin) &&
      (isNothing(base) || (isObject(base) && [base.sessionId, base.messageId].every(isText) && isPointer(base.at))),
  },
  message: {
    needs: 'a role, parts and a parent or null',
    check: ({ parentId, role, parts }) => isText(role) && textOrNull(parentId) && isListOf(parts, isPart),
  },
  'tool-start': { needs: 'a call', check: ({ callId }) => isText(callId) },
  'tool-output': { needs: 'a call and a text', check: ({ callId, text }) => isText(callId) && isText(text) },
  'tool-end': {
    needs: 'a call and a status; its output is a text',
    check: ({ callId, status, output }) => isText(callId) && isText(status) && textOrNothing(output),
  },
  'tool-state': { needs: 'a tool', check: ({ toolName }) => isText(toolName) },
  context: { needs: 'a context', check: ({ context }) => isObject(context) },
  state: { needs: 'a patch', check: ({ patch }) => isObject(patch) },
  config: { needs: 'a patch', check: ({ patch }) => isObject(patch) },
  files: { needs: 'files', check: ({ files }) => isObject(files) },
  checkpoint: { needs: 'a description', check: ({ description }) => isText(description) },
  head: {
    needs: 'a message or null, and its place or null',
    check: ({ messageId, pointer }) => textOrNull(messageId) && (pointer === null || isPointer(pointer)),
  },
  meta: {
    needs: 'texts, and lists of tags and links',
    check: (meta) =>
      ['name', 'description', 'status', 'outcome'].every((key) => textOrNothing(meta[key])) &&
      ['addTags', 'removeTags'].every((key) => isNothing(meta[key]) || isListOf(meta[key], isText)) &&
      ['addLinks', 'removeLinks'].every((key) => isNothing(meta[key]) || isListOf(meta[key], isLink)),
  },
  compaction: { needs: 'a message', check: ({ messageId }) => isText(messageId) },
  epoch: { needs: 'a number', check: ({ epoch }) => isNumber(epoch) },
};

/** Says what is wrong with a record; null when readers can rely on it. */
export function recordFault(value: unknown): string | null {
  if (!isObject(value) || ![value.type, value.id, value.at].every(isText)) return 'a record needs type, id and at';
  const { type, spilled } = value as Fields & LogRecord;
  if (!isNothing(spilled) && !isBlob(spilled)) return `a ${type} record names no blob where it says it was spilled`;
  const known = ownCheck(RECORDS, type);
  return known && !known.check(value) ? `a ${type} record needs ${known.needs}` : null;
}

/** True for the hex SHA-256 that a blob's file is named by. Nothing else may become part of a path. */
export function isBlobHash(value: unknown): value is string {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

/** A type may have the name of something that every object inherits. */
function ownCheck<T>(table: Readonly<Record<string, T>>, type: string): T | undefined {
  return Object.hasOwn(table, type) ? table[type] : undefined;
}
