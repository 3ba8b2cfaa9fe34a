// What a reader says of a log that is not whole: in the words of the user, with the place and what to do.

import type { Warning } from '../core/errors.ts';
import { SessionError } from '../core/errors.ts';
import type { BlobRef } from '../core/record.ts';
import type { PlacedDamage } from './log-place.ts';

export function damageWarning(id: string, span: PlacedDamage): Warning {
  const place = { path: span.path, offsetBytes: span.offsetBytes };
  if (span.reason === 'torn') {
    const message = `session ${id} ends in ${span.lengthBytes} bytes of an unfinished frame; they will be kept beside it`;
    return { code: 'LOG_TORN', message, ...place };
  }
  const lost =
    span.reason === 'foreign'
      ? 'that have no place in this session'
      : `unreadable, ${span.framesMissing} frames missing`;
  const message = `session ${id}: ${span.lengthBytes} bytes ${lost}; everything else was read`;
  return { code: 'LOG_DAMAGED', message, ...place, hint: `roo session repair ${id}` };
}

/** For state that went into a blob which is gone or not what it was. */
export function lostBlobWarning(id: string, type: string, ref: BlobRef, path: string, code: Warning['code']): Warning {
  const what = code === 'BLOB_DAMAGED' ? 'is damaged' : 'is not there';
  const message = `session ${id}: a ${type} record of ${ref.bytes} bytes ${what}; what its line holds stands for it`;
  return { code, message, path, hint: `roo session verify ${id}` };
}

/** Throws FORMAT_NEWER: a log of a later format is read, and never written, by this version. */
export function assertWritable(reader: { session: { format: number }; path: string }): void {
  if (isNewer(reader.session)) throw newerFormat(reader.path);
}

/** A log whose frames cannot be opened with what is at hand. */
export function lockedError(id: string, path: string): SessionError {
  return new SessionError('SESSION_ENCRYPTED', `session ${id} is encrypted, and no key for it is at hand`, {
    op: 'open',
    path,
    hint: 'unlock your identity: ROO_IDENTITY, ROO_PASSPHRASE_FILE, or ask on a terminal; roo session keys shows it',
  });
}

/** An encrypted log that ends before the end it had here, or is another one. */
export function cutError(id: string, path: string): SessionError {
  return new SessionError('LOG_DAMAGED', `the end of session ${id} is missing: it is not as this machine left it`, {
    op: 'append',
    path,
    hint: `bring the file back from a backup or another machine; or go on without what is missing: roo session repair ${id}`,
  });
}

/** A key that opens neither end of the log that it belongs to. */
export function wrongKeyError(id: string, path: string): SessionError {
  return new SessionError('KEY_DAMAGED', `the key of session ${id} is not the one that it was written with`, {
    op: 'open',
    path,
    hint: 'the key file, or the log, was exchanged for another: bring the right one back; nothing was changed',
  });
}

/** The anchor is of another key: of one before the key was changed elsewhere, or before somebody exchanged both. */
export function keyChangedWarning(id: string, path: string): Warning {
  return {
    code: 'KEY_CHANGED',
    message: `session ${id} has another key than it had here before`,
    path,
    hint: 'expected when somebody else gave it a new key (roo session rekey); else log and key were exchanged',
  };
}

/** A log that everybody can read where there is a key for one that nobody else can. */
export function unsealedError(id: string, path: string): SessionError {
  return new SessionError('SESSION_UNSEALED', `session ${id} has a key, and its log is not encrypted`, {
    op: 'open',
    path,
    hint: `if you cut its encryption short: roo session encrypt ${id}; else somebody without the key put the file there`,
  });
}

export function isNewer(session: { format: number }): boolean {
  return session.format > 2;
}

export function newerFormat(path: string): SessionError {
  return new SessionError('FORMAT_NEWER', `${path} was written by a newer version of roo`, {
    op: 'open',
    path,
    hint: 'it can be read; to write it, upgrade roo: npm i -g roo-cli@latest',
  });
}
