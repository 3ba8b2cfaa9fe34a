// Whether a record from a stranger has the shape that the rest of the program relies on. Records that we wrote need no
// such check; a document can be edited, or made to do harm: a blob's hash becomes a file name.

import { isLooseObject } from './loose-values.ts';
import { isBlobHash } from './record-needs.ts';
import type { Part } from './record.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
const object: Check = isLooseObject;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const orNone =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string);
const fields =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isLooseObject(value) && Object.entries(shape).every(([key, check]) => check(value[key]));

const blobRef: Check = (value) => isLooseObject(value) && isBlobHash(value['hash']) && isByteCount(value['bytes']);
const isByteCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

const PARTS: Readonly<Record<string, Check>> = {
  text: fields({ text }),
  thinking: fields({ text, signature: optional(text) }),
  image: fields({ mediaType: text, data: optional(text), blob: optional(blobRef), path: optional(text) }),
  file: fields({ path: text, mediaType: optional(text), text: optional(text) }),
  'tool-call': fields({ callId: text, name: text, input: text }),
  other: fields({ kind: text }),
};
/** Parts of types that a newer version made up are kept. */
const part: Check = (value) =>
  isPart(value) || (isLooseObject(value) && typeof value['type'] === 'string' && !Object.hasOwn(PARTS, value['type']));
const usage = fields({
  inputTokens: optional(number),
  outputTokens: optional(number),
  cacheReadTokens: optional(number),
  cacheWriteTokens: optional(number),
  reasoningTokens: optional(number),
  cost: optional(number),
});
const link = fields({ sessionId: text, kind: oneOf('continues', 'depends-on', 'related', 'parent') });
const project = fields({ path: text, gitRoot: optional(text), gitRemote: optional(text) });
const state = fields({
  workingDirectory: orNone(text),
  environment: orNone((value) => isLooseObject(value) && Object.values(value).every(text)),
  activeProcesses: orNone(listOf(object)),
  openFiles: orNone(listOf(text)),
  watchedFiles: orNone(listOf(text)),
  mcpConnections: orNone(listOf(object)),
});
const processIdentity = orNull(fields({ bootId: text, pidNamespace: text, startTicks: text }));
const backgroundProcess = fields({
  id: text,
  command: text,
  workingDirectory: text,
  environment: (value) => isLooseObject(value) && Object.values(value).every(text),
  pid: number,
  identity: processIdentity,
  status: oneOf('running', 'exited', 'lost'),
  exitCode: (value) => value === null || number(value),
  startedAt: text,
  endedAt: orNull(text),
  logBytes: number,
});
const fileChange = fields({
  path: text,
  kind: oneOf('added', 'changed', 'deleted', 'renamed'),
  from: optional(text),
});
const fingerprint = fields({ size: number, mtimeMs: number, hash: optional(text) });

const RECORDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  message: {
    parentId: orNone(text),
    role: oneOf('user', 'assistant', 'system'),
    parts: listOf(part),
    model: optional(text),
    usage: optional(usage),
    durationMs: optional(number),
    stop: optional(oneOf('interrupted', 'length', 'refused', 'failed')),
  },
  partial: { messageId: text, parentId: orNull(text), kind: oneOf('text', 'thinking'), text },
  process: { process: backgroundProcess },
  watch: { changes: listOf(fileChange) },
  'tool-start': {
    callId: text,
    name: text,
    input: text,
    messageId: optional(text),
    process: optional(fields({ pid: number, identity: processIdentity })),
  },
  'tool-output': { callId: text, text },
  'tool-end': {
    callId: text,
    status: oneOf('ok', 'error', 'interrupted', 'denied'),
    output: optional(text),
    parts: optional(listOf(part)),
    blob: optional(blobRef),
    head: optional(text),
    tail: optional(text),
    exitCode: optional(number),
    durationMs: optional(number),
  },
  'tool-state': { toolName: text, lastUsed: optional(text), usageCount: optional(number) },
  context: { context: fields({ model: optional(text), systemPrompt: optional(text), tools: optional(Array.isArray) }) },
  state: { patch: state },
  files: {
    files: fields({
      watchedDirectories: optional(listOf(text)),
      ignorePatterns: optional(listOf(text)),
      lastScanTime: optional(text),
      fingerprints: optional((value) => isLooseObject(value) && Object.values(value).every(fingerprint)),
    }),
  },
  checkpoint: { description: text, messageId: orNull(text), commit: optional(text) },
  head: { messageId: orNull(text) },
  meta: {
    name: optional(text),
    description: optional(text),
    status: optional(oneOf('active', 'paused', 'completed', 'aborted')),
    outcome: optional(text),
    addTags: optional(listOf(text)),
    removeTags: optional(listOf(text)),
    addLinks: optional(listOf(link)),
    removeLinks: optional(listOf(link)),
    archived: optional(flag),
    project: optional(project),
  },
  config: { patch: object },
  compaction: {
    summary: text,
    messageId: text,
    firstKeptId: orNone(text),
    tokensBefore: optional(number),
    usage: optional(usage),
  },
  custom: { kind: text },
  quarantine: { reason: text, text: optional(text), recordId: optional(text), blob: optional(blobRef) },
  session: { sessionId: text, project, origin: fields({ kind: text, agent: text }) },
};

/** Null for a record that can be taken in; else what is wrong with it, in a few words. */
export function checkRecord(value: unknown): string | null {
  if (!isLooseObject(value)) return 'not a JSON object';
  const { type, spilled } = value;
  if (typeof type !== 'string') return 'a record without a type';
  if (spilled !== undefined && !blobRef(spilled)) return `a ${type} record that names no blob of ours`;
  // Of a type that a newer version made up nothing is known but that it is kept.
  const shape = Object.hasOwn(RECORDS, type) ? RECORDS[type]! : {};
  for (const [key, check] of Object.entries(shape)) {
    // The line of a spilled record has its long values cut; the whole is checked where it is read.
    if (!check(value[key])) return `a ${type} record without a usable ${key}`;
  }
  return null;
}

/** True for a part of a message in one of our own forms. */
export function isPart(value: unknown): value is Part {
  if (!isLooseObject(value) || typeof value['type'] !== 'string') return false;
  return Object.hasOwn(PARTS, value['type']) && PARTS[value['type']]!(value);
}
