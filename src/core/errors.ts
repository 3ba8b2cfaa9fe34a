// Every failure a user or a script can meet, by a stable code. Messages may change between versions; codes may not.
// Programming mistakes stay plain TypeErrors without a code: nobody should catch those.

/** code → what happened, for docs/errors.md. A retired code stays listed with "retired" and is never used again. */
export const ERROR_CODES = {
  USAGE: 'The command line or an argument is not of the documented form.',
  CONFIG_INVALID: 'A configuration file or value could not be understood; nothing was changed.',
  SESSION_NOT_FOUND: 'No session has this id, prefix or name.',
  SESSION_REF_AMBIGUOUS: 'The reference fits several sessions; the candidates are listed.',
  SESSION_ID_INVALID: 'The text cannot be a session id: it is not a UUID, or would name another file.',
  SESSION_IN_USE: 'Another process is writing this session.',
  SESSION_EXISTS: 'A session with this id is already there; it was not overwritten.',
  SESSION_READ_ONLY: 'The session was opened for reading only.',
  SESSION_ENCRYPTED: 'The session is encrypted and no key for it is at hand.',
  SESSION_UNSEALED:
    'The session has a key, and its log is not encrypted: encrypting was cut short, or the log was exchanged.',
  KEY_MISSING: 'There is no identity, or nobody to ask for the passphrase that it is under.',
  KEY_WRONG_PASSPHRASE: 'The passphrase does not open the identity.',
  KEY_DAMAGED: 'A key file or an identity cannot be read, or was changed; it was left as it is.',
  KEY_CHANGED: 'A session has another key than when it was written or read on this machine before.',
  KEY_EXISTS: 'There is an identity already; it was not overwritten.',
  KEY_UNPROTECTED: 'The identity is a bare file beside the sessions: whoever can read both can read everything.',
  LOG_DAMAGED: 'Part of a session log cannot be read. Everything else in it was delivered; the file was not changed.',
  LOG_TORN:
    'The log ends in an unfinished frame, as after a crash. It is cut, and kept beside the log, by the next writer.',
  LOG_UNREADABLE: 'Nothing in the file could be read as a session log; the file was left as it is.',
  LOG_CHANGED: 'The log was changed or replaced by somebody else while it was open for writing; the writer stopped.',
  LOG_POISONED:
    'The disk refused to keep what was written (fsync failed); this writer stopped and the log must be reopened.',
  FORMAT_NEWER: 'The file was written by a newer version of roo; it can be read only.',
  FORMAT_UNKNOWN: 'The file is not in any format that roo knows.',
  CHECKSUM_MISMATCH: 'The checksum inside the file does not fit its content; nothing was imported.',
  RECORD_INVALID: 'A record lacks a field or has one of the wrong kind.',
  RECORD_TOO_DEEP: 'A record is nested more deeply than 500 levels.',
  RECORD_TOO_LARGE: 'A record or frame is larger than the format allows.',
  PARENT_NOT_DURABLE: 'A message names a parent that is not in the log.',
  BLOB_MISSING: 'A large part of the session, kept in a file of its own, is not there.',
  BLOB_DAMAGED: 'A large part of the session, kept in a file of its own, does not fit its hash.',
  BASE_MISSING: 'The session is a fork and the session that holds its past is not there.',
  STORE_FULL: 'No space is left, or a quota is reached. Nothing acknowledged was lost; what was begun was undone.',
  STORE_UNREADABLE: 'A file or folder of the store could not be read or written.',
  STORE_UNSAFE: 'A file or folder of the store is not what it should be: a link, another owner, open to others.',
  STORE_ON_NETWORK: 'ROO_HOME is on a network file system, where locks cannot be trusted.',
  INDEX_UNUSABLE: 'The index could not be used or rebuilt; the answer was made from the logs.',
  AUDIT_UNUSABLE: 'The audit log could not be written or read; what was done to the session was done.',
  AUDIT_CHANGED: 'The audit log is not as it was written: lines were changed, put in, or are missing.',
  EXPORT_TOO_LARGE: 'The document is over 256 MiB; use the streaming variant.',
  IMPORT_REFUSED:
    'The file breaks a limit that protects this machine (size, depth, ratio, name); nothing was imported.',
  MODEL_NOT_CONFIGURED: 'No model is configured, or what is configured for it is not enough to reach it.',
  CONTEXT_LEFT_OUT: 'A file or instructions that the model was to see could not be read; it was asked without them.',
  SECRET_KEPT_OUT: 'Something that looks like a secret was left out of the session, and the model did not see it.',
  MODEL_FAILED: 'The model gave no answer, or broke off; what it had said is kept.',
  MCP_FAILED: 'A server of tools could not be reached, or broke the protocol.',
  PROCESS_NOT_FOUND: 'The session has no background process of this id.',
  PROCESS_FAILED: 'A background process could not be started, watched or ended.',
  CHECKPOINT_NOT_FOUND: 'The session has no checkpoint or message of this id.',
  CHECKPOINT_FAILED: 'A checkpoint could not be made or restored; files are as they were before.',
  NEEDS_CONFIRMATION: 'The command destroys something and was not confirmed.',
  CHECK_FAILED: 'A check of the installation or the store failed; the checks say which.',
  NOT_SUPPORTED: 'This build cannot do that.',
  INTERRUPTED: 'The user stopped the command.',
  INTERNAL: 'A mistake in roo itself; please report it.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** What was being done: a verb, `read`, `append`, `rename`. */
  op: string;
  /** File or folder the failure is about. */
  path?: string | undefined;
  /** Where in that file. */
  offsetBytes?: number | undefined;
  /** What the user can do now, as a sentence or a command. */
  hint?: string | undefined;
  cause?: unknown;
  /** What else a caller needs to act on it, such as the candidates of an ambiguous reference. */
  data?: Readonly<Record<string, unknown>> | undefined;
}

