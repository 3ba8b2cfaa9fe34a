// What storage, retention and cleanup give to callers: the story's StorageInfo and RetentionPolicy, and their reports.

import type { SessionError, Warning } from '../../core/errors.ts';
import type { Health, Session, SessionStatus } from './session-types.ts';

/** Format 1: the story's document, gzip or plain. The checksum is the hex SHA-256 of the bytes of the `session` value. */
export interface SessionFile {
  version: string;
  session: Session;
  checksum: string;
  compressed: boolean;
}

/** Bytes by session and by kind. */
export interface StorageInfo {
  sessionCount: number;
  totalBytes: number;
  logBytes: number;
  blobBytes: number;
  trashBytes: number;
  indexBytes: number;
  /** Files of projects that checkpoints hold, of all sessions. */
  checkpointBytes: number;
  /** Torn tails and originals kept by repairs and migrations. */
  keptBytes: number;
  freeDiskBytes: number;
  /** What a cleanup with the configured policy would free, now and after prune. */
  reclaimableBytes: number;
  largest: { id: string; name: string; bytes: number }[];
  warnings: Warning[];
}

/** A rule that is absent or not a positive number removes nothing. */
export interface RetentionPolicy {
  /** Remove what was not changed for this long. */
  olderThanDays?: number;
  /** Always keep this many newest sessions. */
  keepLast?: number;
  /** Remove the oldest beyond this many. */
  maxCount?: number;
  /** Remove the oldest until the rest is within this size. */
  maxTotalBytes?: number;
  keepTags?: string[];
  /** Only sessions with one of these statuses may be removed. */
  status?: SessionStatus[];
  /** Where removed sessions go. */
  action?: 'trash' | 'archive';
}

export interface CleanupItem {
  id: string;
  name: string;
  action: 'trash' | 'archive' | 'keep';
  reason: string;
  bytes: number;
}
export interface CleanupReport {
  remove: CleanupItem[];
  keep: CleanupItem[];
  /** False for a preview. */
  done: boolean;
  warnings: Warning[];
}

export interface VerifyReport {
  id: string;
  health: Health;
  recordsOk: number;
  /** Records that are known to be lost (their frame's header was readable) plus one for each gap of unknown size. */
  recordsDamaged: number;
  /** Bytes of damaged spans, which stay in the file. */
  bytesKept: number;
  spans: { part: number; offsetBytes: number; lengthBytes: number; reason: string }[];
}

export interface PruneReport {
  pruned: { id: string; bytes: number }[];
  bytesFreed: number;
  /** What could not be reached, a sentence each. */
  remains: string[];
  /** Why others stay in the trash. */
  failures: SessionError[];
}

export interface RepairReport extends VerifyReport {
  /** What was done, in order, as sentences. */
  actions: string[];
  /** Where the original is kept; null when nothing had to change. */
  originalPath: string | null;
}

/** What was done to who can read a session. */
export interface EncryptionReport {
  id: string;
  status: 'encrypted' | 'decrypted' | 'shared' | 'rekeyed' | 'unchanged';
  /** Everyone who can read it with an identity of theirs; none for a session that anybody can read. */
  recipients: readonly string[];
  /** What could not be reached, a sentence each. */
  remains: string[];
}

/** What was taken out of one session, or would be. */
export interface ScrubReport {
  id: string;
  /** Without what was found in it. */
  name: string;
  trashed: boolean;
  /** `found`: would be scrubbed. `clean`: nothing was found in it. */
  status: 'found' | 'scrubbed' | 'clean';
  /** Secrets by the rule that found them, most often first. */
  replaced: { rule: string; count: number }[];
  /** Records of the log, large parts of it, and files beside it that were changed. */
  records: number;
  blobs: number;
  files: string[];
  /** Kept originals that were removed. */
  removed: string[];
  /** What could not be reached, a sentence each. */
  remains: string[];
}

export type ImportStatus = 'new' | 'unchanged' | 'updated';
export interface ImportedSession {
  id: string;
  name: string;
  agent: string;
  messages: number;
  toolCalls: number;
  status: ImportStatus;
  /** Entries that could not be understood and are kept as they were. */
  quarantined: number;
}
