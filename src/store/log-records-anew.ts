// The records of a log in the order of the one that is to replace it: without what is derived, with a word in place of
// each span of damage, and with something in place of every message that is lost and that others go on from.

import { SessionError } from '../core/errors.ts';
import type { HeadRecord, LogRecord, MessageRecord, NewRecord } from '../core/record.ts';
import type { StoredRecord } from './blob-transfer.ts';
import { wholeRecord } from './blob-transfer.ts';
import type { LogItem, PlacedDamage } from './log-place.ts';
import type { LogReader } from './log-reader.ts';

export interface AnewOptions {
  /** Says what to write in place of a span of damage; absent: damage is refused with LOG_DAMAGED. */
  onDamage?: (damage: PlacedDamage) => NewRecord;
  /** Messages that other logs go on from: where they are lost, something stands in for them. */
  forkPoints?: readonly string[];
  /** Records that go in front of the session's own: the past of a fork that is to stand alone. */
  past?: Iterable<StoredRecord>;
  /** What is to be written for a record, which is handed in whole; it keeps its type, its id and its parent. */
  change?: (record: LogRecord) => NewRecord;
}

export interface RecordsAnew {
  records: Iterable<NewRecord>;
  /** Messages that later records go back to: their new places must be known when those records are written. */
  targets: ReadonlySet<string>;
}

export function recordsAnew(reader: LogReader, options: AnewOptions): RecordsAnew {
  const targets = backTargets(reader);
  return { records: new Anew(reader, options, targets).all(), targets };
}

class Anew {
  readonly #reader: LogReader;
  readonly #options: AnewOptions;
  /** Messages that are named and are not there, each with the number of the gap that it is looked for in. */
  readonly #lost: Map<string, number>;
  #gaps = 0;
  /** The message that the next one goes under, unless it says otherwise. */
  #head: string | null;
  #lastAt: string;

  constructor(reader: LogReader, options: AnewOptions, targets: ReadonlySet<string>) {
    this.#reader = reader;
    this.#options = options;
    this.#head = options.past ? null : (reader.session.base?.messageId ?? null);
    this.#lastAt = reader.session.at;
    this.#lost = options.onDamage ? lostMessages(reader, [...targets, ...(options.forkPoints ?? [])]) : new Map();
  }

