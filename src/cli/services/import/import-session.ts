// Bringing one session in, whatever it comes from: records with a stranger's ids become records with ours, and those
// that the session here lacks are appended. Doing it again therefore does nothing, doing it after a crash completes it,
// and doing it after the original has grown brings the rest. Nothing that is here is ever changed.

import type { ForeignRecord, Sink, UnreadableEntry } from '../../../adapters/adapter.ts';
import type { Warning } from '../../../core/errors.ts';
import { SessionError } from '../../../core/errors.ts';
import { checkRecord } from '../../../core/foreign-record-check.ts';
import { looseTime } from '../../../core/loose-values.ts';
import { nameOf } from '../../../core/session-name.ts';
import type { LogRecord } from '../../../core/record.ts';
import type { ImportedSession } from '../../types/storage-types.ts';
import type { ImportBlobs } from './import-blobs.ts';
import type { ImportFile, ImportWish, OwnHeader } from './import-file.ts';
import type { MappedRecord } from './import-ids.ts';
import type { ImportSource } from './import-known.ts';
import { IMPORT_SOURCE } from './import-known.ts';
import { ImportTarget, targetId } from './import-target.ts';
import type { SerializerStore } from '../serializer-store.ts';

const BOOKKEEPING: ReadonlySet<string> = new Set(['session', 'snapshot', 'epoch', 'close']);
/** Records that wait for the first message. */
const HELD_MAX = 1000;
const TOOL_RECORDS: ReadonlySet<string> = new Set(['tool-start', 'tool-output', 'tool-end']);

export class SessionImport implements Sink {
  readonly warnings: Warning[] = [];
  readonly #store: SerializerStore;
  readonly #file: ImportFile;
  readonly #wish: ImportWish;
  #header: OwnHeader | null = null;
  #begun: ImportTarget | null = null;
  readonly #held: (() => Promise<void>)[] = [];
  #firstAt: string | undefined;
  readonly #counts = { messages: 0, toolCalls: 0, quarantined: 0, added: 0 };
  /** Leaf that the source stands at; undefined while nothing said so. */
  #wanted: string | null | undefined;
  /** The leaf here is one of the source's messages, so following the source takes nothing away. */
  #isFollowing = false;

  constructor(store: SerializerStore, file: ImportFile, wish: ImportWish) {
    this.#store = store;
    this.#file = file;
    this.#wish = wish;
  }

  header(header: OwnHeader): void {
    this.#header = { ...this.#header, ...header };
  }

  async record(given: ForeignRecord): Promise<void> {
    if (BOOKKEEPING.has(given.type)) return;
    this.#firstAt ??= looseTime(given.at);
    if (this.#isEarly && given.type !== 'message' && this.#held.length < HELD_MAX) {
      this.#held.push(() => this.#record(given));
      return;
    }
    await this.#release();
    await this.#record(given);
  }

