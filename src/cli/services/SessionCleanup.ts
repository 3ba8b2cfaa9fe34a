// Keeping a store small without surprises: a plan with reasons, carried out only when asked, into trash or archive;
// pruning, the one step that frees bytes; and where the bytes are.

import { warningOf, SessionError } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import { isoTime } from '../../core/clock.ts';
import type { RetentionDecision } from '../../core/retention.ts';
import { applyRetention } from '../../core/retention.ts';
import { LogReader } from '../../store/log-reader.ts';
import { isPacked } from '../../store/log-rewrite.ts';
import { isLocked } from '../../store/session-lock.ts';
import { foreignHolder } from '../../store/shared-lock.ts';
import { listTrash } from '../../store/trash.ts';
import type { ISessionCleanup } from '../types/service-types.ts';
import type { CleanupItem, CleanupReport, PruneReport, RetentionPolicy, StorageInfo } from '../types/storage-types.ts';
import type { SessionStorage } from './SessionStorage.ts';
import { bytesByKind, freeDiskBytes } from './storage-bytes.ts';

const DAY_MS = 86_400_000;
/** The last moment that a date can be: what never expires. */
const END_OF_TIME_MS = 8.64e15;
const LARGEST = 10;

export interface CleanupOptions {
  /** Days that trash keeps a session before `prune` frees it; for ever when it is no positive number. */
  trashDays?: number;
  /** Policy by which `usage` says what a cleanup would free. */
  policy?: RetentionPolicy;
}

export class SessionCleanup implements ISessionCleanup {
  readonly #storage: SessionStorage;
  readonly #trashDays: number;
  readonly #policy: RetentionPolicy;

  constructor(storage: SessionStorage, { trashDays = 30, policy = {} }: CleanupOptions = {}) {
    this.#storage = storage;
    this.#trashDays = trashDays > 0 ? trashDays : Infinity;
    this.#policy = policy;
  }

  async plan(policy: RetentionPolicy): Promise<CleanupReport> {
    const { layout, clock } = this.#storage;
    const { sessions, warnings } = this.#storage.catalogue.all();
    const nowMs = clock.now();
    const subjects = sessions.map((session) => ({
      ...session,
      bytes: session.size,
      inUse: isLocked(layout, session.id) || foreignHolder(layout, session.id, nowMs) !== null,
      damaged: session.health === 'damaged' || session.health === 'unreadable',
    }));
    const action = policy.action ?? 'trash';
    const decision = this.#withoutPacked(applyRetention(subjects, { ...policy, action }, nowMs), action);
    const byId = new Map(sessions.map((session) => [session.id, session]));
    const item =
      (itemAction: CleanupItem['action']) =>
      (each: { id: string; reason: string }): CleanupItem => {
        const { name, size } = byId.get(each.id)!;
        return { id: each.id, name, action: itemAction, reason: each.reason, bytes: size };
      };
    return { remove: decision.remove.map(item(action)), keep: decision.keep.map(item('keep')), done: false, warnings };
  }

  /** Carries out exactly the plan. A session that cannot be moved is a warning and stays where it is. */
  async run(report: CleanupReport, progress: (done: number, total: number) => void): Promise<CleanupReport> {
    const done: CleanupItem[] = [];
    const kept: CleanupItem[] = [];
    const warnings: Warning[] = [...report.warnings];
    for (const [index, item] of report.remove.entries()) {
      try {
        if (item.action === 'archive') await this.#storage.maintenance.repack(item.id);
        else await this.#storage.trash(item.id, item.reason);
        done.push(item);
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        warnings.push(warningOf(error));
        kept.push({ ...item, action: 'keep', reason: error.message });
      }
      progress(index + 1, report.remove.length);
    }
    return { remove: done, keep: [...kept, ...report.keep], done: true, warnings };
  }

  async usage(): Promise<StorageInfo> {
    const { layout } = this.#storage;
    const { sessions, warnings } = this.#storage.catalogue.all();
    const bytes = bytesByKind(layout);
    const { remove } = await this.plan(this.#policy);
    return {
      sessionCount: sessions.length,
      totalBytes: Object.values(bytes).reduce((sum, each) => sum + each, 0),
      ...bytes,
      freeDiskBytes: freeDiskBytes(layout.sessionsDir),
      reclaimableBytes: bytes.trashBytes + remove.reduce((sum, item) => sum + item.bytes, 0),
      largest: sessions
        .toSorted((a, b) => b.size - a.size)
        .slice(0, LARGEST)
        .map(({ id, name, size }) => ({ id, name, bytes: size })),
      warnings,
    };
  }

  trashed(): { id: string; name: string; deletedAt: string; expiresAt: string; bytes: number }[] {
    return listTrash(this.#storage.layout).map(({ id, name, deletedAt, bytes }) => {
      const expiresAtMs = Math.min(Date.parse(deletedAt) + this.#trashDays * DAY_MS, END_OF_TIME_MS);
      return { id, name, deletedAt, expiresAt: isoTime(expiresAtMs), bytes };
    });
  }

  async prune(which: 'expired' | 'all'): Promise<PruneReport> {
    const nowMs = this.#storage.clock.now();
    const pruned: PruneReport['pruned'] = [];
    const remains = new Set<string>();
    const failures: SessionError[] = [];
    for (const { id, expiresAt } of this.trashed()) {
      if (which === 'expired' && Date.parse(expiresAt) > nowMs) continue;
      try {
        const purged = await this.#storage.purge(id);
        pruned.push({ id, bytes: purged.bytesFreed });
        for (const reason of purged.remains) remains.add(reason);
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        failures.push(error);
      }
    }
    const bytesFreed = pruned.reduce((sum, { bytes }) => sum + bytes, 0);
    return { pruned, bytesFreed, remains: [...remains], failures };
  }

  /** A log that was rewritten small before would not get smaller by being rewritten again. */
  #withoutPacked(decision: RetentionDecision, action: 'trash' | 'archive'): RetentionDecision {
    if (action === 'trash') return decision;
    const packed = new Set(decision.remove.map(({ id }) => id).filter((id) => this.#isPacked(id)));
    return {
      remove: decision.remove.filter(({ id }) => !packed.has(id)),
      keep: [...decision.keep, ...[...packed].map((id) => ({ id, reason: 'as small as it gets already' }))],
    };
  }

  #isPacked(id: string): boolean {
    let reader: LogReader | undefined;
    try {
      reader = LogReader.open(this.#storage.layout, id);
      return isPacked(reader);
    } catch (error) {
      // What is wrong with it will be said when it is its turn.
      if (error instanceof SessionError) return false;
      throw error;
    } finally {
      reader?.close();
    }
  }
}