  *all(): Generator<NewRecord> {
    for (const each of this.#options.past ?? []) yield* this.#record(each);
    const { base } = this.#reader.session;
    // Damage in the session that holds the past may have taken the very message that this one goes on from.
    if (this.#options.past && base && this.#head !== base.messageId) yield this.#standIn(base.messageId);
    for (const item of this.#reader.forwards()) yield* this.#item(item);
  }

  *#item(item: LogItem): Generator<NewRecord> {
    if ('damage' in item) {
      if (item.damage.reason !== 'torn') yield* this.#gap(item.damage);
      return;
    }
    const { blobs } = this.#reader;
    for (const record of this.#reader.records(item)) {
      // First records are replaced by the new one; snapshots are derived and their pointers stale.
      if (record.type !== 'session' && record.type !== 'snapshot') yield* this.#record({ record, blobs });
    }
    // Lines that are no records are known only now.
    const { offset, frameBytes } = item.frame;
    const isFaulty = ({ part, offsetBytes, lengthBytes }: PlacedDamage): boolean =>
      part === item.part && offsetBytes === offset && lengthBytes === frameBytes;
    const fault = this.#reader.damage.find(isFaulty);
    if (fault) yield* this.#gap(fault);
  }

  *#record({ record, blobs }: StoredRecord): Generator<NewRecord> {
    if (record.type === 'message') {
      const { parentId } = record as MessageRecord;
      if (parentId !== null && this.#lost.has(parentId)) yield this.#standIn(parentId);
      this.#head = record.id;
    } else if (record.type === 'head') {
      const { messageId } = record as HeadRecord;
      if (messageId !== null && this.#lost.has(messageId)) yield this.#standIn(messageId);
      this.#head = messageId;
    }
    this.#lastAt = record.at;
    const { change } = this.#options;
    // Where the large part is lost, the line is what there is of it.
    yield change ? change(wholeRecord({ record, blobs }) ?? record) : (record as NewRecord);
  }

  *#gap(damage: PlacedDamage): Generator<NewRecord> {
    if (!this.#options.onDamage) throw damagedError(this.#reader, damage);
    this.#gaps++;
    yield { ...this.#options.onDamage(damage), at: this.#lastAt };
    const head = this.#head;
    for (const [id, gap] of this.#lost) {
      if (gap !== this.#gaps) continue;
      yield* this.#backTo(head);
      yield this.#standIn(id);
    }
    yield* this.#backTo(head);
  }

  *#backTo(head: string | null): Generator<NewRecord> {
    if (this.#head !== head) yield { type: 'head', messageId: head, pointer: null, at: this.#lastAt };
    this.#head = head;
  }

  /** Has the id of the lost message, so that what goes on from it keeps its place in the tree. */
  #standIn(id: string): NewRecord {
    this.#lost.delete(id);
    this.#head = id;
    const reason = 'this message could not be read; the quarantine record before it says where its bytes are';
    return {
      type: 'message',
      id,
      at: this.#lastAt,
      role: 'system',
      parts: [{ type: 'other', kind: 'lost', value: { reason } }],
    };
  }
}

/** Messages that head records name, and parents that are not the message before. */
function backTargets(reader: LogReader): Set<string> {
  const targets = new Set<string>();
  let head: string | null = reader.session.base?.messageId ?? null;
  for (const record of allRecords(reader)) {
    if (record.type === 'head') {
      head = (record as HeadRecord).messageId;
      if (head !== null) targets.add(head);
    } else if (record.type === 'message') {
      const { parentId } = record as MessageRecord;
      // Where damage took the head record, the composer writes it again.
      if (parentId !== head && parentId !== null) targets.add(parentId);
      head = record.id;
    }
  }
  return targets;
}

/**
 * Which of the named messages are not there, and in which gap each may have been: the last one before anything goes on
 * from it; of those that only other logs go on from, the last one that a record of a smaller id stands before.
 */
function lostMessages(reader: LogReader, named: readonly string[]): Map<string, number> {
  const lost = new Map(named.map((id) => [id, { before: 0, named: 0 }]));
  if (reader.session.base) lost.delete(reader.session.base.messageId);
  let gaps = 0;
  let lastId = '';
  for (const item of reader.forwards()) {
    if (lost.size === 0) break;
    if ('damage' in item) {
      if (item.damage.reason === 'torn') continue;
      gaps++;
      for (const [id, place] of lost) if (lastId < id) place.before = gaps;
      continue;
    }
    for (const record of reader.records(item)) {
      lastId = record.id;
      if (record.type === 'message') lost.delete(record.id);
      const place = lost.get(goesOnFrom(record) ?? '');
      if (place) place.named ||= gaps;
    }
  }
  return new Map([...lost].map(([id, place]) => [id, place.named || place.before || gaps]));
}

function goesOnFrom(record: LogRecord): string | null {
  if (record.type === 'message') return (record as MessageRecord).parentId;
  return record.type === 'head' ? (record as HeadRecord).messageId : null;
}

function* allRecords(reader: LogReader): Generator<LogRecord> {
  for (const item of reader.forwards()) if ('frame' in item) yield* reader.records(item);
}

function damagedError(reader: LogReader, damage: PlacedDamage): SessionError {
  return new SessionError('LOG_DAMAGED', `session ${reader.id} is damaged and was not rewritten`, {
    op: 'rewrite',
    path: damage.path,
    offsetBytes: damage.offsetBytes,
    hint: `roo session repair ${reader.id}`,
  });
}
