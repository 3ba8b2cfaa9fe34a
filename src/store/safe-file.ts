// A store holds what its owner said and nobody else's bytes. What is opened in it is looked at first: a link would lead
// the next write elsewhere, a pipe would wait for ever, a file that others may write to may hold what they wrote.

import type { Stats } from 'node:fs';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import type { Warning } from '../core/errors.ts';
import { namesIn } from './session-files.ts';

const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_OTHERS = 0o055;
const HAS_MODES = process.platform !== 'win32';

/** Files that an import reads are somebody else's: who owns them and what they are called too is not ours to judge. */
export type Trust = 'ours' | 'foreign';

/** Does not follow a link, and does not wait for whoever should open the other end of a pipe. */
export const SAFE_FLAGS: number = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Opens a file of the store for reading. Throws STORE_UNSAFE; ENOENT as it comes, wrapped. The caller closes. */
export function openSafely(path: string, trust: Trust = 'ours'): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | SAFE_FLAGS);
  } catch (error) {
    throw systemError(error, 'open', path);
  }
  try {
    assertSafeFile(fstatSync(fd), path, 'open', trust);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw systemError(error, 'open', path);
  }
}

/** Notes, claims, waiting changes: all that is read whole and is no part of a session. */
export const SMALL_BYTES_MAX: number = 64 * 1024 * 1024;

/**
 * A file's bytes, or null when it is not there. Throws STORE_UNSAFE, also for one larger than it can be (a file of
 * terabytes takes no room on a disk), and what reading throws.
 */
export function readSafely(path: string, trust: Trust = 'ours', bytesMax: number = SMALL_BYTES_MAX): Buffer | null {
  let fd: number;
  try {
    fd = openSafely(path, trust);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    if (size > bytesMax) throw unsafe(path, 'read', `has ${size} bytes`, `move it away: mv '${path}' /tmp`);
    return readFileSync(fd);
  } catch (error) {
    throw systemError(error, 'read', path);
  } finally {
    closeSync(fd);
  }
}

/**
 * As `readSafely`, for secrets: what others may read is none any more, and what is larger than `bytesMax` is something
 * else. Throws STORE_UNSAFE for both.
 */
