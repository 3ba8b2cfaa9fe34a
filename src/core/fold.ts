// The state of a session after its records: everything but the messages. A snapshot is a fold written down, so this
// shape is part of the format; add fields, never change the meaning of one.

import type {
  BackgroundProcess,
  CheckpointRecord,
  Context,
  Files,
  Link,
  LogRecord,
  MetaRecord,
  Pointer,
  Project,
  SessionRecord,
  StartedProcess,
  State,
  Status,
  Usage,
} from './record.ts';
import { isKnown } from './record.ts';
import { oneLine, promptText } from './message-text.ts';
import { emptyState, settleState } from './state-shape.ts';

export const FOLD_VERSION = 1;
/** Gaps between records longer than this are pauses and do not count as working time. */
const PAUSE_MS = 5 * 60_000;
const PROMPT_CHARACTERS_MAX = 300;
const APPLIED_MAX = 256;
/** Background processes that ended and are still listed. */
const ENDED_PROCESSES_MAX = 50;
/** Earlier compactions that a rewind can go back to without sending the whole conversation. */
const COMPACTIONS_MAX = 100;

/** A value that is replaced whole; where it is large, a snapshot keeps only the place of the record that set it. */
export interface Slot<T> {
  value?: T;
  at?: Pointer;
}

export interface FoldedTool {
  configuration?: unknown;
  cache?: unknown;
  lastUsed: string;
  usageCount: number;
}

/** A tool call without an end: interrupted, if no writer is at work. */
export interface OpenCall {
  name: string;
  input: string;
  at: string;
  /** What it waits for. */
  process?: StartedProcess;
}

export interface Compacted {
  messageId: string;
  at: Pointer;
}

export interface Fold {
  version: typeof FOLD_VERSION;
  session: SessionRecord;
  name?: string;
  description?: string;
  status: Status;
  outcome?: string;
  tags: string[];
  links: Link[];
  archived: boolean;
  project: Project;
  createdAt: string;
  updatedAt: string;
  durationMs: number;
  head: { messageId: string | null; pointer: Pointer | null };
  state: State;
  config: Record<string, unknown>;
  tools: Record<string, FoldedTool>;
  context: Slot<Context>;
  files: Slot<Files>;
  checkpoints: CheckpointRecord[];
  compaction?: Compacted;
  /** Those before it, oldest first: a rewind may go back to where one of them was the last. */
  earlierCompactions?: Compacted[];
  model?: string;
  firstPrompt?: string;
  lastPrompt?: string;
  counts: { records: number; messages: number; prompts: number; toolCalls: number; quarantined: number };
  usage: Required<Usage>;
  openCalls: Record<string, OpenCall>;
  /** An answer whose pieces are recorded and whose message is not: interrupted, if no writer is at work. */
  openAnswer?: { messageId: string; parentId: string | null; startedAt: string; at: Pointer };
  epoch: number;
  closed: boolean;
  /** Inbox entries already taken in, so that a crash between taking in and removing does not apply one twice. */
  applied: string[];
}

/** The fold of a log that has only its first record. */
export function emptyFold(session: SessionRecord): Fold {
  return {
    version: FOLD_VERSION,
    session,
    status: 'active',
    tags: [],
    links: [],
    archived: false,
    project: session.project,
    createdAt: session.at,
    updatedAt: session.at,
    durationMs: 0,
    head: { messageId: session.base?.messageId ?? null, pointer: session.base?.at ?? null },
    state: emptyState(session),
    config: {},
    tools: {},
    context: {},
    files: {},
    checkpoints: [],
    counts: { records: 0, messages: 0, prompts: 0, toolCalls: 0, quarantined: 0 },
    usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, cost: 0 },
    openCalls: {},
    epoch: 0,
    closed: false,
    applied: [],
  };
}

/** Records whose whole value the fold holds: where one was spilled, its blob must be read to apply it. */
export const FOLDED_WHOLE: ReadonlySet<string> = new Set(['context', 'files', 'tool-state', 'state', 'config', 'meta']);

