// Keeping a store small without surprises: a plan with reasons, carried out only when asked, into trash or archive;
// pruning, the one step that frees bytes; and where the bytes are.

import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { warningOf, SessionError } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import { isoTime } from '../../core/clock.ts';
import { applyRetention } from '../../core/retention.ts';
import { parseSessionFileName } from '../../core/session-file-name.ts';
import { isLocked } from '../../store/session-lock.ts';
import { listTrash, sizeOf } from '../../store/trash.ts';
import type { ISessionCleanup } from '../types/service-types.ts';
import type { CleanupItem, CleanupReport, RetentionPolicy, StorageInfo } from '../types/storage-types.ts';
import type { SessionStorage } from './SessionStorage.ts';

const DAY_MS = 86_400_000;
const LARGEST = 10;

export interface CleanupOptions {
  /** Days that trash keeps a session before `prune` frees it. */
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
    this.#trashDays = trashDays;
    this.#policy = policy;
  }

  async plan(policy: RetentionPolicy): Promise<CleanupReport> {
    const { layout, clock } = this.#storage;
    const { sessions, warnings } = this.#storage.catalogue.all();
    const subjects = sessions.map((session) => ({
      ...session,
      bytes: session.size,
      inUse: isLocked(layout, session.id),
      damaged: session.health === 'damaged' || session.health === 'unreadable',
    }));
    const action = policy.action ?? 'trash';
    // What is archived already cannot be archived again, and its size is as small as it gets.
    const candidates = action === 'archive' ? subjects.filter(({ archived }) => !archived) : subjects;
    const decision = applyRetention(candidates, { ...policy, maxTotalBytes: policy.maxTotalBytes }, clock.now());
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
    const blobBytes = sizeOf(join(layout.sessionsDir, 'blobs'));
    const trashBytes = sizeOf(layout.trashDir);
    const indexBytes = ['', '-wal', '-shm'].reduce((sum, end) => sum + sizeOf(layout.indexPath + end), 0);
    const { logBytes, keptBytes } = this.#fileBytes();
    const { remove } = await this.plan(this.#policy);
    return {
      sessionCount: sessions.length,
      totalBytes: logBytes + blobBytes + trashBytes + indexBytes + keptBytes,
      logBytes,
      blobBytes,
      trashBytes,
      indexBytes,
      keptBytes,
      freeDiskBytes: freeBytes(layout.sessionsDir),
      reclaimableBytes: trashBytes + remove.reduce((sum, { bytes }) => sum + bytes, 0),
      largest: sessions
        .toSorted((a, b) => b.size - a.size)
        .slice(0, LARGEST)
        .map(({ id, name, size }) => ({ id, name, bytes: size })),
      warnings,
    };
  }

  trashed(): { id: string; name: string; deletedAt: string; expiresAt: string; bytes: number }[] {
    return listTrash(this.#storage.layout).map(({ id, name, deletedAt, bytes }) => ({
      id,
      name,
      deletedAt,
      expiresAt: isoTime(Date.parse(deletedAt) + this.#trashDays * DAY_MS),
      bytes,
    }));
  }

  async prune(which: 'expired' | 'all'): Promise<{ pruned: { id: string; bytes: number }[]; bytesFreed: number }> {
    const now = isoTime(this.#storage.clock.now());
    const pruned: { id: string; bytes: number }[] = [];
    for (const { id, expiresAt } of this.trashed()) {
      if (which === 'expired' && expiresAt > now) continue;
      const { bytesFreed } = await this.#storage.purge(id);
      pruned.push({ id, bytes: bytesFreed });
    }
    return { pruned, bytesFreed: pruned.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  #fileBytes(): { logBytes: number; keptBytes: number } {
    const { sessionsDir } = this.#storage.layout;
    let logBytes = 0;
    let keptBytes = 0;
    if (!existsSync(sessionsDir)) return { logBytes, keptBytes };
    for (const name of readdirSync(sessionsDir)) {
      if (name === 'blobs' || name === 'trash') continue;
      const bytes = sizeOf(join(sessionsDir, name));
      if (parseSessionFileName(name)) logBytes += bytes;
      else keptBytes += bytes;
    }
    return { logBytes, keptBytes };
  }
}

function freeBytes(path: string): number {
  if (!existsSync(path)) return 0;
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
