// What the audit log says of a session: who did what to it, and when. Ids only: a log that outlives the sessions it is
// about must not hold their titles or a word of them.

/** What can be done to a session. `write` opens it for writing, `edit` changes it without opening it for longer. */
export type AuditedDeed =
  | 'create'
  | 'write'
  | 'read'
  | 'export'
  | 'import'
  | 'edit'
  | 'delete'
  | 'undelete'
  | 'purge'
  | 'archive'
  | 'unarchive'
  | 'repair'
  | 'scrub'
  | 'share'
  | 'encrypt'
  | 'decrypt'
  | 'rekey'
  | 'decrypt-failed';

/** One deed, or the reads of one session by one process within a minute. */
export interface AuditEntry {
  /** Number of the line, from 1. */
  seq: number;
  /** ISO 8601. */
  at: string;
  op: AuditedDeed;
  session: string;
  user: string;
  host: string;
  pid: number;
  /** How often; 1 for everything but reads. */
  count: number;
  /** Time of the last of several reads. */
  until?: string;
}

/** A place where the audit log is not as it was written. */
export interface AuditProblem {
  /** Name of the file. */
  file: string;
  /** Line in it, from 1; null for what is wrong with the whole file. */
  line: number | null;
  reason: string;
}

export interface AuditReport {
  ok: boolean;
  /** Deeds that were found, whether or not they could be vouched for. */
  entries: number;
  files: number;
  problems: AuditProblem[];
}
