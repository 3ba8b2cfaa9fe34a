// What differs between a Session in memory and the log, as the records that make the log agree. Saving then costs what
// is new. Messages are never rewritten: the log keeps what was said.

import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import type { Files, Link, NewRecord, Part, ToolEndRecord } from '../../core/record.ts';
import { messageText } from '../../core/message-text.ts';
import type { ConversationMessage, Session, ToolResultPart } from '../types/session-types.ts';
import type { MessageImage, SessionImage } from './session-image.ts';
import { facetsOf, messageImage, toolValue } from './session-image.ts';
import { jsonCopy } from './session-view.ts';

type Facets = SessionImage['facets'];
type IsChanged = (facet: string) => boolean;
type Meta = Extract<NewRecord, { type: 'meta' }>;

/**
 * The records that bring the log up to the session. Gives new messages their ids and times. Throws RECORD_INVALID for a
 * message that is in the log and was changed.
 */
export function changesOf(session: Session, image: SessionImage, clock: Clock): NewRecord[] {
  const facets = facetsOf(session);
  const isChanged = (facet: string): boolean => facets.get(facet) !== image.facets.get(facet);
  return [
    ...metaChanges(session, image, isChanged),
    ...stateChanges(session, facets, image, isChanged),
    ...configChanges(session, facets, image),
    ...worldChanges(session, isChanged),
    ...messageChanges(session, image, clock),
    // Behind the messages, whose calls count as uses: what the object says of a tool is how it stands after them.
    ...toolChanges(session, isChanged),
    ...checkpointChanges(session, isChanged),
  ];
}

function metaChanges({ name, description = '', metadata }: Session, image: SessionImage, isChanged: IsChanged): Meta[] {
  const { status, outcome = '', project } = metadata;
  const fields = Object.entries({ name, description, status, outcome, project });
  const changed = fields.filter(([field, value]) => value !== undefined && isChanged(field));
  const meta: Meta = { type: 'meta', ...Object.fromEntries(changed) };
  const tags = difference<string>(metadata.tags, image.facets.get('tags'));
  if (tags.added.length > 0) meta.addTags = tags.added;
  if (tags.removed.length > 0) meta.removeTags = tags.removed;
  const links = difference<Link>(metadata.links, image.facets.get('links'));
  if (links.added.length > 0) meta.addLinks = links.added;
  if (links.removed.length > 0) meta.removeLinks = links.removed;
  return Object.keys(meta).length > 1 ? [meta] : [];
}

/** Item by item, so that two writers' changes of a list add up. */
function difference<T>(now: readonly T[] = [], before = '[]'): { added: T[]; removed: T[] } {
  const known = JSON.parse(before) as T[];
  const textsNow = new Set(now.map((item) => JSON.stringify(item)));
  const textsBefore = new Set(known.map((item) => JSON.stringify(item)));
  return {
    added: now.filter((item) => !textsBefore.has(JSON.stringify(item))),
    removed: known.filter((item) => !textsNow.has(JSON.stringify(item))),
  };
}

function stateChanges(
  { state, files }: Session,
  facets: Facets,
  image: SessionImage,
  isChanged: IsChanged,
): NewRecord[] {
  const patch = patchOf('state/', { ...state }, facets, image);
  // The story has the directory twice; when a caller moves only the file system's, that is the one meant.
  if (isChanged('directory') && !('workingDirectory' in patch)) patch['workingDirectory'] = files.workingDirectory;
  return Object.keys(patch).length > 0 ? [{ type: 'state', patch }] : [];
}

function configChanges({ config }: Session, facets: Facets, image: SessionImage): NewRecord[] {
  const patch = patchOf('config/', { ...config }, facets, image);
  return Object.keys(patch).length > 0 ? [{ type: 'config', patch }] : [];
}

