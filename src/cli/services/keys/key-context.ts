// What the parts of SessionKeys share.

import type { Warning } from '../../../core/errors.ts';
import { SessionError } from '../../../core/errors.ts';
import type { KeyFiles } from '../../../store/key-files.ts';
import type { OpenKeychain } from './keychain.ts';
import type { Passphrases } from './passphrases.ts';

export interface KeyContext {
  files: KeyFiles;
  openKeychain: OpenKeychain;
  /** Also the account in the keychain. */
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
  passphrases: Passphrases;
  /** ISO 8601. */
  now(): string;
  warn(warning: Warning): void;
}

export function noIdentity(): SessionError {
  return new SessionError('KEY_MISSING', 'there is no identity yet', {
    op: 'read identity',
    hint: 'make one: roo session keys create; or name a file of age-keygen: ROO_IDENTITY=FILE',
  });
}

/** Says which file it is about, where the part that found out knows of no files. */
export function placed(error: unknown, path: string): unknown {
  if (!(error instanceof SessionError) || error.path !== undefined || !error.code.startsWith('KEY_')) return error;
  const { code, message, op, hint, cause } = error;
  return new SessionError(code, message, { op, path, hint, cause });
}
