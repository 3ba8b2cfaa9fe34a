// What the index knows of one session without its messages, and how that is made from a log's summary.

import { oneLine } from '../../core/message-text.ts';
import type { Link, Status } from '../../core/record.ts';
import type { LogStamp, LogSummary } from './index-source.ts';

/** One row of a list. Dates are ISO 8601, durations milliseconds, sizes bytes, cost US dollars. */
export interface CatalogueRow {
  id: string;
  /** The name given, else the beginning of the first prompt, else ''. */
  name: string;
  description: string;
  status: Status;
  outcome: string | null;
  tags: string[];
  /** Path of the project as it was written; '' when it is not known. */
  project: string;
  workingDirectory: string;
  createdAt: string;
  updatedAt: string;
  lastAccessedAt: string;
  duration: number;
  commandCount: number;
  messageCount: number;
  toolCallCount: number;
  /** `total` holds the tokens of caches too. */
  tokens: { input: number; output: number; total: number };
  cost: number;
  size: number;
  agent: string;
  /** Kind of origin: `human`, `headless`, `subagent`, `import` or `fork`; '' when it cannot be read. */
  origin: string;
  encrypted: boolean;
  archived: boolean;
  health: 'ok' | 'torn' | 'damaged' | 'unreadable';
  links: Link[];
  /** Session whose past this one shares. */
  forkOf: string | null;
  /** Session of which this file is a second version, left by a copy or a syncer. */
  conflictOf: string | null;
  /** Id in the agent it was imported from. */
  originSessionId: string | null;
  /** Of an encrypted session whose words are not at hand: they are empty here. */
  isLocked: boolean;
  stamp: LogStamp;
}

const NAME_CHARACTERS_MAX = 80;

/** The row for a summary. How it stands in the index is the business of catalogue-table.ts. */
export function catalogueRow(id: string, summary: LogSummary): CatalogueRow {
  const { stamp, fold, health, encrypted, conflictOf } = summary;
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, cost = 0 } = fold?.usage ?? {};
  return {
    id,
    name: stored(fold?.name ?? oneLine(fold?.firstPrompt ?? '', NAME_CHARACTERS_MAX)),
    description: stored(fold?.description ?? ''),
    status: stored(fold?.status ?? 'active') as Status,
    outcome: fold?.outcome === undefined ? null : stored(fold.outcome),
    tags: (fold?.tags ?? []).map(stored),
    project: stored(fold?.project.path ?? ''),
    workingDirectory: textOr(fold?.state.workingDirectory, ''),
    createdAt: isoTimeOr(fold?.createdAt, stamp.mtimeMs),
    updatedAt: isoTimeOr(fold?.updatedAt, stamp.mtimeMs),
    lastAccessedAt: isoTimeOr(undefined, stamp.accessedAtMs),
    duration: whole(fold?.durationMs),
    commandCount: whole(fold?.counts.prompts),
    messageCount: whole(fold?.counts.messages),
    toolCallCount: whole(fold?.counts.toolCalls),
    tokens: {
      input: whole(inputTokens),
      output: whole(outputTokens),
      total: whole(inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens),
    },
    cost: Number.isFinite(cost) ? cost : 0,
    size: stamp.sizeBytes,
    agent: stored(fold?.session.origin.agent ?? ''),
    origin: stored(fold?.session.origin.kind ?? ''),
    encrypted,
    archived: fold?.archived ?? false,
    health,
    links: (fold?.links ?? []).map(({ sessionId, kind }) => ({
      sessionId: stored(sessionId),
      kind: stored(kind) as Link['kind'],
    })),
    forkOf: fold?.session.base ? stored(fold.session.base.sessionId) : null,
    conflictOf,
    originSessionId: fold?.session.origin.sessionId === undefined ? null : stored(fold.session.origin.sessionId),
    isLocked: encrypted && fold === null,
    stamp,
  };
}

/** True for what a list shows unless asked otherwise: archived sessions and other programs' helpers stay out. */
export function isListed(row: Pick<CatalogueRow, 'archived' | 'origin'>): boolean {
  return !row.archived && row.origin !== 'subagent';
}

export function sameStamp(a: LogStamp, b: LogStamp): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeMs === b.mtimeMs;
}

/** SQLite would change half surrogate pairs, and a changed value would not fit the row's checksum. */
function stored(text: string): string {
  return text.toWellFormed();
}

/** State is kept as it was written, by whomever. */
function textOr(value: unknown, other: string): string {
  return typeof value === 'string' ? stored(value) : other;
}

/** Logs written by others may hold a time that is none, or a count that is no number. */
function isoTimeOr(text: string | undefined, elseMs: number): string {
  const atMs = text === undefined ? Number.NaN : Date.parse(text);
  return new Date(Number.isNaN(atMs) ? elseMs : atMs).toISOString();
}

function whole(value: number | undefined): number {
  return value !== undefined && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : 0;
}
