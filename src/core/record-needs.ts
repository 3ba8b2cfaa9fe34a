// What folding and walking rely on in a record: checked before it is written and after it is read. A state record
// without a patch must be refused at the door, not trip every later opening of the session.

import type { LogRecord } from './record.ts';

type Fields = Record<string, unknown>;
type Check = (fields: Fields) => boolean;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNothing = (value: unknown): boolean => value === undefined;
const isNumber = (value: unknown): boolean => Number.isFinite(value);
/** Places, sizes and numbers of frames: what a file can be read at. */
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, check: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(check);
const textOrNothing = (value: unknown): boolean => isText(value) || isNothing(value);
const textOrNull = (value: unknown): boolean => isText(value) || value === null;
const listOrNothing = (value: unknown, check: (item: unknown) => boolean): boolean =>
  isNothing(value) || isListOf(value, check);

const isPointer = (value: unknown): boolean => isObject(value) && [value.part, value.offset, value.seq].every(isCount);
const isLink = (value: unknown): boolean => isObject(value) && isText(value.sessionId) && isText(value.kind);
const blobOrNothing = (value: unknown): boolean =>
  isNothing(value) || (isObject(value) && isBlobHash(value.hash) && isCount(value.bytes));
const isProject = (value: unknown): boolean => isObject(value) && isText(value.path);
const isOrigin = (value: unknown): boolean =>
  isObject(value) && [value.kind, value.agent, value.sessionId].every(textOrNothing);
const baseOrNothing = (value: unknown): boolean =>
  isNothing(value) || (isObject(value) && isText(value.sessionId) && isText(value.messageId) && isPointer(value.at));

/** By part type; parts of other types are kept as they are. */
const PARTS: Readonly<Record<string, Check>> = {
  text: ({ text }) => isText(text),
  thinking: ({ text }) => isText(text),
  file: ({ path, text }) => isText(path) && textOrNothing(text),
  image: ({ data, blob }) => textOrNothing(data) && blobOrNothing(blob),
  'tool-call': ({ callId, name, input }) => isText(callId) && isText(name) && isText(input),
};

const isPart = (value: unknown): boolean =>
  isObject(value) && isText(value.type) && (ownValue(PARTS, value.type as string)?.(value) ?? true);

const isProcess = (value: unknown): boolean =>
  isObject(value) && [value.id, value.command, value.status].every(isText) && isNumber(value.pid);

/** By record type; records of other types are kept as they are. */
const RECORDS: Readonly<Record<string, { needs: string; check: Check }>> = {
  session: {
    needs: 'a format, the ids of the session, its generation and its family, a project and an origin',
    check: ({ format, sessionId, generation, family, project, origin, base }) =>
      isNumber(format) &&
      [sessionId, generation, family].every(isText) &&
      isProject(project) &&
      isOrigin(origin) &&
      baseOrNothing(base),
  },
  message: {
    needs: 'a role, parts, and a parent or null',
    check: ({ parentId, role, parts, model }) =>
      isText(role) && textOrNull(parentId) && isListOf(parts, isPart) && textOrNothing(model),
  },
  'tool-start': { needs: 'a call', check: ({ callId }) => isText(callId) },
  'tool-output': { needs: 'a call and a text', check: ({ callId, text }) => isText(callId) && isText(text) },
  'tool-end': {
    needs: 'a call and a status, and as output a text or a blob',
    check: ({ callId, status, output, blob, head, tail, parts }) =>
      isText(callId) &&
      isText(status) &&
      [output, head, tail].every(textOrNothing) &&
      blobOrNothing(blob) &&
      listOrNothing(parts, isPart),
  },
  partial: {
    needs: 'the message it is a piece of, its parent or null, and a text',
    check: ({ messageId, parentId, kind, text }) => [messageId, kind, text].every(isText) && textOrNull(parentId),
  },
  process: {
    needs: 'a process with its id, command, pid and status',
    check: ({ process: one }) => isProcess(one),
  },
  watch: {
    needs: 'changes, each of a path',
    check: ({ changes }) => isListOf(changes, (change) => isObject(change) && [change.path, change.kind].every(isText)),
  },
  'tool-state': {
    needs: 'a tool, and as its use a time and a count',
    check: ({ toolName, lastUsed, usageCount }) =>
      isText(toolName) && textOrNothing(lastUsed) && (isNothing(usageCount) || isNumber(usageCount)),
  },
  context: {
    needs: 'a context, its model a text',
    check: ({ context }) => isObject(context) && textOrNothing(context.model),
  },
  state: { needs: 'a patch', check: ({ patch }) => isObject(patch) },
  config: { needs: 'a patch', check: ({ patch }) => isObject(patch) },
  files: { needs: 'files', check: ({ files }) => isObject(files) },
  checkpoint: {
    needs: 'a description, a message or null, and as commit a text',
    check: ({ description, messageId, commit }) =>
      isText(description) && (textOrNull(messageId) || isNothing(messageId)) && textOrNothing(commit),
  },
  head: {
    needs: 'a message or null, and its place or null',
    check: ({ messageId, pointer }) => textOrNull(messageId) && (pointer === null || isPointer(pointer)),
  },
  meta: {
    needs: 'texts, lists of tags and links, and a project with a path',
    check: ({ name, description, status, outcome, addTags, removeTags, addLinks, removeLinks, archived, project }) =>
      [name, description, status, outcome].every(textOrNothing) &&
      (isNothing(archived) || typeof archived === 'boolean') &&
      (isNothing(project) || isProject(project)) &&
      [addTags, removeTags].every((tags) => listOrNothing(tags, isText)) &&
      [addLinks, removeLinks].every((links) => listOrNothing(links, isLink)),
  },
  compaction: {
    needs: 'a message, and a summary that is a text',
    check: ({ messageId, summary }) => isText(messageId) && textOrNothing(summary),
  },
  quarantine: { needs: 'a reason', check: ({ reason, blob }) => isText(reason) && blobOrNothing(blob) },
  epoch: { needs: 'a number of 32 bits', check: ({ epoch }) => isCount(epoch) && (epoch as number) <= 0xffff_ffff },
};

/** Names of blobs are made of nothing else, so that none can lead out of its folder. */
export function isBlobHash(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** Says what is missing from a record; null when readers can rely on it. */
export function recordFault(value: unknown): string | null {
  if (!isObject(value) || ![value.type, value.id, value.at].every(isText)) return 'a record needs type, id and at';
  const { type, spilled } = value as Fields & LogRecord;
  if (!blobOrNothing(spilled)) return `a ${type} record names no blob where it says it was spilled`;
  const known = ownValue(RECORDS, type);
  return known && !known.check(value) ? `a ${type} record needs ${known.needs}` : null;
}

/** A type may have the name of something that every object inherits. */
function ownValue<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
