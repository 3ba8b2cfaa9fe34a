// Whether a record from a stranger has the shape that the rest of the program relies on. Records that we wrote need no
// such check; a document can be edited, or made to do harm: a blob's hash becomes a file name.

import { isLooseObject } from './loose-values.ts';
import { isBlobHash } from './record-needs.ts';
import type { Part } from './record.ts';
import type { Check } from './shape-check.ts';
import {
  fields,
  isCount,
  isFlag,
  isNumber,
  isText,
  listOf,
  oneOf,
  optional,
  orNone,
  orNull,
  tableOf,
} from './shape-check.ts';

const blobRef: Check = (value) => isLooseObject(value) && isBlobHash(value['hash']) && isCount(value['bytes']);

const PARTS: Readonly<Record<string, Check>> = {
  text: fields({ text: isText }),
  thinking: fields({ text: isText, signature: optional(isText) }),
  image: fields({ mediaType: isText, data: optional(isText), blob: optional(blobRef), path: optional(isText) }),
  file: fields({ path: isText, mediaType: optional(isText), text: optional(isText) }),
  'tool-call': fields({ callId: isText, name: isText, input: isText }),
  other: fields({ kind: isText }),
};
/** Parts of types that a newer version made up are kept. */
const part: Check = (value) =>
  isPart(value) || (isLooseObject(value) && typeof value['type'] === 'string' && !Object.hasOwn(PARTS, value['type']));
const usage = fields({
  inputTokens: optional(isNumber),
  outputTokens: optional(isNumber),
  cacheReadTokens: optional(isNumber),
  cacheWriteTokens: optional(isNumber),
  reasoningTokens: optional(isNumber),
  cost: optional(isNumber),
});
const link = fields({ sessionId: isText, kind: oneOf('continues', 'depends-on', 'related', 'parent') });
const project = fields({ path: isText, gitRoot: optional(isText), gitRemote: optional(isText) });
const state = fields({
  workingDirectory: orNone(isText),
  environment: orNone(tableOf(isText)),
  activeProcesses: orNone(listOf(isLooseObject)),
  openFiles: orNone(listOf(isText)),
  watchedFiles: orNone(listOf(isText)),
  mcpConnections: orNone(listOf(isLooseObject)),
});
const processIdentity = orNull(fields({ bootId: isText, pidNamespace: isText, startTicks: isText }));
const backgroundProcess = fields({
  id: isText,
  command: isText,
  workingDirectory: isText,
  environment: tableOf(isText),
  pid: isNumber,
  identity: processIdentity,
  status: oneOf('running', 'exited', 'lost'),
  exitCode: orNull(isNumber),
  startedAt: isText,
  endedAt: orNull(isText),
  logBytes: isNumber,
});
const fileChange = fields({
  path: isText,
  kind: oneOf('added', 'changed', 'deleted', 'renamed'),
  from: optional(isText),
});
const fingerprint = fields({ size: isNumber, mtimeMs: isNumber, hash: optional(isText) });

const RECORDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  message: {
    parentId: orNone(isText),
    role: oneOf('user', 'assistant', 'system'),
    parts: listOf(part),
    model: optional(isText),
    usage: optional(usage),
    durationMs: optional(isNumber),
    stop: optional(oneOf('interrupted', 'length', 'refused', 'failed')),
  },
  partial: { messageId: isText, parentId: orNull(isText), kind: oneOf('text', 'thinking'), text: isText },
  process: { process: backgroundProcess },
  watch: { changes: listOf(fileChange) },
  'tool-start': {
    callId: isText,
    name: isText,
    input: isText,
    messageId: optional(isText),
    process: optional(fields({ pid: isNumber, identity: processIdentity })),
  },
  'tool-output': { callId: isText, text: isText },
  'tool-end': {
    callId: isText,
    status: oneOf('ok', 'error', 'interrupted', 'denied'),
    output: optional(isText),
    parts: optional(listOf(part)),
    blob: optional(blobRef),
    head: optional(isText),
    tail: optional(isText),
    exitCode: optional(isNumber),
    durationMs: optional(isNumber),
  },
  'tool-state': { toolName: isText, lastUsed: optional(isText), usageCount: optional(isNumber) },
  context: {
    context: fields({ model: optional(isText), systemPrompt: optional(isText), tools: optional(Array.isArray) }),
  },
  state: { patch: state },
  files: {
    files: fields({
      watchedDirectories: optional(listOf(isText)),
      ignorePatterns: optional(listOf(isText)),
      lastScanTime: optional(isText),
      fingerprints: optional(tableOf(fingerprint)),
    }),
  },
  checkpoint: { description: isText, messageId: orNull(isText), commit: optional(isText) },
  head: { messageId: orNull(isText) },
  meta: {
    name: optional(isText),
    description: optional(isText),
    status: optional(oneOf('active', 'paused', 'completed', 'aborted')),
    outcome: optional(isText),
    addTags: optional(listOf(isText)),
    removeTags: optional(listOf(isText)),
    addLinks: optional(listOf(link)),
    removeLinks: optional(listOf(link)),
    archived: optional(isFlag),
    project: optional(project),
  },
  config: { patch: isLooseObject },
  compaction: {
    summary: isText,
    messageId: isText,
    firstKeptId: orNone(isText),
    tokensBefore: optional(isNumber),
    usage: optional(usage),
  },
  custom: { kind: isText },
  quarantine: { reason: isText, text: optional(isText), recordId: optional(isText), blob: optional(blobRef) },
  session: { sessionId: isText, project, origin: fields({ kind: isText, agent: isText }) },
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
