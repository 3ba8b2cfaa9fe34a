// Who did what to which session, on this machine. Deeds are logged when they are done; reads are counted, and logged
// once a minute or at the end. The log is about the work and never in its way: what cannot be logged is said once.

import { hostname, userInfo } from 'node:os';
import type { AuditedDeed, AuditEntry, AuditReport } from '../../core/audit.ts';
import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/clock.ts';
import type { Warning } from '../../core/errors.ts';
import { SessionError, warningOf } from '../../core/errors.ts';
import type { AuditLogOptions } from '../../store/audit/audit-log.ts';
import { AuditLog } from '../../store/audit/audit-log.ts';
import type { NewLine } from '../../store/audit/audit-line.ts';
import { auditEntries, verifyAudit } from '../../store/audit/audit-verify.ts';
import type { StoreLayout } from '../../store/store-layout.ts';

/** What services tell the audit log. */
export interface Audit {
  /** Never throws. */
  note(op: AuditedDeed, session: string): void;
}

type NewEntry = Omit<AuditEntry, 'seq'>;

const READS_MS = 60_000;

export class SessionAudit implements Audit {
  readonly #layout: StoreLayout;
  readonly #clock: Clock;
  readonly #warn: (warning: Warning) => void;
  readonly #log: AuditLog;
  readonly #reads = new Map<string, NewEntry>();
  #timer: NodeJS.Timeout | null = null;
  #who: { user: string; host: string; pid: number } | null = null;
  #hasFailed = false;
  /** A process that is told to leave does not come to `close`. */
  readonly #onExit = (): void => this.flush();

  /** `warn` is told once when the log cannot be written. */
  constructor(layout: StoreLayout, clock: Clock, warn: (warning: Warning) => void, options: AuditLogOptions = {}) {
    this.#layout = layout;
    this.#clock = clock;
    this.#warn = warn;
    this.#log = new AuditLog(layout.stateDir, options);
  }

  note(op: AuditedDeed, session: string): void {
    const at = isoTime(this.#clock.now());
    if (op === 'read') this.#count(session, at);
    else this.#append([this.#entry(op, session, at)], at);
  }

  /** Writes the reads that were counted. */
  flush(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    process.off('exit', this.#onExit);
    const reads = [...this.#reads.values()];
    this.#reads.clear();
    this.#append(reads, isoTime(this.#clock.now()));
  }

  /** The deeds done to a session, or to all, oldest first. `unreadable` gets a warning for each file with bad lines. */
  *entries(session: string | null, unreadable: (warning: Warning) => void): Generator<AuditEntry> {
    this.flush();
    const all = auditEntries(this.#layout.stateDir, (file, lines) => unreadable(unreadableLines(file, lines)));
    for (const entry of all) if (session === null || entry.session === session) yield entry;
  }

  verify(): AuditReport {
    this.flush();
    return verifyAudit(this.#layout.stateDir);
  }

  close(): void {
    this.flush();
    this.#log.close();
  }

  #count(session: string, at: string): void {
    const known = this.#reads.get(session);
    if (known) Object.assign(known, { count: known.count + 1, until: at });
    else this.#reads.set(session, this.#entry('read', session, at));
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.flush(), READS_MS).unref();
    process.on('exit', this.#onExit);
  }

  #entry(op: AuditedDeed, session: string, at: string): NewEntry {
    this.#who ??= { user: userName(), host: hostname(), pid: process.pid };
    return { at, op, session, ...this.#who, count: 1 };
  }

  #append(lines: readonly NewLine[], at: string): void {
    try {
      this.#log.append(lines, at);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      const { hint } = error;
      const message = `what is done is not being logged: ${error.message}`;
      this.#warn({ ...warningOf(error), code: 'AUDIT_UNUSABLE', message, ...(hint !== undefined && { hint }) });
    }
  }
}

/** Somebody without an entry in the system's list of users, as in a container, is a number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function unreadableLines(file: string, lines: number): Warning {
  const error = new SessionError(
    'AUDIT_CHANGED',
    `${lines === 1 ? 'a line' : `${lines} lines`} of ${file} cannot be read`,
    {
      op: 'audit',
      path: file,
      hint: 'roo session audit --verify',
    },
  );
  return warningOf(error);
}