/** Keys with another value than before; null for those that are gone. */
function patchOf(
  prefix: string,
  values: Record<string, unknown>,
  facets: Facets,
  image: SessionImage,
): Record<string, unknown> {
  const names = new Set([...facets.keys(), ...image.facets.keys()].filter((facet) => facet.startsWith(prefix)));
  const changed = [...names].filter((facet) => facets.get(facet) !== image.facets.get(facet));
  return Object.fromEntries(
    changed.map((facet) => [facet.slice(prefix.length), values[facet.slice(prefix.length)] ?? null]),
  );
}

function worldChanges({ history, files }: Session, isChanged: IsChanged): NewRecord[] {
  const records: NewRecord[] = [];
  if (isChanged('context')) records.push({ type: 'context', context: jsonCopy(history.context) });
  if (isChanged('files')) {
    const { workingDirectory: _inState, lastScanTime, ...rest } = files;
    const scanned = lastScanTime ? { lastScanTime: lastScanTime.toISOString() } : {};
    records.push({ type: 'files', files: jsonCopy({ ...rest, ...scanned }) as Files });
  }
  return records;
}

function toolChanges({ tools }: Session, isChanged: IsChanged): NewRecord[] {
  return tools
    .filter(({ toolName }) => isChanged(`tool/${toolName}`))
    .map((tool) => ({ type: 'tool-state', toolName: tool.toolName, ...jsonCopy(toolValue(tool)) }));
}

function messageChanges({ history }: Session, image: SessionImage, clock: Clock): NewRecord[] {
  const records: NewRecord[] = [];
  let { leaf } = image;
  let last: string | null = null;
  for (const message of history.messages) {
    const known = message.id === undefined ? undefined : image.messages.get(message.id);
    if (known) records.push(...newResults(message, known, clock));
    else {
      const id = (message.id ??= clock.recordId());
      message.timestamp ??= new Date(clock.now());
      // Under the message it stands behind: where the caller took messages off the end, that is a rewind.
      message.parentId ??= last ?? (message === history.messages[0] ? leaf : null);
      records.push(...recordsOfMessage(message, id, message.timestamp.toISOString()));
      leaf = id;
    }
    last = message.id!;
  }
  if (last !== null && last !== leaf) records.push({ type: 'head', messageId: last, pointer: null });
  return records;
}

/** What came to a message since: the results of its calls. */
function newResults(message: ConversationMessage, known: MessageImage, clock: Clock): NewRecord[] {
  const now = messageImage(message);
  if (now.hash !== known.hash) throw changedMessage(message.id!);
  const at = isoTime(clock.now());
  return resultsIn(message.parts ?? [])
    .filter(({ callId }) => now.results.get(callId) !== known.results.get(callId))
    .flatMap((part) => endOf(part, at));
}

/** A message and the ends of its calls. */
function recordsOfMessage(message: ConversationMessage, id: string, at: string): NewRecord[] {
  const given = message.parts ?? (message.content === '' ? [] : [{ type: 'text' as const, text: message.content }]);
  const parts = given.filter((part): part is Part => part.type !== 'tool-result');
  message.parts ??= parts;
  if (message.content === '') message.content = messageText({ parts });
  const { role, parentId = null, model, usage, raw } = message;
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
    ...resultsIn(given).flatMap((part) => endOf(part, at)),
  ];
}

function resultsIn(parts: NonNullable<ConversationMessage['parts']>): ToolResultPart[] {
  return parts.filter((part) => part.type === 'tool-result');
}

/** The end of a call; none for one that goes on. */
function endOf({ type: _type, name: _name, status, ...rest }: ToolResultPart, at: string): NewRecord[] {
  if (status === 'running') return [];
  return [{ ...rest, type: 'tool-end', at, status } as NewRecord & ToolEndRecord];
}

function checkpointChanges({ history }: Session, isChanged: IsChanged): NewRecord[] {
  return history.checkpoints
    .filter(({ id }) => isChanged(`checkpoint/${id}`))
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
