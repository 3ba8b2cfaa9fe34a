// Removing a session so that it can come back: its files move into a folder of their own, byte for byte. Only purging
// frees bytes. The first file moves first and comes back last, so that a session is never listed with parts missing.

import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { isSessionId, parseSessionFileName } from '../core/session-file-name.ts';
import { ensureDirectory, readFileIfThere, replaceFile, syncDirectory } from './durable-files.ts';
import type { StoreLayout } from './store-layout.ts';

const NOTE = 'trash.json';

export interface TrashedSession {
  id: string;
  name: string;
  deletedAt: string;
  reason: string;
  bytes: number;
}
type TrashNote = Omit<TrashedSession, 'bytes'>;

/** Moves a session's files to trash. The caller holds its lock. Throws SESSION_EXISTS when trash has one of this id. */
export function moveToTrash(layout: StoreLayout, note: TrashNote): void {
  const directory = join(layout.trashDir, note.id);
  if (existsSync(join(directory, NOTE))) {
    throw new SessionError('SESSION_EXISTS', `trash already holds a session ${note.id}`, {
      op: 'trash',
      path: directory,
      hint: `roo session prune --all empties the trash`,
    });
  }
  ensureDirectory(directory);
  replaceFile(join(directory, NOTE), Buffer.from(JSON.stringify(note) + '\n'));
  syncDirectory(layout.trashDir);
  moveAll(ownNames(layout, note.id), layout.sessionsDir, directory);
}

/** Moves a session's files back. Throws SESSION_NOT_FOUND, or SESSION_EXISTS when its place was taken meanwhile. */
export function restoreFromTrash(layout: StoreLayout, id: string): void {
  const directory = join(layout.trashDir, id);
  if (!existsSync(join(directory, NOTE))) {
    throw new SessionError('SESSION_NOT_FOUND', `trash holds no session ${id}`, {
      op: 'undelete',
      path: directory,
      hint: 'roo session list --trash',
    });
  }
  // A move that a crash cut short is finished first, so that nothing of the session stays behind in the store.
  const names = keptNames(directory, id);
  if (names.some((name) => existsSync(join(layout.sessionsDir, name)))) {
    throw new SessionError('SESSION_EXISTS', `a session ${id} is in the store as well as in trash`, {
      op: 'undelete',
      path: layout.logPath(id),
    });
  }
  moveAll(names.toReversed(), directory, layout.sessionsDir);
  rmSync(directory, { recursive: true });
  syncDirectory(layout.trashDir);
}

/** What trash holds, oldest first. Also finishes moves that a crash cut short. */
export function listTrash(layout: StoreLayout): TrashedSession[] {
  const found: TrashedSession[] = [];
  for (const id of namesIn(layout.trashDir)) {
    const directory = join(layout.trashDir, id);
    const bytes = readFileIfThere(join(directory, NOTE));
    if (!bytes) continue;
    const note = JSON.parse(bytes.toString('utf8')) as TrashNote;
    const left = ownNames(layout, id);
    if (left.length > 0 && !existsSync(layout.logPath(id))) moveAll(left, layout.sessionsDir, directory);
    found.push({ ...note, id, bytes: sizeOf(directory) });
  }
  return found.toSorted((a, b) => (a.deletedAt < b.deletedAt ? -1 : 1));
}

/** Frees the bytes of one trashed session. Blobs are the business of the caller: a family shares them. */
export function emptyFromTrash(layout: StoreLayout, id: string): number {
  if (!isSessionId(id)) throw new SessionError('SESSION_ID_INVALID', `${id} is not a session id`, { op: 'prune' });
  const directory = join(layout.trashDir, id);
  const bytes = sizeOf(directory);
  rmSync(directory, { recursive: true, force: true });
  syncDirectory(layout.trashDir);
  return bytes;
}

/** A layout in which a trashed session is found as if it were in the store: for forks whose past is in trash. */
export function trashedLayout(layout: StoreLayout, id: string): StoreLayout {
  const directory = join(layout.trashDir, id);
  const inTrash = (path: string): string => join(directory, path.slice(layout.sessionsDir.length + 1));
  return {
    ...layout,
    logPath: (other, part) => inTrash(layout.logPath(other, part)),
    inboxDir: (other) => inTrash(layout.inboxDir(other)),
  };
}

/** Names of everything in the store that belongs to a session, its first log file first. */
export function ownNames(layout: StoreLayout, id: string): string[] {
  const first = basename(layout.logPath(id));
  return firstOf(
    namesIn(layout.sessionsDir).filter((name) => name === first || name.startsWith(`session-${id}.`)),
    first,
  );
}

/** Names of a session's files in its trash folder, its first log file first. */
function keptNames(directory: string, id: string): string[] {
  const names = namesIn(directory).filter((name) => name !== NOTE);
  return firstOf(names, names.find((name) => parseSessionFileName(name)?.id === id) ?? '');
}

function firstOf(names: string[], first: string): string[] {
  return names.toSorted((a, b) => Number(b === first) - Number(a === first));
}

function moveAll(names: readonly string[], from: string, to: string): void {
  try {
    for (const name of names) {
      renameSync(join(from, name), join(to, name));
      syncDirectory(to);
      syncDirectory(from);
    }
  } catch (error) {
    throw systemError(error, 'move', from);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'list', directory);
  }
}

/** Bytes of all files below a folder, or of a file; 0 when it is not there. */
export function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.size;
  return namesIn(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
