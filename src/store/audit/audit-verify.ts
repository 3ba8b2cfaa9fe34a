// Reads the audit log and says where it is not as it was written: lines that were changed, left out, put in or cut off,
// files that are missing, a head that names another end. One change is one problem: checking goes on behind it.

import type { AuditEntry, AuditProblem, AuditReport } from '../../core/audit.ts';
import { isThere } from '../durable-files.ts';
import { readSafely } from '../safe-file.ts';
import type { AuditPaths } from './audit-files.ts';
import { auditFileNames, auditPaths } from './audit-files.ts';
import type { AuditHead } from './audit-head.ts';
import { readAuditHead } from './audit-head.ts';
import { readAuditKey } from './audit-key.ts';
import type { BeginLine, ReadLine } from './audit-line.ts';
import { decodeAuditLine, isBegin, isEntry, NO_MAC } from './audit-line.ts';

/** A log that was overwritten has as many problems as lines. */
const PROBLEMS_MAX = 100;
/** A file that is full may be dropped while it is to be read; that does not happen again and again. */
const ATTEMPTS_MAX = 3;

/** Every deed in the order of the log. `unreadable` is told how many lines of a file are none. */
export function* auditEntries(
  stateDir: string,
  unreadable: (file: string, lines: number) => void,
): Generator<AuditEntry> {
  const paths = auditPaths(stateDir);
  for (const file of auditFileNames(paths)) {
    const texts = linesOf(paths, file)?.lines ?? [];
    let bad = 0;
    for (const text of texts) {
      const read = decodeAuditLine(text);
      if (!read) bad++;
      else if (isEntry(read.line)) yield read.line;
    }
    if (bad > 0) unreadable(file, bad);
  }
}

/** Takes no lock: what is appended meanwhile stands behind the head that was read first. */
export function verifyAudit(stateDir: string): AuditReport {
  const paths = auditPaths(stateDir);
  for (let attempt = 1; ; attempt++) {
    const report = verifyOnce(paths, attempt === ATTEMPTS_MAX);
    if (report) return report;
  }
}

/** Null when a file went while it was to be read; with `isLast` that is not looked into any more. */
function verifyOnce(paths: AuditPaths, isLast: boolean): AuditReport | null {
  const key = readAuditKey(paths.key);
  if (!key) return withoutKey(paths);
  // Before the files are listed, so that the one it names is among them.
  const head = readAuditHead(paths.head, key);
  const check = new ChainCheck(key, head);
  for (const file of auditFileNames(paths)) {
    const content = linesOf(paths, file);
    if (content) check.file(file, content.lines, content.rest);
    else if (!isLast) return null;
  }
  return check.end();
}

function withoutKey(paths: AuditPaths): AuditReport {
  const files = auditFileNames(paths).length;
  const reason = 'the key is not there: nothing that was logged can be verified';
  const problems = files === 0 && !isThere(paths.head) ? [] : [{ file: 'key', line: null, reason }];
  return { ok: problems.length === 0, entries: 0, files, problems };
}

class ChainCheck {
  readonly #key: Buffer;
  readonly #head: AuditHead | 'none' | 'foreign';
  readonly #problems: AuditProblem[] = [];
  #tooMany = 0;
  #entries = 0;
  #files = 0;
  #seq = 0;
  #mac = NO_MAC;
  #droppedThrough = 0;
  #firstSeq: { file: string; seq: number } | null = null;
  /** The mac of the line that the head names. */
  #macAtHead: string | null = null;
  #rest: { file: string; line: number } | null = null;

  constructor(key: Buffer, head: AuditHead | 'none' | 'foreign') {
    this.#key = key;
    this.#head = head;
  }

