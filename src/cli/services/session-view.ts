// From what the log says to what callers see: the story's Session, and messages with their results in place.

import { timeMsOf } from '../../core/clock.ts';
import type { Fold } from '../../core/fold.ts';
import type { SessionConfig } from '../../core/session-config.ts';
import { parseJson, stringifyJson } from '../../core/json.ts';
import { messageText } from '../../core/message-text.ts';
import { nameOf } from '../../core/session-name.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { outputEnds } from '../../store/record-spill.ts';
import type { WalkedMessage } from '../../store/branch-cursor.ts';
import type { CallResult } from '../../store/call-results.ts';
import type { MessageRecord, ToolCallPart, ToolEndRecord } from '../../core/record.ts';
import type {
  Checkpoint,
  ConversationMessage,
  FileSystemState,
  MCPConnectionInfo,
  ProcessInfo,
  Session,
  ShownMessage,
  ShownPart,
  ToolResultPart,
  ToolState,
} from '../types/session-types.ts';

/** Version of the log format, as `metadata.version` says it. */
export const LOG_VERSION = '2.0';

/** How calls without an end are shown: `interrupted` when nobody writes the session, `running` while somebody does. */
export type OpenCalls = 'interrupted' | 'running';

export interface SessionFacts {
  id: string;
  fold: Fold;
  config: SessionConfig;
  lastAccessedAtMs: number;
  /** Oldest first. */
  messages: ConversationMessage[];
}

export function sessionOf({ id, fold, config, lastAccessedAtMs, messages }: SessionFacts): Session {
  const { state } = fold;
  return {
    id,
    name: nameOf(fold, id),
    ...(fold.description && { description: fold.description }),
    metadata: {
      createdAt: new Date(timeMsOf(fold.createdAt)),
      updatedAt: new Date(timeMsOf(fold.updatedAt)),
      lastAccessedAt: new Date(lastAccessedAtMs),
      version: LOG_VERSION,
      tags: [...fold.tags],
      duration: fold.durationMs,
      commandCount: fold.counts.prompts,
      status: fold.status,
      ...(fold.outcome && { outcome: fold.outcome }),
      links: jsonCopy(fold.links),
      project: jsonCopy(fold.project),
    },
    // What was removed from the state, or written by others in another form, is as if it had never been there.
    state: {
      workingDirectory: typeof state.workingDirectory === 'string' ? state.workingDirectory : fold.project.path,
      environment: { ...state.environment },
      activeProcesses: listOf<ProcessInfo>(state.activeProcesses),
      openFiles: listOf<string>(state.openFiles),
      watchedFiles: listOf<string>(state.watchedFiles),
      mcpConnections: listOf<MCPConnectionInfo>(state.mcpConnections),
    },
    history: {
      messages,
      context: jsonCopy(fold.context.value ?? {}),
      checkpoints: fold.checkpoints.map(checkpointOf),
    },
    tools: Object.entries(fold.tools).map(toolOf),
    files: filesOf(fold),
    config,
  };
}

/** A copy that its owner may change. Not a structured clone, which would lose the digits of long integers. */
export function jsonCopy<T>(value: T): T {
  return parseJson(stringifyJson(value)) as T;
}

function listOf<T>(value: unknown): T[] {
  return Array.isArray(value) ? (jsonCopy(value) as T[]) : [];
}

function checkpointOf({ id, description, at, messageId, commit }: Fold['checkpoints'][number]): Checkpoint {
  return { id, description, timestamp: new Date(timeMsOf(at)), messageId, ...(commit !== undefined && { commit }) };
}

function toolOf([toolName, tool]: [string, Fold['tools'][string]]): ToolState {
  const { configuration = null, cache = null, lastUsed, usageCount } = jsonCopy(tool);
  return { toolName, configuration, cache, lastUsed: new Date(timeMsOf(lastUsed)), usageCount };
}

function filesOf(fold: Fold): FileSystemState {
  const {
    watchedDirectories = [],
    ignorePatterns = [],
    lastScanTime,
    fingerprints = {},
    ...rest
  } = jsonCopy(fold.files.value ?? {});
  return {
    ...rest,
    workingDirectory: typeof fold.state.workingDirectory === 'string' ? fold.state.workingDirectory : fold.project.path,
    watchedDirectories,
    ignorePatterns,
    lastScanTime: typeof lastScanTime === 'string' ? new Date(timeMsOf(lastScanTime)) : null,
    fingerprints,
  };
}

/** A message as `show` and exports give it. What was spilled is read whole. */
export function shownMessage(
  walked: Pick<WalkedMessage, 'message' | 'results'>,
  blobs: BlobStore,
  openCalls: OpenCalls,
): ShownMessage {
  const message = blobs.unspill(walked.message) as MessageRecord;
  const parts: ShownPart[] = [];
  for (const part of message.parts) {
    parts.push(part);
    if (part.type === 'tool-call') parts.push(toolResult(part, walked.results.get(part.callId), blobs, openCalls));
  }
  const { id, parentId, role, at, model = null, usage = null } = message;
  return { id, parentId, role, at, parts, model, usage };
}

export function conversationMessage(
  walked: WalkedMessage,
  blobs: BlobStore,
  openCalls: OpenCalls,
): ConversationMessage {
  const message = blobs.unspill(walked.message) as MessageRecord;
  const shown = shownMessage(walked, blobs, openCalls);
  return {
    id: message.id,
    parentId: message.parentId,
    role: message.role,
    content: messageText(message),
    timestamp: new Date(timeMsOf(message.at)),
    parts: shown.parts,
    ...(message.model !== undefined && { model: message.model }),
    ...(message.usage !== undefined && { usage: message.usage }),
    ...(message.raw !== undefined && { raw: message.raw }),
  };
}

/** The result of a call as far as the log knows it. An end that is missing is derived here and never written. */
function toolResult(
  call: ToolCallPart,
  result: CallResult | undefined,
  blobs: BlobStore,
  openCalls: OpenCalls,
): ToolResultPart {
  const { callId, name } = call;
  const end = result?.end && (blobs.unspill(result.end) as ToolEndRecord);
  if (!end) {
    const partial = blobs.partial(callId);
    const output = partial ? endsText(outputEnds(partial)) : (result?.output ?? '');
    return { type: 'tool-result', callId, name, status: openCalls, output };
  }
  return {
    type: 'tool-result',
    callId,
    name,
    status: end.status,
    output: end.output ?? (end.blob ? endsText(end) : (result.output ?? '')),
    ...(end.blob !== undefined && { blob: end.blob }),
    ...(end.parts !== undefined && { parts: end.parts }),
    ...(end.exitCode !== undefined && { exitCode: end.exitCode }),
    ...(end.durationMs !== undefined && { durationMs: end.durationMs }),
  };
}

/** Beginning and end of an output that is not at hand as a whole. */
export function endsText({ head, tail }: { head?: string; tail?: string }): string {
  return [head, tail].filter(Boolean).join('\n…\n');
}
