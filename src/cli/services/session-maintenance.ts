// Upkeep of a store's sessions: archive, trash and purge, verify and repair, migration. Each takes the session's lock
// for as long as it works and tells the index afterwards.

import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/clock.ts';
import type { Warning } from '../../core/errors.ts';
import { SessionError, systemError, warningOf } from '../../core/errors.ts';
import { assertSessionId } from '../../core/session-file-name.ts';
import { removeAnchor } from '../../store/anchor.ts';
import { holdSessionKey } from '../../store/key-lock.ts';
import { removeKeyFile } from '../../store/session-key-files.ts';
import { familyOf, sweepBlobs } from '../../store/blob-family.ts';
import { format1Header } from '../../store/format1-file.ts';
import { migrateFormat1 } from '../../store/format1-migrate.ts';
import { isOldDocument } from '../../store/format1-source.ts';
import { LogReader } from '../../store/log-reader.ts';
import { repairLog } from '../../store/log-repair.ts';
import { rewriteLog } from '../../store/log-rewrite.ts';
import { LogSource } from '../../store/log-source.ts';
import { logExists } from '../../store/log-writer.ts';
import { verifyLog } from '../../store/log-verify.ts';
import type { Verified } from '../../store/log-verify.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import { conflictsOf, dropMarks } from '../../store/session-marks.ts';
import { emptyFromTrash, listTrash, moveToTrash, restoreFromTrash, trashedLayout } from '../../store/trash.ts';
import type { RepairReport, VerifyReport } from '../types/storage-types.ts';
import { SessionForks } from './session-forks.ts';
import type { Audit } from './session-audit.ts';
import type { SessionWriters } from './session-writers.ts';

/** What maintenance tells and asks the catalogue. */
export interface CatalogueHooks {
  nameOf(id: string): string;
  afterWrite(id: string): Promise<void>;
  /** Before the log goes: its words can be taken out of the index only while it still has them. */
  forget(id: string): Promise<void>;
  /** The same for good. Answers what may still hold words of it, a sentence; null for nothing. */
  erase(id: string): Promise<string | null>;
}

/** Archived sessions are read rarely: the smaller file is worth the time. */
const ARCHIVE_LEVEL = 9;
const LEVEL = 6;

export class SessionMaintenance {
  readonly #layout: StoreLayout;
  readonly #clock: Clock;
  readonly #writers: SessionWriters;
  readonly #catalogue: CatalogueHooks;
  readonly forks: SessionForks;
  readonly #audit: Audit;

  constructor(layout: StoreLayout, clock: Clock, writers: SessionWriters, catalogue: CatalogueHooks, audit: Audit) {
    this.#layout = layout;
    this.#clock = clock;
    this.#writers = writers;
    this.#catalogue = catalogue;
    this.#audit = audit;
    this.forks = new SessionForks(layout, clock, writers, catalogue);
  }

