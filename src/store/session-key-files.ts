// The age files that hold the keys of encrypted sessions: beside the sessions, so that they go wherever those go.

import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import { ensureDirectory, isThere, replaceFile, syncDirectory } from './durable-files.ts';
import { assertRealFolder, readSafely } from './safe-file.ts';
import type { StoreLayout } from './store-layout.ts';

export function hasKey(layout: StoreLayout, id: string): boolean {
  return isThere(layout.keyPath(id));
}

/** True where no session is encrypted: then nothing about keys need be loaded. */
export function hasNoKeys(layout: StoreLayout): boolean {
  return !isThere(dirname(layout.keyPath('any')));
}

/** The age file of a session; null when it has none. Throws STORE_UNSAFE. */
export function readKeyFile(layout: StoreLayout, id: string): Buffer | null {
  return readSafely(layout.keyPath(id), layout.trust);
}

/** Durable when it returns. The old file is there until the new one is. */
export function writeKeyFile(layout: StoreLayout, id: string, file: Uint8Array): void {
  const path = layout.keyPath(id);
  ensureDirectory(dirname(path));
  assertRealFolder(dirname(path), 'write');
  replaceFile(path, file);
}

/** Whatever was sealed with the key cannot be read from here on, by anybody who has no copy of the file. */
export function removeKeyFile(layout: StoreLayout, id: string): void {
  const path = layout.keyPath(id);
  try {
    if (!isThere(path)) return;
    rmSync(path, { force: true });
    syncDirectory(dirname(path));
  } catch (error) {
    throw systemError(error, 'remove', path);
  }
}
