// A look at a tree: every file's size, time and inode, as fast as the system tells them. A second look takes the names
// of folders whose time stands from the first, so it reads no folder and matches no pattern.

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { SessionError, systemError } from '../../core/errors.ts';
import { gitRootOf } from '../git-folder.ts';
import type { FileSnapshot, FileStat, FolderLook } from './file-snapshot.ts';
import { joinPath } from './file-snapshot.ts';
import { DEFAULT_IGNORE, ignoreRules } from './ignore-rules.ts';
import type { FolderRules } from './ignore-rules.ts';

export interface ScanOptions {
  nowMs: () => number;
  /** Patterns as in .gitignore, over those of DEFAULT_IGNORE. */
  ignore?: readonly string[];
  /** Absolute paths of trees that are wanted too: elsewhere, or ignored here. One that is gone is passed over. */
  watchedDirectories?: readonly string[];
  /** An earlier look at the same tree. */
  previous?: FileSnapshot | null;
  signal?: AbortSignal;
  filesMax?: number;
  timeMaxMs?: number;
}

const FILES_MAX = 200_000;
const TIME_MAX_MS = 10_000;
/** The prompt gets its turn this often. */
const SLICE_MS = 10;
/** A folder may have changed again within its file system's grain of time after it was read. */
const RACY_MS = 2000;

/** Throws INTERRUPTED, and STORE_UNREADABLE where the root itself cannot be read. */
export async function scanFiles(root: string, options: ScanOptions): Promise<FileSnapshot> {
  const { ignore = [], watchedDirectories = [], previous = null } = options;
  const scan = new Scan(root, previous, options);
  const patterns = [...DEFAULT_IGNORE, ...ignore];
  await scan.tree('', root, await ignoreRules(root, patterns, foldersAbove(root)));
  for (const folder of watchedDirectories) {
    if (!isAbsolute(folder)) continue;
    const key = slashes(isOutside(root, folder) ? folder : relative(root, folder));
    // Outside of the tree, or ignored in it: it is watched all the same.
    if (!scan.folders.has(key)) await scan.tree(key, folder, await ignoreRules(folder, patterns, foldersAbove(folder)));
  }
  return { root, atMs: scan.atMs, folders: scan.folders, cut: scan.cut };
}

class Scan {
  readonly atMs: number;
  readonly folders = new Map<string, FolderLook>();
  readonly #root: string;
  readonly #previous: FileSnapshot | null;
  readonly #options: ScanOptions;
  readonly #rulesHashes = new Map<string, string>();
  readonly #unreadable: string[] = [];
  #files = 0;
  #sliceMs: number;
  #stopped: string | null = null;

  constructor(root: string, previous: FileSnapshot | null, options: ScanOptions) {
    this.#root = root;
    this.#previous = previous?.root === root ? previous : null;
    this.#options = options;
    this.atMs = options.nowMs();
    this.#sliceMs = this.atMs;
  }

