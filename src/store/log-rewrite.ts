// Writes a log anew: smaller frames become full ones, parts become one file, damage is left behind. The new file gets a
// new generation, is synced and counted before it takes the old one's place, and the old one is whole until then.

import { renameSync, rmSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import type { HeadRecord, LogRecord, MessageRecord, NewRecord, SessionRecord } from '../core/record.ts';
import { syncDirectory } from './durable-files.ts';
import { randomName } from './hashing.ts';
import { buildLog } from './log-build.ts';
import type { PlacedDamage } from './log-place.ts';
import { LogReader } from './log-reader.ts';
import type { StoreLayout } from './store-layout.ts';

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
  const beside = `${layout.logPath(id)}.${randomName()}.tmp`;
  try {
    const targets = headTargets(reader);
    const session: SessionRecord = {
      ...reader.session,
      ...options.session,
      generation: options.clock.sessionId(),
      part: 1,
    };
    if (options.session && 'base' in options.session && options.session.base === undefined) delete session.base;
    const records = recordsAnew(reader, options);
    const epoch = Math.max(1, reader.fold().epoch);
    const written = buildLog(layout, beside, { ...options, session, epoch, records, targets, blobs: reader.blobs });
    renameSync(beside, layout.logPath(id));
    syncDirectory(layout.sessionsDir);
    for (let part = 2; part <= reader.parts; part++) rmSync(layout.logPath(id, part));
    if (reader.parts > 1) syncDirectory(layout.sessionsDir);
    return { ...written, generation: session.generation, bytesBefore: reader.sizeBytes };
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'rewrite', layout.logPath(id));
  } finally {
    reader.close();
  }
}

/** All records in the order of the new log, with a word in place of each span of damage. */
function* recordsAnew(reader: LogReader, options: RewriteOptions): Generator<NewRecord> {
  for (const record of options.past ?? []) yield record as NewRecord;
  for (const item of reader.forwards()) {
    if ('damage' in item) {
      if (item.damage.reason === 'torn') continue;
      if (!options.onDamage) throw damagedError(reader, item.damage);
      yield options.onDamage(item.damage);
      continue;
    }
    for (const record of reader.records(item)) {
      // First records are replaced by the new one; snapshots are derived and their pointers stale.
      if (record.type !== 'session' && record.type !== 'snapshot') yield record as NewRecord;
    }
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

function damagedError(reader: LogReader, damage: PlacedDamage): SessionError {
  return new SessionError('LOG_DAMAGED', `session ${reader.id} is damaged and was not rewritten`, {
    op: 'rewrite',
    path: damage.path,
    offsetBytes: damage.offsetBytes,
    hint: `roo session repair ${reader.id}`,
  });
}
