// Where the audit log is: files of lines, each named by the number of its first one, the key, the head, and a lock.
// All of it is of this machine: nothing of it is in the sessions folder, which others may write to.

import { join } from 'node:path';
import { namesIn } from '../session-files.ts';

const NAME = /^audit-[0-9]{12}\.jsonl$/;

export interface AuditPaths {
  directory: string;
  key: string;
  head: string;
  lock: string;
  file(name: string): string;
}

export function auditPaths(stateDir: string): AuditPaths {
  const directory = join(stateDir, 'audit');
  return {
    directory,
    key: join(directory, 'key'),
    head: join(directory, 'head'),
    lock: join(directory, 'lock'),
    file: (name) => join(directory, name),
  };
}

export function auditFileName(firstSeq: number): string {
  return `audit-${String(firstSeq).padStart(12, '0')}.jsonl`;
}

/** Names of the files of lines, oldest first; none when nothing was ever logged. */
export function auditFileNames({ directory }: AuditPaths): string[] {
  return namesIn(directory)
    .filter((name) => NAME.test(name))
    .toSorted();
}
