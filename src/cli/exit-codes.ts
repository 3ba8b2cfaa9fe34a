// What the shell sees. One switch, so that a new error code cannot be added without deciding its exit code;
// docs/errors.md is checked against it.

import { SessionError } from '../core/errors.ts';
import type { ErrorCode, Warning } from '../core/errors.ts';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  inUse: 4,
  damaged: 5,
  denied: 6,
  limit: 7,
  newer: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code means, for help texts and docs. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed',
  2: 'wrong usage, or an ambiguous reference',
  3: 'no such session',
  4: 'in use by another process',
  5: 'damaged data was found; what could be read was delivered',
  6: 'a key or a permission is missing',
  7: 'no space, or a limit was reached; nothing was lost',
  8: 'written by a newer version: open it read-only or upgrade',
  130: 'interrupted',
};

export function exitCodeOf(code: ErrorCode): ExitCode {
  switch (code) {
    case 'USAGE':
    case 'SESSION_REF_AMBIGUOUS':
    case 'SESSION_ID_INVALID':
    case 'NEEDS_CONFIRMATION':
    case 'MODEL_NOT_CONFIGURED':
      return EXIT.usage;
    case 'SESSION_NOT_FOUND':
    case 'PROCESS_NOT_FOUND':
    case 'CHECKPOINT_NOT_FOUND':
      return EXIT.notFound;
    case 'SESSION_IN_USE':
    case 'LOG_CHANGED':
      return EXIT.inUse;
    case 'SESSION_UNSEALED':
    case 'LOG_DAMAGED':
    case 'LOG_TORN':
    case 'LOG_UNREADABLE':
    case 'CHECKSUM_MISMATCH':
    case 'BLOB_MISSING':
    case 'BLOB_DAMAGED':
    case 'BASE_MISSING':
    case 'AUDIT_CHANGED':
    case 'KEY_DAMAGED':
      return EXIT.damaged;
    case 'SESSION_ENCRYPTED':
    case 'KEY_CHANGED':
    case 'KEY_MISSING':
    case 'KEY_WRONG_PASSPHRASE':
    case 'KEY_UNPROTECTED':
      return EXIT.denied;
    case 'STORE_FULL':
    case 'RECORD_TOO_DEEP':
    case 'RECORD_TOO_LARGE':
    case 'EXPORT_TOO_LARGE':
    case 'IMPORT_REFUSED':
      return EXIT.limit;
    case 'FORMAT_NEWER':
      return EXIT.newer;
    case 'INTERRUPTED':
      return EXIT.interrupted;
    case 'CONFIG_INVALID':
    case 'SESSION_EXISTS':
    case 'KEY_EXISTS':
    case 'SESSION_READ_ONLY':
    case 'LOG_POISONED':
    case 'FORMAT_UNKNOWN':
    case 'RECORD_INVALID':
    case 'PARENT_NOT_DURABLE':
    case 'STORE_UNREADABLE':
    case 'STORE_UNSAFE':
    case 'STORE_ON_NETWORK':
    case 'INDEX_UNUSABLE':
    case 'AUDIT_UNUSABLE':
    case 'CONTEXT_LEFT_OUT':
    case 'SECRET_KEPT_OUT':
    case 'MODEL_FAILED':
    case 'MCP_FAILED':
    case 'PROCESS_FAILED':
    case 'CHECKPOINT_FAILED':
    case 'CHECK_FAILED':
    case 'NOT_SUPPORTED':
    case 'INTERNAL':
      return EXIT.failed;
  }
}

/** As `exitCodeOf`, and 6 where the operating system denied access: a script can then tell it from a broken disk. */
export function exitCodeOfError(error: SessionError): ExitCode {
  if (error.code === 'STORE_UNREADABLE' && isDenied(error.cause)) return EXIT.denied;
  return exitCodeOf(error.code);
}

/** A warning says that the work was done; only damage still shows in the exit code. A torn tail is no damage. */
export function exitCodeOfWarning(warning: Warning): ExitCode {
  if (warning.code === 'LOG_TORN') return EXIT.done;
  return exitCodeOf(warning.code) === EXIT.damaged ? EXIT.damaged : EXIT.done;
}

function isDenied(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'EACCES' || code === 'EPERM';
}
