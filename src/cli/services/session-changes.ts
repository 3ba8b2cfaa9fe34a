// What differs between a Session in memory and the log, as the records that make the log agree. Saving then costs what
// is new. Messages are never rewritten: the log keeps what was said.

import { isDeepStrictEqual } from 'node:util';
import { SessionError } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import { messageText } from '../../core/message-text.ts';
import type { Link, NewRecord, Part, ToolEndRecord } from '../../core/record.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import type { ConversationMessage, Session, ToolResultPart } from '../types/session-types.ts';

/** What the log is known to hold: its fold, and which messages of the session object are in it. */
export interface Baseline {
  fold: Fold;
  /** Contents of the messages that are in the log, by id. */
  messages: ReadonlyMap<string, string>;
}

/** The records that bring the log up to the session. Gives new messages their ids. Throws RECORD_INVALID for a message that was changed. */
export function changesOf(session: Session, baseline: Baseline, newId: () => string): NewRecord[] {
  return [
    ...metaChanges(session, baseline.fold),
    ...stateChanges(session, baseline.fold),
    ...configChanges(session, baseline.fold),
    ...contextChanges(session, baseline.fold),
    ...toolChanges(session, baseline.fold),
    ...messageChanges(session, baseline, newId),
    ...checkpointChanges(session, baseline.fold),
  ];
}

function metaChanges({ name, description, metadata }: Session, fold: Fold): NewRecord[] {
  const meta: Extract<NewRecord, { type: 'meta' }> = { type: 'meta' };
  // A name that was derived from the first prompt is not a name somebody gave.
  if (name !== fold.name && name !== fold.firstPrompt && !/^session [0-9a-f]{8}$/.test(name)) meta.name = name;
  if (description !== undefined && description !== fold.description) meta.description = description;
  if (metadata.status !== fold.status) meta.status = metadata.status;
  if (metadata.outcome !== undefined && metadata.outcome !== fold.outcome) meta.outcome = metadata.outcome;
  const added = metadata.tags.filter((tag) => !fold.tags.includes(tag));
  const removed = fold.tags.filter((tag) => !metadata.tags.includes(tag));
  if (added.length > 0) meta.addTags = added;
  if (removed.length > 0) meta.removeTags = removed;
  const newLinks = without(metadata.links, fold.links);
  const oldLinks = without(fold.links, metadata.links);
  if (newLinks.length > 0) meta.addLinks = newLinks;
  if (oldLinks.length > 0) meta.removeLinks = oldLinks;
  if (!isDeepStrictEqual(metadata.project, fold.project)) meta.project = metadata.project;
  return Object.keys(meta).length > 1 ? [meta] : [];
}

function without(links: readonly Link[], others: readonly Link[]): Link[] {
  return links.filter((link) => !others.some((other) => isDeepStrictEqual(link, other)));
}

function stateChanges({ state }: Session, fold: Fold): NewRecord[] {
  const changed = Object.entries(state).filter(([key, value]) => !isDeepStrictEqual(plain(value), fold.state[key]));
  return changed.length > 0 ? [{ type: 'state', patch: Object.fromEntries(changed) }] : [];
}

function configChanges({ config }: Session, fold: Fold): NewRecord[] {
  const known = effectiveConfig(fold.config);
  const changed = Object.entries(config).filter(([key, value]) => known[key as keyof typeof known] !== value);
  return changed.length > 0 ? [{ type: 'config', patch: Object.fromEntries(changed) }] : [];
}

function contextChanges({ history, files, state }: Session, fold: Fold): NewRecord[] {
  const records: NewRecord[] = [];
  const context = plain(history.context) as Fold['context']['value'];
  if (!isDeepStrictEqual(context, fold.context.value ?? {})) records.push({ type: 'context', context: context! });
  const { workingDirectory, lastScanTime, ...rest } = files;
  const now = plain({ ...rest, ...(lastScanTime !== null && { lastScanTime: lastScanTime.toISOString() }) });
  const { watchedDirectories = [], ignorePatterns = [], fingerprints = {}, ...before } = fold.files.value ?? {};
  if (!isDeepStrictEqual(now, { ...before, watchedDirectories, ignorePatterns, fingerprints })) {
    records.push({ type: 'files', files: now as NonNullable<Fold['files']['value']> });
  }
  // The story has the directory twice; when a caller moves only the file system's, that is the one meant.
  if (workingDirectory !== fold.state.workingDirectory && state.workingDirectory === fold.state.workingDirectory) {
    records.push({ type: 'state', patch: { workingDirectory } });
  }
  return records;
}

