// Writes a log anew: smaller frames become full ones, parts become one file, damage is left behind. The new file gets a
// new generation, is synced and counted before it takes the old one's place, and the old one is whole until then.

import { closeSync, constants, fstatSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import { emptyFold } from '../core/fold.ts';
import type { HeadRecord, LogRecord, MessageRecord, NewRecord, Pointer, SessionRecord } from '../core/record.ts';
import { syncDirectory, writeFully } from './durable-files.ts';
import { FLAG } from './frame.ts';
import { FrameComposer } from './frame-composer.ts';
import { CHAIN_START } from './log-chain.ts';
import type { PlacedDamage } from './log-place.ts';
import { LogReader } from './log-reader.ts';
import type { StoreLayout } from './store-layout.ts';
import { FILE_MODE } from './store-layout.ts';

/** Payload of a repacked frame: large enough for gzip to see repetition, small enough to be read for one message. */
export const REPACKED_FRAME_BYTES: number = 64 * 1024;

const WRITE_BYTES = 1024 * 1024;

export interface Rewritten {
  records: number;
  bytesBefore: number;
  bytesAfter: number;
  generation: string;
}

export interface RewriteOptions {
  clock: Clock;
  level: number;
  /** Says what to write in place of a span of damage; absent: damage is refused with LOG_DAMAGED. */
  onDamage?: (damage: PlacedDamage) => NewRecord;
  /** Records that go in front of the session's own: the past of a fork that is to stand alone. */
  past?: Iterable<LogRecord>;
  /** Changes of the first record. */
  session?: Partial<SessionRecord>;
}

/** Rewrites a session's log in place. The caller holds its lock; forks of it find their place again by message id. */
export function rewriteLog(layout: StoreLayout, id: string, options: RewriteOptions): Rewritten {
  const reader = LogReader.open(layout, id);
  const beside = `${layout.logPath(id)}.${randomUUID()}.tmp`;
  try {
    const targets = headTargets(reader);
    const session: SessionRecord = {
      ...reader.session,
      ...options.session,
      generation: options.clock.sessionId(),
      part: 1,
    };
    if (options.session && 'base' in options.session && options.session.base === undefined) delete session.base;
    const written = writeAnew(reader, beside, session, targets, options);
    assertSameCount(layout, id, beside, written.records, written.generation);
    renameSync(beside, layout.logPath(id));
    syncDirectory(layout.sessionsDir);
    for (let part = 2; part <= reader.parts; part++) rmSync(layout.logPath(id, part));
    if (reader.parts > 1) syncDirectory(layout.sessionsDir);
    return { ...written, bytesBefore: reader.sizeBytes };
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'rewrite', layout.logPath(id));
  } finally {
    reader.close();
  }
}

function writeAnew(
  reader: LogReader,
  path: string,
  session: SessionRecord,
  targets: ReadonlySet<string>,
  options: RewriteOptions,
): { records: number; bytesAfter: number; generation: string } {
  const places = new Map<string, Pointer>();
  if (session.base) places.set(session.base.messageId, session.base.at);
  const composer = new FrameComposer(
    { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 },
    {
      clock: options.clock,
      level: options.level,
      blobs: reader.blobs,
      frameBytes: REPACKED_FRAME_BYTES,
      find: (messageId) => places.get(messageId) ?? null,
    },
  );
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
  let records = 0;
  const add = (record: NewRecord): void => {
    composer.add([record]);
    records++;
    if (record.type === 'message' && targets.has(record.id!)) places.set(record.id!, composer.placeOf(record.id!));
    if (composer.readyBytes >= WRITE_BYTES) writeFully(fd, composer.take());
  };
  try {
    composer.epoch = Math.max(1, reader.fold().epoch);
    composer.add([session]);
    for (const record of options.past ?? []) add(record as NewRecord);
    for (const item of reader.forwards()) {
      if ('damage' in item) {
        if (item.damage.reason === 'torn') continue;
        if (!options.onDamage) throw damagedError(reader, item.damage);
        add(options.onDamage(item.damage));
        continue;
      }
      for (const record of reader.records(item)) {
        // First records are replaced by the new one; snapshots are derived and their pointers stale.
        if (record.type !== 'session' && record.type !== 'snapshot') add(record as NewRecord);
      }
    }
    composer.add([{ type: 'close', at: isoTime(Date.parse(composer.fold.updatedAt)) }]);
    composer.flag(FLAG.close);
    composer.snapshot();
    writeFully(fd, composer.take());
    fsyncSync(fd);
    return { records: records + 1, bytesAfter: fstatSync(fd).size, generation: session.generation };
  } finally {
    closeSync(fd);
  }
}

/** Messages that head records name: their new places must be known when those records are written. */
function headTargets(reader: LogReader): Set<string> {
  const targets = new Set<string>();
  let head: string | null = reader.session.base?.messageId ?? null;
  for (const item of reader.forwards()) {
    if ('damage' in item) continue;
    for (const record of reader.records(item)) {
      if (record.type === 'head') head = (record as HeadRecord).messageId;
      else if (record.type === 'message') {
        const { parentId } = record as MessageRecord;
        // Where damage took the head record, the composer writes it again.
        if (parentId !== head && parentId !== null) targets.add(parentId);
        head = record.id;
      }
      if (record.type === 'head' && head !== null) targets.add(head);
    }
  }
  return targets;
}

/** Reads the new file back: as many records as were written, every frame in order. */
function assertSameCount(layout: StoreLayout, id: string, path: string, expected: number, generation: string): void {
  const reader = LogReader.open(
    { ...layout, logPath: (_id, part = 1) => (part === 1 ? path : `${path}.part${part}`) },
    id,
  );
  let found = 0;
  try {
    for (const item of reader.forwards()) {
      if ('damage' in item) throw damagedError(reader, item.damage);
      found += reader.records(item).filter((each) => each.type !== 'session' && each.type !== 'snapshot').length;
    }
    if (found === expected && reader.session.generation === generation) return;
    throw new SessionError('LOG_DAMAGED', `the rewritten log holds ${found} of ${expected} records`, {
      op: 'rewrite',
      path,
    });
  } finally {
    reader.close();
  }
}

function damagedError(reader: LogReader, damage: PlacedDamage): SessionError {
  return new SessionError('LOG_DAMAGED', `session ${reader.id} is damaged and was not rewritten`, {
    op: 'rewrite',
    path: damage.path,
    offsetBytes: damage.offsetBytes,
    hint: `roo session repair ${reader.id}`,
  });
}