export function readPrivately(path: string, bytesMax: number): Buffer | null {
  let fd: number;
  try {
    fd = openSafely(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const stat = fstatSync(fd);
    if (readableByOthers(stat, path)) {
      throw unsafe(path, 'read', `can be read by others (mode ${octal(stat)})`, `chmod 600 '${path}'`);
    }
    if (stat.size > bytesMax) throw unsafe(path, 'read', `is larger than ${bytesMax} bytes`, 'is it the right file?');
    return readFileSync(fd);
  } catch (error) {
    throw systemError(error, 'read', path);
  } finally {
    closeSync(fd);
  }
}

/** True for the error of `openSafely` that means that nothing is there. */
export function isMissing(error: unknown): boolean {
  return error instanceof SessionError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

/**
 * Throws STORE_UNSAFE for what is no plain file of this user's alone: another kind, another owner, a second name that
 * is not one of ours, writable by others. `stat` is of the open file, so nobody can swap it in between.
 */
export function assertSafeFile(stat: Stats, path: string, op: string, trust: Trust = 'ours'): void {
  if (!stat.isFile()) throw unsafe(path, op, 'is not a file', `move it away: mv '${path}' /tmp`);
  if (!HAS_MODES || trust === 'foreign') return;
  if (stat.nlink > 1 && !hasOwnNamesOnly(stat, path)) {
    const hint = `give it bytes of its own: cp -p '${path}' '${path}.own' && mv '${path}.own' '${path}'`;
    throw unsafe(path, op, 'has a second name (a hard link), under which it can be changed', hint);
  }
  assertOwner(stat, path, op);
  if ((stat.mode & WRITABLE_BY_OTHERS) !== 0 && keepsModes(path)) {
    throw unsafe(path, op, `can be changed by others (mode ${octal(stat)})`, `chmod 600 '${path}'`);
  }
}

/**
 * Throws STORE_UNSAFE for a folder that others may write to or that is somebody else's. One that they may look into is
 * a warning: what is in it has modes of its own. A link to a folder is fine: a synced one is often reached so.
 */
export function lookAtFolder(path: string): Warning | null {
  let stat: Stats | undefined;
  try {
    stat = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw systemError(error, 'open', path);
  }
  // Whoever reads or writes in what is no folder finds out.
  if (!stat?.isDirectory() || !HAS_MODES) return null;
  assertOwner(stat, path, 'open');
  const hint = `chmod 700 '${path}'`;
  if ((stat.mode & WRITABLE_BY_OTHERS) !== 0 && keepsModes(path)) {
    throw unsafe(path, 'open', `can be changed by others (mode ${octal(stat)})`, hint);
  }
  if ((stat.mode & READABLE_BY_OTHERS) === 0 || !keepsModes(path)) return null;
  return { code: 'STORE_UNSAFE', message: `others may look into ${path} (mode ${octal(stat)})`, path, hint };
}

/** The warning for a file that others may read, where they can get at it; null for one that is private. */
export function readableByOthers(stat: Stats, path: string): Warning | null {
  if (!HAS_MODES || (stat.mode & READABLE_BY_OTHERS) === 0 || !keepsModes(path)) return null;
  const message = `others may read ${path} (mode ${octal(stat)})`;
  return { code: 'STORE_UNSAFE', message, path, hint: `chmod 600 '${path}'` };
}

/** Throws STORE_UNSAFE unless nothing, or a folder that is no link, is at the path. */
export function assertRealFolder(path: string, op: string): void {
  const stat = lookAt(path, op);
  if (stat && !stat.isDirectory()) {
    const what = stat.isSymbolicLink() ? 'is a symbolic link' : 'is not a folder';
    throw unsafe(path, op, what, `move it away: mv '${path}' /tmp`);
  }
}

/**
 * True when a plain file is at the path, false when nothing is; for what must not be opened to be looked at, as a lock.
 * Throws STORE_UNSAFE for everything else.
 */
export function isSafeFile(path: string, op: string): boolean {
  const stat = lookAt(path, op);
  if (!stat) return false;
  if (stat.isSymbolicLink()) throw unsafe(path, op, 'is a symbolic link', `remove it: rm '${path}'`);
  if (!stat.isFile()) throw unsafe(path, op, 'is not a file', `remove it: rm -r '${path}'`);
  // Not its mode: whoever has just made it may not have set it yet.
  if (!HAS_MODES || stat.nlink === 1) return true;
  throw unsafe(path, op, 'has a second name (a hard link)', `remove it while no roo runs: rm '${path}'`);
}

function lookAt(path: string, op: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw systemError(error, op, path);
  }
}

/** A root may work in the store of the user it was asked by (sudo). What belongs to root is not less safe for that. */
function assertOwner({ uid }: Stats, path: string, op: string): void {
  const me = process.geteuid?.();
  const isMine = me === undefined || uid === me || uid === 0;
  if (isMine || (me === 0 && String(uid) === process.env['SUDO_UID']) || !keepsModes(path)) return;
  const hint = `if it is yours: sudo chown ${me} '${path}'; else set ROO_HOME or ROO_SESSIONS_DIR to folders of yours`;
  throw unsafe(path, op, `belongs to user ${uid}, not to you`, hint);
}

/** Endings of the names under which repairs and migrations keep what they replace. */
const KEPT = /^(?:\.damaged|\.format1)?-[0-9]+(?:\.part[0-9]+)?$/;

/** Repairs and migrations keep the file they replace under a second name beside it, for a moment or after a crash. */
function hasOwnNamesOnly({ dev, ino, nlink }: Stats, path: string): boolean {
  const stem = basename(path).replace(/(?:\.part[0-9]+)?\.json\.gz$/, '');
  const directory = dirname(path);
  const own = namesIn(directory).filter((name) => {
    if (name !== basename(path) && !(name.startsWith(stem) && KEPT.test(name.slice(stem.length)))) return false;
    const other = lookAt(join(directory, name), 'look at');
    return other?.ino === ino && other.dev === dev;
  });
  return own.length >= nlink;
}

/** statfs(2) types of file systems that make up modes and owners: a check of them would lock everybody out. */
const WITHOUT_MODES: ReadonlySet<number> = new Set([
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x5346544e, // NTFS
  0x7366746e, // NTFS3
  0x65735546, // FUSE
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x01021997, // 9P
]);

function keepsModes(path: string): boolean {
  try {
    return process.platform !== 'linux' || !WITHOUT_MODES.has(statfsSync(path).type >>> 0);
  } catch (error) {
    throw systemError(error, 'look at', path);
  }
}

function unsafe(path: string, op: string, what: string, hint: string): SessionError {
  return new SessionError('STORE_UNSAFE', `${path} ${what}`, { op, path, hint });
}

function octal({ mode }: Stats): string {
  return (mode & 0o777).toString(8);
}