  file(file: string, lines: readonly string[], rest: boolean): void {
    // Half a line is a crash's only at the very end.
    if (this.#rest) this.#problem(this.#rest.file, this.#rest.line, 'the file ends within a line');
    this.#rest = rest ? { file, line: lines.length + 1 } : null;
    this.#files++;
    for (const [index, text] of lines.entries()) this.#line(file, index + 1, text);
    if (lines.length === 0) this.#problem(file, null, 'the file has no line');
  }

  end(): AuditReport {
    const head = this.#head;
    if (this.#firstSeq && this.#firstSeq.seq > this.#droppedThrough + 1) {
      const { file, seq } = this.#firstSeq;
      this.#problem(
        file,
        null,
        `${range(this.#droppedThrough + 1, seq - 1)} before this file, which was not dropped for its size`,
      );
    }
    if (head === 'none' && this.#files > 0)
      this.#problem('head', null, 'the head is gone: lines may have been cut off the end');
    if (head === 'foreign')
      this.#problem('head', null, 'the head was not written with this key: lines may have been cut off the end');
    if (typeof head === 'object') this.#checkHead(head);
    if (this.#tooMany > 0) this.#problems.push({ file: '', line: null, reason: `${this.#tooMany} more problems` });
    return { ok: this.#problems.length === 0, entries: this.#entries, files: this.#files, problems: this.#problems };
  }

  #checkHead(head: AuditHead): void {
    if (head.seq > this.#seq) this.#problem(head.file, null, `${range(this.#seq + 1, head.seq)} at the end`);
    else if (this.#macAtHead !== head.mac)
      this.#problem(head.file, null, `line number ${head.seq} is not the one that the head names`);
  }

  #line(file: string, line: number, text: string): void {
    const read = decodeAuditLine(text);
    if (!read) {
      this.#problem(file, line, 'this is no line of the audit log');
      return;
    }
    const { seq } = read.line;
    if (isEntry(read.line)) this.#entries++;
    const reason =
      line === 1
        ? this.#beginning(file, read)
        : isBegin(read.line)
          ? 'a file begins within another'
          : this.#chain(read);
    if (reason !== null) this.#problem(file, line, reason);
    this.#seq = seq;
    this.#mac = read.mac;
    if (typeof this.#head === 'object' && seq === this.#head.seq) this.#macAtHead = read.mac;
  }

  /** What is wrong with the first line of a file; null for nothing. */
  #beginning(file: string, read: ReadLine): string | null {
    const { line } = read;
    if (!isBegin(line)) return 'the line that the file began with is missing';
    const isFirst = this.#firstSeq === null;
    this.#firstSeq ??= { file, seq: line.seq };
    if (!read.follows(this.#key, line.prev)) return 'the line was changed, or written with another key';
    this.#droppedThrough = Math.max(this.#droppedThrough, line.droppedThrough ?? 0);
    const found = line.found === undefined ? null : `when the log was gone on with, ${line.found}`;
    const gap = isFirst ? null : this.#gap(line);
    return found !== null && gap !== null ? `${found}; ${gap}` : (found ?? gap);
  }

  #gap({ seq, prev }: BeginLine): string | null {
    if (seq > this.#seq + 1) return `${range(this.#seq + 1, seq - 1)} before this one`;
    return seq === this.#seq + 1 && prev === this.#mac ? null : 'the file does not go on where the one before it ended';
  }

  #chain(read: ReadLine): string | null {
    if (read.follows(this.#key, this.#mac)) return null;
    const { seq } = read.line;
    if (seq > this.#seq + 1) return `${range(this.#seq + 1, seq - 1)} before this one`;
    return 'the line was changed or put in, or the one before it was';
  }

  #problem(file: string, line: number | null, reason: string): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push({ file, line, reason });
    else this.#tooMany++;
  }
}

function range(first: number, last: number): string {
  return first === last ? `line number ${first} is missing` : `lines number ${first} to ${last} are missing`;
}

/** Null where the file was dropped in the meantime. `rest` is true when it ends without a line end. */
function linesOf(paths: AuditPaths, file: string): { lines: string[]; rest: boolean } | null {
  const bytes = readSafely(paths.file(file));
  if (!bytes) return null;
  const lines = bytes.toString('utf8').split('\n');
  return { rest: lines.pop() !== '', lines };
}