  async #record(given: ForeignRecord): Promise<void> {
    const { ids } = this.#target;
    const { at, ...rest } = given;
    const time = looseTime(at);
    const timed = { ...rest, ...(time !== undefined && { at: time }) } as ForeignRecord;
    const fault = checkRecord(timed);
    if (fault !== null) return this.#setAside(given, fault);
    if (timed.type === 'head') return this.#takeHead(timed);
    try {
      await this.#take(timed, ids.map(timed));
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'RECORD_TOO_DEEP') throw error;
      await this.#setAside(given, error.message);
    }
  }

  async unreadable(entry: UnreadableEntry): Promise<void> {
    if (this.#isEarly && this.#held.length < HELD_MAX) this.#held.push(() => this.#unreadable(entry));
    else {
      await this.#release();
      await this.#unreadable(entry);
    }
  }

  async #unreadable(entry: UnreadableEntry): Promise<void> {
    const { ids, blobs } = this.#target;
    const { reason, line, offsetBytes, lengthBytes, text } = entry;
    const id = ids.derived('unreadable', entry.id, reason, lengthBytes, text ?? '');
    this.#counts.quarantined++;
    if (this.#target.has(id)) return;
    const blob = text === undefined ? await blobs.copy(entry.path, offsetBytes, lengthBytes) : undefined;
    const path = entry.path === this.#file.plainPath ? this.#file.path : entry.path;
    const source = { path, ...(line !== undefined && { line }), offsetBytes };
    const kept = { ...(text !== undefined && { text }), ...(blob && { blob }) };
    await this.#add({ type: 'quarantine', id, at: ids.lastAt, reason, ...kept, source }, lengthBytes);
  }

  /**
   * A record of the state a document was written in, told after its messages. A session that is here has its own state,
   * and keeps it unless the document goes on from where the session stands.
   */
  async state(record: ForeignRecord): Promise<void> {
    await this.#release();
    const isAhead = this.#counts.added > 0 && this.#mayFollow();
    if (!this.#target.known || isAhead) await this.#record(record);
  }

  /** Where large parts of a document go; to be used before the records that name them. */
  get blobs(): ImportBlobs {
    return this.#target.blobs;
  }

  /** Writes what is left and closes. Durable when it resolves. */
  async finish(): Promise<ImportedSession> {
    await this.#release();
    const target = this.#target;
    const isForeign = this.#file.policy === 'foreign';
    if (isForeign) await this.#foreignFacts();
    const { added, ...counts } = this.#counts;
    const status = target.known === null ? 'new' : added > 0 ? 'updated' : 'unchanged';
    if (status !== 'unchanged') await this.#settleHead();
    await this.#rename();
    if (isForeign && (status !== 'unchanged' || this.#wish.noteSource)) await this.#noteSource();
    if (target.ids.orphans > 0) this.#warnOrphans(target.ids.orphans);
    await target.finish();
    const id = target.session.sessionId;
    const { agent } = target.fold.session.origin;
    return { id, name: nameOf(target.fold, id), agent, ...counts, status };
  }

  /** Gives the session back after a failure; what was written stays, and the next import completes it. */
  async abandon(): Promise<void> {
    await this.#begun?.close();
  }

  /** The first record of a log says what the session is; another agent may tell that only with its first message. */
  get #isEarly(): boolean {
    return this.#begun === null && this.#file.policy === 'foreign';
  }

  async #release(): Promise<void> {
    if (!this.#begun && this.#header) await this.#store.unlock(targetId(this.#store, this.#file, this.#header));
    for (const take of this.#held.splice(0)) await take();
  }

  get #target(): ImportTarget {
    if (this.#begun) return this.#begun;
    const { path } = this.#file;
    if (!this.#header) {
      throw new SessionError('FORMAT_UNKNOWN', `${path} does not say which session it holds`, { op: 'import', path });
    }
    const createdAt = this.#header.createdAt ?? this.#firstAt;
    const header = { ...this.#header, ...(createdAt !== undefined && { createdAt }) };
    this.#begun = new ImportTarget(this.#store, this.#file, this.#wish, header);
    return this.#begun;
  }

  /** A new session from a document of ours becomes what the document says, record by record. */
  get #isVerbatim(): boolean {
    return this.#file.policy === 'own' && this.#target.known === null;
  }

  async #take(given: ForeignRecord, { record, ownerId, bytes, isRepeat }: MappedRecord): Promise<void> {
    const target = this.#target;
    if (given.type === 'message') {
      this.#counts.messages++;
      this.#counts.toolCalls += given.parts.filter((part) => part.type === 'tool-call').length;
      if (record.id === target.headBefore) this.#isFollowing = true;
      this.#wanted = record.id;
    }
    if (given.type === 'quarantine') this.#counts.quarantined++;
    if (isRepeat || target.has(record.id)) return;
    // Results stand behind their call on the same branch; where the log has gone elsewhere meanwhile, it comes back.
    const isElsewhere = ownerId !== null && ownerId !== target.head && TOOL_RECORDS.has(given.type);
    if (isElsewhere && !this.#isVerbatim) await target.setHead(ownerId);
    await this.#add(record, bytes);
  }

  async #takeHead(given: Extract<ForeignRecord, { type: 'head' }>): Promise<void> {
    const { ids } = this.#target;
    const messageId = ids.messageId(given.messageId);
    if (messageId === null && given.messageId !== null) {
      ids.orphans++;
      return;
    }
    this.#wanted = messageId;
    if (!this.#isVerbatim) return;
    const { record, bytes } = ids.map(given);
    await this.#add(record, bytes);
  }

  /** Keeps a record that cannot be used as what it says it is. */
  async #setAside(given: ForeignRecord, reason: string): Promise<void> {
    const text = JSON.stringify(given);
    const entry = { id: String(given.id), reason, path: this.#file.path, offsetBytes: 0, lengthBytes: text.length };
    await this.#unreadable({ ...entry, text });
  }

  /** What the other agent says of the session as a whole. The same ids as long as it says the same. */
  async #foreignFacts(): Promise<void> {
    const { title, parent, project } = this.#header!;
    const { ids, session } = this.#target;
    const facts: ForeignRecord[] = [];
    if (title !== undefined && title !== '') facts.push({ id: 'title', type: 'meta', name: title });
    if (parent !== undefined) {
      facts.push({ id: 'parent', type: 'meta', addLinks: [{ sessionId: parent, kind: 'parent' }] });
    }
    if (project !== undefined && project.path !== session.project.path) {
      facts.push({ id: 'project', type: 'meta', project });
    }
    for (const fact of facts) await this.#take(fact, ids.mapAt(fact, session.at));
  }

  /** The source's leaf becomes ours, unless somebody went on from another place here. */
  async #settleHead(): Promise<void> {
    const target = this.#target;
    const wanted = target.known === null || this.#mayFollow() ? this.#wanted : target.headBefore;
    if (wanted !== undefined && wanted !== target.head) await target.setHead(wanted);
  }

  #mayFollow(): boolean {
    const { headBefore, known } = this.#target;
    return this.#isFollowing || headBefore === null || headBefore === known?.source?.head;
  }

  async #rename(): Promise<void> {
    const { name } = this.#wish;
    const target = this.#target;
    if (name === undefined || name === target.fold.name) return;
    const id = this.#store.clock.recordId();
    await target.push({ type: 'meta', id, at: target.ids.lastAt, name }, name.length);
  }

  async #noteSource(): Promise<void> {
    const { agent, path, sizeBytes, mtimeMs } = this.#file;
    const target = this.#target;
    const head = this.#wanted ?? null;
    const value: ImportSource = { agent, sessionId: this.#header!.id, path, sizeBytes, mtimeMs, head };
    const id = this.#store.clock.recordId();
    await target.push({ type: 'custom', id, at: target.ids.lastAt, kind: IMPORT_SOURCE, value }, path.length);
  }

  async #add(record: LogRecord, bytes: number): Promise<void> {
    this.#counts.added++;
    await this.#target.push(this.#target.blobs.renamedIn(record), bytes);
  }

  #warnOrphans(count: number): void {
    const { path } = this.#file;
    const message = `${count} records name a message that is not in ${path}; they stand behind the message before them`;
    this.warnings.push({ code: 'LOG_DAMAGED', message, path });
  }
}