/** Records that say something about the log itself: they are not activity of the session. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['session', 'snapshot', 'epoch', 'close']);

/** Applies one record, in place. `at` is the frame that holds it. Unknown records count and change nothing else. */
export function applyRecord(fold: Fold, record: LogRecord, at: Pointer): void {
  if (record.type === 'snapshot') return; // Derived: counting it would make the fold depend on where snapshots fall.
  if (!BOOKKEEPING.has(record.type)) {
    fold.counts.records++;
    touch(fold, record.at);
    fold.closed = false;
    if (typeof (record as { inbox?: unknown }).inbox === 'string') rememberApplied(fold, record.id);
  }
  if (!isKnown(record)) return;
  switch (record.type) {
    case 'session':
      fold.session = record;
      break;
    case 'message':
      fold.head = { messageId: record.id, pointer: at };
      delete fold.openAnswer;
      fold.counts.messages++;
      if (record.model !== undefined) fold.model = record.model;
      if (record.usage) addUsage(fold.usage, record.usage);
      for (const part of record.parts) {
        if (part.type !== 'tool-call') continue;
        fold.counts.toolCalls++;
        setOwn(fold.openCalls, part.callId, {
          name: part.name,
          input: oneLine(part.input, PROMPT_CHARACTERS_MAX),
          at: record.at,
        });
        useTool(fold, part.name, record.at);
      }
      if (record.role === 'user') {
        fold.counts.prompts++;
        const text = oneLine(promptText(record), PROMPT_CHARACTERS_MAX);
        if (text !== '') {
          fold.firstPrompt ??= text;
          fold.lastPrompt = text;
        }
      }
      break;
    case 'tool-end':
      delete fold.openCalls[record.callId];
      break;
    case 'partial':
      if (fold.openAnswer?.messageId === record.messageId) break;
      fold.openAnswer = { messageId: record.messageId, parentId: record.parentId, startedAt: record.at, at };
      break;
    case 'process':
      fold.state.activeProcesses = withProcess(fold.state.activeProcesses, record.process);
      break;
    case 'tool-state': {
      const tool = toolNamed(fold, record.toolName, record.at);
      if ('configuration' in record) tool.configuration = record.configuration;
      if ('cache' in record) tool.cache = record.cache;
      if (record.lastUsed !== undefined) tool.lastUsed = record.lastUsed;
      if (record.usageCount !== undefined) tool.usageCount = record.usageCount;
      break;
    }
    case 'context':
      fold.context = { value: record.context, at };
      if (record.context?.model !== undefined) fold.model = record.context.model;
      break;
    case 'files':
      fold.files = { value: record.files, at };
      break;
    case 'state':
      applyPatch(fold.state, record.patch);
      settleState(fold.state, fold.session);
      break;
    case 'config':
      applyPatch(fold.config, record.patch);
      break;
    case 'checkpoint':
      fold.checkpoints.push(record);
      break;
    case 'head':
      fold.head = { messageId: record.messageId, pointer: record.pointer };
      delete fold.openAnswer;
      break;
    case 'meta':
      applyMeta(fold, record);
      break;
    case 'compaction':
      if (fold.compaction)
        fold.earlierCompactions = [...(fold.earlierCompactions ?? []), fold.compaction].slice(-COMPACTIONS_MAX);
      fold.compaction = { messageId: record.messageId, at };
      if (record.usage) addUsage(fold.usage, record.usage);
      break;
    case 'quarantine':
      fold.counts.quarantined++;
      break;
    case 'epoch':
      fold.epoch = record.epoch;
      fold.closed = false;
      break;
    case 'close':
      fold.closed = true;
      break;
    case 'tool-start':
      if (record.process && Object.hasOwn(fold.openCalls, record.callId))
        fold.openCalls[record.callId]!.process = record.process;
      break;
    case 'tool-output':
    case 'watch':
    case 'custom':
      break;
  }
}

/** Advances the time of the last change. A clock that went back never moves it back. */
function touch(fold: Fold, at: string): void {
  const gapMs = Date.parse(at) - Date.parse(fold.updatedAt);
  if (!(gapMs > 0)) return;
  if (gapMs <= PAUSE_MS) fold.durationMs += gapMs;
  fold.updatedAt = at;
}

function useTool(fold: Fold, name: string, at: string): void {
  const tool = toolNamed(fold, name, at);
  tool.usageCount++;
  tool.lastUsed = at;
}

function toolNamed(fold: Fold, name: string, at: string): FoldedTool {
  if (!Object.hasOwn(fold.tools, name)) setOwn(fold.tools, name, { lastUsed: at, usageCount: 0 });
  return fold.tools[name]!;
}

/** What is no number (another client's figure, or one with more digits than a number has) is left out of the sum. */
function addUsage(total: Required<Usage>, usage: Usage): void {
  for (const key of Object.keys(total) as (keyof Usage)[]) {
    const value = usage[key];
    if (Number.isFinite(value)) total[key] += value!;
  }
}

/** The list with one process new or changed; of those that ended only the newest stay. */
function withProcess(known: readonly BackgroundProcess[], changed: BackgroundProcess): BackgroundProcess[] {
  const all = known.some(({ id }) => id === changed.id)
    ? known.map((one) => (one.id === changed.id ? changed : one))
    : [...known, changed];
  const ended = all.filter(({ status }) => status !== 'running');
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - ENDED_PROCESSES_MAX)));
  return all.filter((one) => !dropped.has(one));
}

/** Names come from models and tools: `__proto__` is one like any other. */
function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function applyPatch(target: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete target[key];
    else setOwn(target, key, value);
  }
}

function applyMeta(fold: Fold, meta: MetaRecord): void {
  if (meta.name !== undefined) fold.name = meta.name;
  if (meta.description !== undefined) fold.description = meta.description;
  if (meta.status !== undefined) fold.status = meta.status;
  if (meta.outcome !== undefined) fold.outcome = meta.outcome;
  if (meta.archived !== undefined) fold.archived = meta.archived;
  if (meta.project !== undefined) fold.project = meta.project;
  const gone = new Set(meta.removeTags);
  fold.tags = [...new Set([...fold.tags, ...(meta.addTags ?? [])])].filter((tag) => !gone.has(tag));
  for (const link of meta.addLinks ?? []) if (!fold.links.some((have) => sameLink(have, link))) fold.links.push(link);
  fold.links = fold.links.filter((have) => !meta.removeLinks?.some((link) => sameLink(have, link)));
}

function sameLink(a: Link, b: Link): boolean {
  return a.sessionId === b.sessionId && a.kind === b.kind;
}

function rememberApplied(fold: Fold, id: string): void {
  fold.applied.push(id);
  if (fold.applied.length > APPLIED_MAX) fold.applied.shift();
}