function toolChanges({ tools }: Session, fold: Fold): NewRecord[] {
  const records: NewRecord[] = [];
  for (const { toolName, configuration, cache, lastUsed, usageCount } of tools) {
    const known = fold.tools[toolName];
    const now = plain({
      configuration: configuration ?? null,
      cache: cache ?? null,
      lastUsed: lastUsed.toISOString(),
      usageCount,
    });
    const before = known && {
      configuration: known.configuration ?? null,
      cache: known.cache ?? null,
      lastUsed: known.lastUsed,
      usageCount: known.usageCount,
    };
    if (!isDeepStrictEqual(now, before)) records.push({ type: 'tool-state', toolName, ...(now as object) });
  }
  return records;
}

function messageChanges({ history }: Session, baseline: Baseline, newId: () => string): NewRecord[] {
  const records: NewRecord[] = [];
  let leaf = baseline.fold.head.messageId;
  let last: string | null = null;
  for (const message of history.messages) {
    const known = message.id !== undefined && baseline.messages.get(message.id);
    if (known !== undefined && known !== false) {
      if (known !== message.content) throw changedMessage(message.id!);
      last = message.id!;
      continue;
    }
    message.id ??= newId();
    message.timestamp ??= new Date();
    // Under the message it stands behind: where the caller took messages off the end, that is a rewind.
    const parentId: string | null = message.parentId ?? last ?? (history.messages[0] === message ? leaf : null);
    message.parentId = parentId;
    records.push(...recordsOfMessage(message as ConversationMessage & { id: string }, parentId));
    leaf = last = message.id;
  }
  if (last !== null && last !== leaf) records.push({ type: 'head', messageId: last, pointer: null });
  return records;
}

/** A message and the ends of its calls. */
function recordsOfMessage(message: ConversationMessage & { id: string }, parentId: string | null): NewRecord[] {
  const given = message.parts ?? (message.content === '' ? [] : [{ type: 'text' as const, text: message.content }]);
  const parts = given.filter((part): part is Part => part.type !== 'tool-result');
  message.parts ??= parts;
  if (message.content === '' && parts.length > 0) message.content = messageText({ parts });
  const at = message.timestamp!.toISOString();
  const { id, role, model, usage, raw } = message;
  return [
    {
      type: 'message',
      id,
      at,
      parentId,
      role,
      parts,
      ...(model !== undefined && { model }),
      ...(usage && { usage }),
      ...(raw !== undefined && { raw }),
    },
    ...given.filter((part): part is ToolResultPart => part.type === 'tool-result').flatMap((part) => endOf(part, at)),
  ];
}

/** The end of a call; none for one whose end is only derived. */
function endOf({ type: _type, name: _name, status, ...rest }: ToolResultPart, at: string): NewRecord[] {
  if (status === 'running') return [];
  return [{ ...rest, type: 'tool-end', at, status } as NewRecord & ToolEndRecord];
}

function checkpointChanges({ history }: Session, fold: Fold): NewRecord[] {
  const known = new Set(fold.checkpoints.map(({ id }) => id));
  return history.checkpoints
    .filter(({ id }) => !known.has(id))
    .map(({ id, description, timestamp, messageId, commit }) => ({
      type: 'checkpoint' as const,
      id,
      at: timestamp.toISOString(),
      description,
      messageId,
      ...(commit !== undefined && { commit }),
    }));
}

function changedMessage(id: string): SessionError {
  return new SessionError('RECORD_INVALID', `message ${id} is in the log and was changed in memory`, {
    op: 'save',
    hint: 'messages are never rewritten: add a new one, or fork the session before it',
  });
}

/** As the value will be read back from JSON, so that a Date or an undefined does not look like a change. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
