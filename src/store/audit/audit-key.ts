// The key of the audit log. Whoever can read it can write a log that verifies: see docs/threat-model.md.

import { dirname } from 'node:path';
import { SessionError } from '../../core/errors.ts';
import { syncDirectory, writeNewFile } from '../durable-files.ts';
import { crypto } from '../hashing.ts';
import { readSafely } from '../safe-file.ts';

const KEY_BYTES = 32;
const KEY_TEXT = /^[0-9a-f]{64}\n$/;

/** The key, or null when there is none. Throws STORE_UNSAFE, and AUDIT_UNUSABLE for a file that holds no key. */
export function readAuditKey(path: string): Buffer | null {
  const text = readSafely(path)?.toString('latin1');
  if (text === undefined) return null;
  if (KEY_TEXT.test(text)) return Buffer.from(text.trim(), 'hex');
  throw new SessionError('AUDIT_UNUSABLE', `${path} holds no key`, {
    op: 'audit',
    path,
    hint: `put it back from a backup, or move it away: a new one begins, and what was logged before cannot be verified`,
  });
}

/** Makes the key, durably. The caller holds the lock of the audit log. */
export function makeAuditKey(path: string): Buffer {
  const key = crypto().randomBytes(KEY_BYTES);
  writeNewFile(path, Buffer.from(`${key.toString('hex')}\n`));
  syncDirectory(dirname(path));
  return key;
}
