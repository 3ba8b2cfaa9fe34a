import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_CODES, SessionError } from '../../src/core/errors.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { EXIT_MEANINGS, exitCodeOf, exitCodeOfError, exitCodeOfWarning } from '../../src/cli/exit-codes.ts';

test('every error code has one of the documented exit codes, and none is 0', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const exit = exitCodeOf(code);
    assert.ok(exit in EXIT_MEANINGS && exit !== 0, `${code} gives ${exit}`);
  }
});

function failure(code: string): SessionError {
  const cause = Object.assign(new Error(code), { code });
  return new SessionError('STORE_UNREADABLE', 'no', { op: 'read', cause });
}

test('a store that the system does not let us read is told from one that is broken', () => {
  assert.equal(exitCodeOfError(failure('EACCES')), 6);
  assert.equal(exitCodeOfError(failure('EIO')), 1);
});

test('a torn tail is no damage; damage that was read around shows', () => {
  assert.equal(exitCodeOfWarning({ code: 'LOG_TORN', message: '' }), 0);
  assert.equal(exitCodeOfWarning({ code: 'LOG_DAMAGED', message: '' }), 5);
  assert.equal(exitCodeOfWarning({ code: 'BLOB_MISSING', message: '' }), 5);
  assert.equal(exitCodeOfWarning({ code: 'INDEX_UNUSABLE', message: '' }), 0);
});