  /** Marks a session archived and rewrites it small. A damaged one is marked only: rewriting would leave bytes out. */
  async archive(id: string): Promise<void> {
    const writer = await this.#writers.open(id);
    try {
      if (!writer.fold.archived) await writer.append([{ type: 'meta', archived: true }]);
    } finally {
      await this.#writers.close(writer);
    }
    try {
      await this.repack(id);
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'LOG_DAMAGED') throw error;
      this.#audit.note('archive', id);
    }
  }

  /** Rewrites a session small and changes nothing else: what an automatic cleanup may do without being noticed. */
  async repack(id: string): Promise<{ bytesBefore: number; bytesAfter: number }> {
    this.#assertThere(id, 'repack');
    const options = { clock: this.#clock, level: ARCHIVE_LEVEL };
    const repacked = await this.#locked(id, () => rewriteLog(this.#layout, id, options));
    await this.#catalogue.afterWrite(id);
    this.#audit.note('archive', id);
    return repacked;
  }

  async unarchive(id: string): Promise<void> {
    await this.#writers.change(id, [{ type: 'meta', archived: false }]);
    this.#audit.note('unarchive', id);
  }

  async trash(id: string, reason: string): Promise<void> {
    this.#assertThere(id, 'delete');
    // The note in the trash is a plain file.
    const name = this.#layout.keys?.isSealed(id) ? `encrypted session ${id.slice(0, 8)}` : this.#catalogue.nameOf(id);
    const deletedAt = isoTime(this.#clock.now());
    await this.#locked(id, async () => {
      await this.#catalogue.forget(id);
      try {
        moveToTrash(this.#layout, { id, name, deletedAt, reason });
      } catch (error) {
        // It is still there, so it must be listed.
        await this.#catalogue.afterWrite(id);
        throw error;
      }
    });
    this.#audit.note('delete', id);
  }

  /** Brings a session back, named by its id, a unique beginning of it, or its name. Returns the id. */
  async undelete(ref: string): Promise<string> {
    const trashed = listTrash(this.#layout);
    const exact = trashed.filter(({ id, name }) => id === ref || name === ref);
    const found = exact.length > 0 || ref.length < 4 ? exact : trashed.filter(({ id }) => id.startsWith(ref));
    if (found.length > 1) {
      const candidates = found.map(({ id, name }) => ({ id, name }));
      const details = { op: 'undelete', data: { candidates } };
      throw new SessionError('SESSION_REF_AMBIGUOUS', `${ref} fits ${found.length} sessions in trash`, details);
    }
    const id = found[0]?.id ?? ref;
    await this.#locked(id, () => restoreFromTrash(this.#layout, id));
    await this.#catalogue.afterWrite(id);
    this.#audit.note('undelete', id);
    return id;
  }

  /**
   * Frees the bytes of a session in the store or in trash, its blobs included. Forks that rest on it get their past
   * first. Says what may remain elsewhere. Cut short, it is finished by purging again.
   */
  async purge(id: string): Promise<{ bytesFreed: number; remains: string[] }> {
    assertSessionId(id, 'purge');
    const isTrashed = listTrash(this.#layout).some((each) => each.id === id);
    if (!isTrashed) await this.trash(id, 'purge');
    const { bytesFreed, remains } = await this.#locked(id, () => this.#free(id));
    dropMarks(this.#layout, id);
    this.#audit.note('purge', id);
    return { bytesFreed, remains };
  }

  /** Frees a session in trash, the log last: as long as it is there, all of this can be done again. */
  async #free(id: string): Promise<{ bytesFreed: number; remains: string[] }> {
    const layout = this.#layout;
    // Where its log cannot be read, its large parts are looked for where those of most sessions are.
    const family = familyOf(trashedLayout(layout, id), id) ?? id;
    const forks = await this.forks.standAloneFrom(id);
    const { dropFromAll } = await import('../../workspace/checkpoints/drop-session.ts');
    await dropFromAll(layout.home, id);
    const { dropLocalTraces } = await import('./local-traces.ts');
    const traces = dropLocalTraces(layout.home, id);
    const erased = await this.#destroyKey(id);
    const blobs = sweepBlobs(layout, family, id);
    // Once the log is out of the store: whoever looked at it before has taken its words in.
    const index = await this.#catalogue.erase(id);
    const bytesFreed = emptyFromTrash(layout, id) + blobs.bytesFreed;
    const kept = blobs.kept ? [`large parts in ${layout.blobDir(family)}: ${blobs.kept}`] : [];
    const others = [
      ...forks.map((fork) => `a copy of the past that session ${fork}, a fork, shared with it`),
      ...conflictsOf(layout, id).map((other) => `another version of it, session ${other}`),
    ];
    const elsewhere = erased ?? REMAINS;
    return { bytesFreed, remains: [...(index === null ? [] : [index]), ...traces, ...kept, ...others, ...elsewhere] };
  }

  /** Answers what remains of an encrypted session; null for one whose bytes anybody could read. */
  async #destroyKey(id: string): Promise<string[] | null> {
    if (!this.#layout.keys?.isSealed(id) || id.includes('~')) return null;
    if (conflictsOf(this.#layout, id).length > 0)
      return [...REMAINS, 'its key, by which another version of it is read'];
    const since = encryptedSince(trashedLayout(this.#layout, id), id);
    // Nobody who shares it meanwhile writes it again.
    await holdSessionKey(this.#layout, id, isoTime(this.#clock.now()), async () => removeKeyFile(this.#layout, id));
    removeAnchor(this.#layout, id);
    if (since === 'beginning') return ERASED;
    return since === null
      ? [...ERASED, NOT_KNOWN]
      : [...ERASED, `what was written before ${since}: ${REMAINS.join('; ')}`];
  }

  async verify(id: string): Promise<VerifyReport> {
    this.#assertThere(id, 'verify');
    let reader: LogReader | undefined;
    try {
      reader = LogReader.open(this.#layout, id);
      return reportOf(id, verifyLog(reader, 'hash'));
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'LOG_UNREADABLE') throw error;
      return isOldDocument(this.#layout, id) ? this.#verifyDocument(id) : { ...NOTHING, id, health: 'unreadable' };
    } finally {
      reader?.close();
    }
  }

  async repair(id: string): Promise<RepairReport> {
    this.#assertThere(id, 'repair');
    const forkPoints = this.forks.pointsIn(id);
    const options = { clock: this.#clock, level: LEVEL, forkPoints };
    const { after, actions, originalPath } = await this.#locked(id, () => repairLog(this.#layout, id, options));
    await this.#catalogue.afterWrite(id);
    this.#audit.note('repair', id);
    return { ...reportOf(id, after), actions, originalPath };
  }

  /** Turns format 1 files into logs, one by one: a file that cannot be read is a warning and stays as it is. */
  async migrate(): Promise<{
    migrated: { id: string; messages: number; originalPath: string }[];
    warnings: Warning[];
  }> {
    const migrated: { id: string; messages: number; originalPath: string }[] = [];
    const warnings: Warning[] = [];
    for (const id of new LogSource(this.#layout).ids()) {
      try {
        if (!isOldDocument(this.#layout, id)) continue;
        const done = await this.#locked(id, () => migrateFormat1(this.#layout, id, this.#clock));
        migrated.push({ id, ...done });
        await this.#catalogue.afterWrite(id);
      } catch (error) {
        warnings.push(warningOf(systemError(error, 'migrate', this.#layout.logPath(id))));
      }
    }
    return { migrated, warnings };
  }

  #verifyDocument(id: string): VerifyReport {
    try {
      return { ...NOTHING, id, health: 'ok', recordsOk: format1Header(this.#layout.logPath(id)).messages };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (error.code === 'CHECKSUM_MISMATCH') return { ...NOTHING, id, health: 'damaged' };
      if (error.code === 'LOG_UNREADABLE') return { ...NOTHING, id, health: 'unreadable' };
      throw error;
    }
  }

  async #locked<T>(id: string, work: () => T | Promise<T>): Promise<T> {
    const lock = this.#writers.lock(id);
    try {
      return await work();
    } finally {
      lock.release();
    }
  }

  #assertThere(id: string, op: string): void {
    assertSessionId(id, op);
    if (logExists(this.#layout, id)) return;
    throw new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`, { op, path: this.#layout.logPath(id) });
  }
}

const NOTHING: Omit<VerifyReport, 'id' | 'health'> = { recordsOk: 0, recordsDamaged: 0, bytesKept: 0, spans: [] };

/** What no program on this machine can promise to have removed. */
const REMAINS = [
  'what was exported, shared or sent to a model',
  'copies in backups, file system snapshots and synced folders',
  'blocks that an SSD or a copy-on-write file system has not reused yet',
];

/** Of a session whose key is destroyed, also what no program can remove is unreadable. */
const ERASED = [
  'its key is destroyed: what is left of it on disks and in backups cannot be read, but with a copy of its key file ' +
    'that somebody made before, and an identity that it is for',
];
const NOT_KNOWN = 'it is locked, so whether it was ever written in plain is not known';

/** Since when a session is encrypted; null where it cannot be read. */
function encryptedSince(layout: StoreLayout, id: string): string | null {
  try {
    const reader = LogReader.open(layout, id);
    try {
      return reader.session.encryptedSince ?? null;
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof SessionError && error.code !== 'INTERNAL') return null;
    throw error;
  }
}

function reportOf(id: string, verified: Verified): VerifyReport {
  const { health, recordsOk, recordsDamaged, bytesKept, spans } = verified;
  return { id, health, recordsOk, recordsDamaged, bytesKept, spans };
}
