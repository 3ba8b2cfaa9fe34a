// From a stranger's ids to ours. They follow from what is in the records: the same session, imported again, has the
// same ids, a message that was changed since gets another one and becomes a branch beside the first.

import { hash } from 'node:crypto';
import type { ForeignRecord } from '../../../adapters/adapter.ts';
import { isKeepableId, recordIdFrom, sessionIdFrom } from '../../../core/foreign-ids.ts';
import { stringifyJson } from '../../../core/json.ts';
import type { Link, LogRecord } from '../../../core/record.ts';
import { isSessionId } from '../../../core/session-file-name.ts';

/** Whether ids are another agent's, or were made by us and are kept. */
export type IdPolicy = 'foreign' | 'own';

/** The id here of another agent's session. */
export function foreignSessionId(agent: string, id: string): string {
  return sessionIdFrom(digest(`${agent}\0${id}`));
}

/** The id here of a session in one of our documents: its own, unless it could not name a file. */
export function ownSessionId(id: string | undefined): string {
  return id !== undefined && isSessionId(id) && !id.includes('~') ? id : foreignSessionId('roo', id ?? '');
}

export interface RecordIdsOptions {
  sessionId: string;
  policy: IdPolicy;
  /** False for an id of a stranger that must not be written. */
  passes(id: string): boolean;
  /** True for a message that the session here has already. */
  isKnownMessage(id: string): boolean;
  /** Id here of another session that a record names. */
  sessionIdOf(id: string): string;
  /** For records before any that tells a time. ISO 8601. */
  fallbackAt: string;
}

export interface MappedRecord {
  record: LogRecord;
  /** About what it takes on disk. */
  bytes: number;
  /** The message whose call a tool's record belongs to. */
  ownerId: string | null;
  /** The source says the same thing a second time. */
  isRepeat: boolean;
}

export class RecordIds {
  /** Last time any record told. */
  lastAt: string;
  /** Messages under a parent that is not there, which went under the message before them. */
  orphans = 0;
  readonly #options: RecordIdsOptions;
  readonly #messages = new Map<string, string>();
  readonly #calls = new Map<string, string>();
  readonly #seen = new Set<string>();
  #lastMessage: string | null = null;
  /** For ids: a time that nobody told must not be part of one. */
  #toldAtMs = 0;

  constructor(options: RecordIdsOptions) {
    this.#options = options;
    this.lastAt = options.fallbackAt;
  }

  /** The message here for a stranger's id; null when there is none. */
  messageId(id: string | null | undefined): string | null {
    if (id === null || id === undefined) return null;
    const mapped = this.#messages.get(id);
    if (mapped !== undefined) return mapped;
    return this.#options.policy === 'own' && this.#options.isKnownMessage(id) ? id : null;
  }

  /** The record with ids and references of ours. Without a time it has that of the one before. Throws RECORD_TOO_DEEP. */
  map(given: ForeignRecord): MappedRecord {
    if (given.at !== undefined) {
      this.lastAt = given.at;
      this.#toldAtMs = Date.parse(given.at);
    }
    return this.mapAt(given, this.lastAt, this.#toldAtMs);
  }

  /** The same for one with a time that the source did not tell: its id has no part in that time. */
  mapAt(given: ForeignRecord, at: string, toldAtMs = 0): MappedRecord {
    const ownerId = 'callId' in given ? (this.#calls.get(given.callId) ?? null) : null;
    const { type, id: foreignId, at: _at, ...fields } = this.#withReferences(given);
    const content = stringifyJson(fields);
    const id = this.#idOf(foreignId, toldAtMs, type, ownerId ?? '', content);
    const isRepeat = this.#seen.has(id);
    this.#seen.add(id);
    if (given.type === 'message') {
      this.#messages.set(foreignId, id);
      this.#lastMessage = id;
      for (const part of given.parts) if (part.type === 'tool-call') this.#calls.set(part.callId, id);
    }
    return { record: { type, id, at, ...fields } as LogRecord, bytes: content.length, ownerId, isRepeat };
  }

  /** An id for something that is no record in the source, the same at every import. */
  derived(...facts: (string | number)[]): string {
    return this.derivedAt(this.#toldAtMs, ...facts);
  }

  derivedAt(atMs: number, ...facts: (string | number)[]): string {
    return recordIdFrom(atMs, digest(JSON.stringify([this.#options.sessionId, ...facts])));
  }

  #idOf(foreignId: string, atMs: number, ...content: string[]): string {
    // Two records under one id are an accident or an attack; the second one must not be taken for the first.
    const { policy, passes } = this.#options;
    if (policy === 'own' && isKeepableId(foreignId) && !this.#seen.has(foreignId) && passes(foreignId))
      return foreignId;
    // A call's owner is part of the content: the result of a changed message has to stand behind the new one as well.
    return this.derivedAt(atMs, foreignId, ...content);
  }

  #withReferences(given: ForeignRecord): ForeignRecord {
    switch (given.type) {
      case 'message':
        return { ...given, parentId: this.#parentOf(given.parentId) };
      case 'head':
        return { ...given, messageId: this.messageId(given.messageId), pointer: null };
      case 'checkpoint':
        return { ...given, messageId: this.messageId(given.messageId) };
      case 'compaction': {
        const messageId = this.messageId(given.messageId) ?? this.#lastMessage ?? given.messageId;
        return { ...given, messageId, firstKeptId: this.messageId(given.firstKeptId) };
      }
      case 'tool-start': {
        const { messageId, ...rest } = given;
        const mapped = this.messageId(messageId);
        return mapped === null ? rest : { ...rest, messageId: mapped };
      }
      case 'meta':
        return given.addLinks === undefined
          ? given
          : { ...given, addLinks: given.addLinks.map((one) => this.#link(one)) };
      default:
        return given;
    }
  }

  #parentOf(parentId: string | null | undefined): string | null {
    if (parentId === undefined) return this.#lastMessage;
    if (parentId === null) return null;
    const mapped = this.messageId(parentId);
    if (mapped === null) this.orphans++;
    // The nearest message known: a root would hide everything before it.
    return mapped ?? this.#lastMessage;
  }

  #link(link: Link): Link {
    return this.#options.policy === 'own' ? link : { ...link, sessionId: this.#options.sessionIdOf(link.sessionId) };
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