  get cut(): string | null {
    if (this.#stopped !== null) return this.#stopped;
    if (this.#unreadable.length === 0) return null;
    return `${this.#unreadable.length} folders could not be read, ${this.#unreadable[0]} among them`;
  }

  /** `key` is the tree's path in the snapshot, `path` its real one; the rules speak of paths below it. */
  async tree(key: string, path: string, rules: FolderRules): Promise<void> {
    const waiting: { way: string; rules: FolderRules }[] = [{ way: '', rules }];
    for (let next = waiting.pop(); next && this.#stopped === null; next = waiting.pop()) {
      const folder = next.way === '' ? key : joinPath(key, next.way);
      const seen = this.#look(folder, next.way === '' ? path : join(path, next.way), next.way, next.rules);
      if (seen === null) continue;
      this.folders.set(folder, seen.look);
      for (const name of seen.look.folders) waiting.push({ way: joinPath(next.way, name), rules: seen.rules });
      if (this.#options.nowMs() - this.#sliceMs > SLICE_MS) await this.#pause();
    }
  }

  /** Null for a folder that is gone or cannot be read; what was known of it before is kept for the latter. */
  #look(
    folder: string,
    path: string,
    way: string,
    above: FolderRules,
  ): { look: FolderLook; rules: FolderRules } | null {
    const before = this.#previous?.folders.get(folder);
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (!stat?.isDirectory()) {
        if (path !== this.#root) return null;
        throw new SessionError('STORE_UNREADABLE', `${path} is no folder`, { op: 'list', path });
      }
      const { mtimeMs } = stat;
      const isStanding = before?.mtimeMs === mtimeMs && mtimeMs < this.#previous!.atMs - RACY_MS;
      const entries = isStanding ? null : readdirSync(path, { withFileTypes: true });
      const hasRules = entries === null ? before!.hasRules : entries.some(({ name }) => name === '.gitignore');
      // Rules are read each time: they may change while the folder's time stands. Those of the root came with `above`.
      const rules = hasRules && way !== '' ? above.below(way) : above;
      const rulesHash = this.#rulesHash(rules);
      const isKnown = isStanding && before!.rulesHash === rulesHash;
      const names = isKnown ? before! : wanted(entries ?? readdirSync(path, { withFileTypes: true }), way, rules);
      const files = statsOf(path, names.files.keys());
      this.#files += files.size;
      return { look: { mtimeMs, rulesHash, hasRules, files, folders: names.folders }, rules };
    } catch (error) {
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '') || path === this.#root)
        throw systemError(error, 'list', path);
      this.#unreadable.push(path);
      return before ? { look: before, rules: above } : null;
    }
  }

  #rulesHash({ key }: FolderRules): string {
    const known = this.#rulesHashes.get(key);
    if (known !== undefined) return known;
    const hash = createHash('sha256').update(key).digest('base64url').slice(0, 12);
    this.#rulesHashes.set(key, hash);
    return hash;
  }

  async #pause(): Promise<void> {
    const { nowMs, signal, filesMax = FILES_MAX, timeMaxMs = TIME_MAX_MS } = this.#options;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new SessionError('INTERRUPTED', 'the look at the files was interrupted', { op: 'scan' });
    this.#sliceMs = nowMs();
    if (this.#files > filesMax) this.#stopped = `there are more than ${filesMax} files`;
    else if (this.#sliceMs - this.atMs > timeMaxMs) this.#stopped = `looking took more than ${timeMaxMs / 1000} s`;
  }
}

interface Names {
  files: Map<string, unknown>;
  folders: string[];
}

function wanted(entries: readonly Dirent[], way: string, rules: FolderRules): Names {
  const names: Names = { files: new Map(), folders: [] };
  for (const entry of entries) {
    const isFolder = entry.isDirectory();
    if (!isFolder && !entry.isFile() && !entry.isSymbolicLink()) continue;
    const inside = joinPath(way, entry.name);
    if (rules.ignores(isFolder ? `${inside}/` : inside)) continue;
    if (isFolder) names.folders.push(entry.name);
    else names.files.set(entry.name, null);
  }
  return names;
}

function statsOf(path: string, names: Iterable<string>): Map<string, FileStat> {
  const files = new Map<string, FileStat>();
  for (const name of names) {
    const stat = lstatSync(`${path}${sep}${name}`, { throwIfNoEntry: false });
    // Gone since it was listed, or no file any more.
    if (!stat || !(stat.isFile() || stat.isSymbolicLink())) continue;
    files.set(name, { sizeBytes: stat.size, mtimeMs: stat.mtimeMs, inode: stat.ino });
  }
  return files;
}

/** From the repository's root down to the folder above: their rules hold below. */
export function foldersAbove(root: string): { folder: string; way: string }[] {
  const top = gitRootOf(root);
  const above: { folder: string; way: string }[] = [];
  if (top === null || top === root) return above;
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    above.unshift({ folder, way: slashes(relative(folder, root)) });
    if (folder === top) return above;
  }
}

export function isOutside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

export function slashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