/** A failure with a code, an operation, a place, a cause and a hint. */
export class SessionError extends Error {
  readonly code: ErrorCode;
  readonly op: string;
  readonly path: string | undefined;
  readonly offsetBytes: number | undefined;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SessionError';
    this.code = code;
    this.op = details.op;
    this.path = details.path;
    this.offsetBytes = details.offsetBytes;
    this.hint = details.hint;
    this.data = details.data;
  }
}

/** What was noticed and did not stop the work: damage read around, a torn tail, an index that was rebuilt. */
export interface Warning {
  code: ErrorCode;
  message: string;
  path?: string;
  offsetBytes?: number;
  hint?: string;
}

/** The warning that says the same as an error, for work that goes on without the part that failed. */
export function warningOf(error: SessionError): Warning {
  return {
    code: error.code,
    message: error.message,
    ...(error.path !== undefined && { path: error.path }),
    ...(error.offsetBytes !== undefined && { offsetBytes: error.offsetBytes }),
    ...(error.hint !== undefined && { hint: error.hint }),
  };
}

/** Turns an error of the operating system into one of ours; passes ours through and wraps anything else as INTERNAL. */
export function systemError(error: unknown, op: string, path: string): SessionError {
  if (error instanceof SessionError) return error;
  const code = codeOf(error as NodeJS.ErrnoException | null | undefined);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new SessionError('STORE_FULL', `no space to ${op} ${path}`, {
        op,
        path,
        cause: error,
        hint: 'free some space (roo session usage, roo session prune) and go on: nothing acknowledged was lost',
      });
    case 'ELOOP':
      return new SessionError('STORE_UNSAFE', `${path} is a symbolic link`, {
        op,
        path,
        cause: error,
        hint: `if what it leads to is yours: cp -p '${path}' '${path}.own' && mv '${path}.own' '${path}'; else rm '${path}'`,
      });
    case undefined:
      return new SessionError('INTERNAL', `${op} ${path}: ${(error as Error)?.message ?? String(error)}`, {
        op,
        path,
        cause: error,
      });
    default:
      return new SessionError('STORE_UNREADABLE', `cannot ${op} ${path}: ${(error as Error).message}`, {
        op,
        path,
        cause: error,
        hint: code === 'EACCES' || code === 'EPERM' ? `check who owns ${path} and its mode` : undefined,
      });
  }
}

/** A reached quota (EDQUOT, 122 on Linux and 69 on macOS) has no name in Node. */
function codeOf(error: NodeJS.ErrnoException | null | undefined): string | undefined {
  const isQuota = error?.code === 'UNKNOWN' && (error.errno === -122 || error.errno === -69);
  return isQuota ? 'EDQUOT' : error?.code;
}
