// The age files that hold the keys of encrypted sessions: beside the sessions, so that they go wherever those go.

import { renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import { isSessionId } from '../core/session-file-name.ts';
import { ensureDirectory, isThere, replaceFile, syncDirectory } from './durable-files.ts';
import { assertRealFolder, readSafely } from './safe-file.ts';
import { namesIn } from './session-files.ts';
import type { StoreLayout } from './store-layout.ts';
import { sealedId } from './store-layout.ts';

/** False also for what is no id at all: a word that somebody typed is asked for before it is refused. */
export function hasKey(layout: StoreLayout, id: string): boolean {
  return isSessionId(sealedId(id)) && isThere(layout.keyPath(id));
}

/** True where no session is encrypted: then nothing about keys need be loaded. */
export function hasNoKeys(layout: StoreLayout): boolean {
  return !isThere(dirname(layout.keyPath('any')));
}

/** Time and size of a session's key file; '' when it has none. */
export function keyFileStamp(layout: StoreLayout, id: string): string {
  if (!isSessionId(sealedId(id))) return '';
  const stat = statSync(layout.keyPath(id), { throwIfNoEntry: false });
  return stat ? `${Math.floor(stat.mtimeMs)}.${stat.size}` : '';
}

/** Sessions that have a key, in the store or in trash. */
export function keyedIds(layout: StoreLayout): string[] {
  const names = namesIn(dirname(layout.keyPath('any')));
  return names.flatMap((name) => (name.endsWith('.age') && isSessionId(name.slice(0, -4)) ? [name.slice(0, -4)] : []));
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
    if (!isThere(dirname(path))) return;
    for (const each of [path, nextPath(layout, id)]) rmSync(each, { force: true });
    syncDirectory(dirname(path));
  } catch (error) {
    throw systemError(error, 'remove', path);
  }
}

/** The key of a log that is about to take its place: until it has, the key in place is the one that opens. */
export function writeNextKeyFile(layout: StoreLayout, id: string, file: Uint8Array): void {
  ensureDirectory(dirname(layout.keyPath(id)));
  replaceFile(nextPath(layout, id), file);
}

/** Null unless giving the session a new key was cut short. */
export function readNextKeyFile(layout: StoreLayout, id: string): Buffer | null {
  return readSafely(nextPath(layout, id), layout.trust);
}

/** The log that it opens is in its place. */
export function promoteNextKey(layout: StoreLayout, id: string): void {
  const path = layout.keyPath(id);
  try {
    renameSync(nextPath(layout, id), path);
    syncDirectory(dirname(path));
  } catch (error) {
    // A reader that found the new log before was first.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && isThere(path)) return;
    throw systemError(error, 'replace', path);
  }
}

function nextPath(layout: StoreLayout, id: string): string {
  return layout.keyPath(id).replace(/\.age$/, '.next.age');
}
