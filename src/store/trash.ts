// Removing a session so that it can come back: its files move into a folder of their own, byte for byte. Only purging
// frees bytes. The first file moves first and comes back last, so that a session is never listed with parts missing.

import { renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import { assertSessionId, isSessionId } from '../core/session-file-name.ts';
import { ensureDirectory, isThere, replaceFile, syncDirectory } from './durable-files.ts';
import { readSafely } from './safe-file.ts';
import { keptNames, namesIn, ownNames, sizeOf } from './session-files.ts';
import { tryLock } from './session-lock.ts';
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
  const directory = trashFolder(layout, note.id);
  if (keptNames(directory, note.id).length > 0) {
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

/**
 * Moves a session's files back. The caller holds its lock. Throws SESSION_NOT_FOUND, or SESSION_EXISTS when its place
 * was taken meanwhile.
 */
export function restoreFromTrash(layout: StoreLayout, id: string): void {
  const directory = trashFolder(layout, id);
  // A move that a crash cut short is finished first, so that nothing of the session stays behind in the store.
  const isTrashed = isThere(join(directory, NOTE)) && finishMove(layout, id) === 'in trash';
  const names = isTrashed ? keptNames(directory, id) : [];
  if (names.length === 0) {
    throw new SessionError('SESSION_NOT_FOUND', `trash holds no session ${id}`, {
      op: 'undelete',
      path: directory,
      hint: 'roo session list --trash',
    });
  }
  if (names.some((name) => isThere(join(layout.sessionsDir, name)))) {
    throw new SessionError('SESSION_EXISTS', `a session ${id} is in the store as well as in trash`, {
      op: 'undelete',
      path: layout.logPath(id),
    });
  }
  moveAll(names.toReversed(), directory, layout.sessionsDir);
  removeFolder(layout, id);
}

/** What trash holds, oldest first. Also finishes moves that a crash cut short. */
export function listTrash(layout: StoreLayout): TrashedSession[] {
  const ids = namesIn(layout.trashDir).filter(isSessionId);
  const stored = ids.length > 0 ? namesIn(layout.sessionsDir) : [];
  const found: TrashedSession[] = [];
  for (const id of ids) {
    const directory = trashFolder(layout, id);
    if (!isThere(join(directory, NOTE)) || tidied(layout, id, stored) === 'in store') continue;
    found.push({ ...readNote(directory, id), bytes: sizeOf(directory) });
  }
  return found.toSorted((a, b) => (a.deletedAt < b.deletedAt ? -1 : 1));
}

/** Frees the bytes of one trashed session. Blobs are the business of the caller: a family shares them. */
export function emptyFromTrash(layout: StoreLayout, id: string): number {
  const directory = trashFolder(layout, id);
  const bytes = sizeOf(directory);
  try {
    rmSync(directory, { recursive: true, force: true });
    if (isThere(layout.trashDir)) syncDirectory(layout.trashDir);
  } catch (error) {
    throw systemError(error, 'free', directory);
  }
  return bytes;
}

/** A layout in which a trashed session is found as if it were in the store: for forks whose past is in trash. */
export function trashedLayout(layout: StoreLayout, id: string): StoreLayout {
  const directory = trashFolder(layout, id);
  const inTrash = (path: string): string => join(directory, path.slice(layout.sessionsDir.length + 1));
  // The name of a conflict copy cannot be made from its id: it is the one that the file has.
  const first = id.includes('~') ? keptNames(directory, id)[0] : undefined;
  return {
    ...layout,
    logPath: (other, part = 1) =>
      first !== undefined && other === id && part === 1 ? join(directory, first) : inTrash(layout.logPath(other, part)),
    inboxDir: (other) => inTrash(layout.inboxDir(other)),
  };
}

function trashFolder(layout: StoreLayout, id: string): string {
  assertSessionId(id, 'trash');
  return join(layout.trashDir, id);
}

/** The note that was left at deletion. One that cannot be read hides no session: what it said is made up for. */
function readNote(directory: string, id: string): TrashNote {
  try {
    const note = JSON.parse(readSafely(join(directory, NOTE))?.toString('utf8') ?? '') as TrashNote;
    if (!Number.isNaN(Date.parse(note.deletedAt))) return { ...note, id };
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
  }
  const deletedAt = isoTime(Math.floor(statSync(directory).mtimeMs));
  return { id, name: `session ${id.slice(0, 8)}`, deletedAt, reason: 'the note that said why cannot be read' };
}

/** As `finishMove`, unless somebody is at work on the session at this moment: then it is left alone. */
function tidied(layout: StoreLayout, id: string, stored: readonly string[]): 'in trash' | 'in store' {
  const isWhole = ownNames(layout, id, stored).length === 0 && isThere(trashedLayout(layout, id).logPath(id));
  const lock = isWhole ? null : tryLock(layout, id, '');
  if (!lock) return 'in trash';
  try {
    return finishMove(layout, id);
  } finally {
    lock.release();
  }
}

/** Ends what a crash cut short: everything goes where the first file is. The caller holds the session's lock. */
function finishMove(layout: StoreLayout, id: string): 'in trash' | 'in store' {
  const directory = trashFolder(layout, id);
  const isHere = isThere(trashedLayout(layout, id).logPath(id));
  const isStored = isThere(layout.logPath(id));
  if (isHere && !isStored) moveAll(ownNames(layout, id), layout.sessionsDir, directory);
  if (isHere || !isStored || keptNames(directory, id).length > 0) return 'in trash';
  // It had not begun to go, or it is all back: only the note is left.
  removeFolder(layout, id);
  return 'in store';
}

/** Takes the folder away without what else may be in it: this is no purge. */
function removeFolder(layout: StoreLayout, id: string): void {
  const directory = trashFolder(layout, id);
  rmSync(join(directory, NOTE), { force: true });
  try {
    rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw systemError(error, 'remove', directory);
  }
  syncDirectory(layout.trashDir);
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
