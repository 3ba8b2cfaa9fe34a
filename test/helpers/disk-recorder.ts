// A disk that remembers, for every moment of a run, what would be left if the power failed right then. Content is safe
// once its file was synced, a name once its folder was.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

interface Inode {
  data: Buffer;
  synced: Buffer;
}

/** What became of content and names that were not synced. */
export const FATES = {
  'nothing unsynced': { content: 'synced', names: 'synced' },
  'everything unsynced': { content: 'written', names: 'made' },
  'unsynced content, no unsynced names': { content: 'written', names: 'synced' },
  'unsynced names, no unsynced content': { content: 'synced', names: 'made' },
  'half of the unsynced content': { content: 'half', names: 'made' },
  'the new sizes without the new content': { content: 'grown', names: 'made' },
} as const;

export type Fate = keyof typeof FATES;

export interface Moment {
  /** The call that was the last one. */
  after: string;
  /** What had been acknowledged by then. */
  acknowledged: readonly string[];
  /** Files by path below the root; null is a folder. */
  left(fate: Fate): Map<string, Buffer | null>;
}

let root: string | null = null;
let moments: Moment[] = [];
let acknowledged: string[] = [];
const files = new Map<string, Inode>();
const folders = new Set<string>();
const safeFiles = new Map<string, Inode>();
const safeFolders = new Set<string>();
const open = new Map<number, { path: string; inode: Inode | null }>();

/** Watches everything below a folder; what is there already is safe. */
export function startRecording(folder: string): void {
  for (const known of [files, folders, safeFiles, safeFolders, open]) known.clear();
  moments = [];
  acknowledged = [];
  for (const entry of fs.readdirSync(resolve(folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) for (const known of [folders, safeFolders]) known.add(path);
    else {
      const data = fs.readFileSync(path);
      const inode = { data, synced: data };
      for (const known of [files, safeFiles]) known.set(path, inode);
    }
  }
  root = resolve(folder);
  note('start');
}

export function stopRecording(): Moment[] {
  root = null;
  return moments;
}

/** Says that from here on these must never be lost. */
export function acknowledge(...ids: string[]): void {
  acknowledged = [...acknowledged, ...ids];
  note('acknowledge');
}

/** Makes a folder as a disk would be found after the power came back. */
export function materialize(left: Map<string, Buffer | null>, folder: string): void {
  for (const [path, data] of [...left].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (data === null) fs.mkdirSync(join(folder, path), { recursive: true });
    else fs.writeFileSync(join(folder, path), data);
  }
}

function note(after: string): void {
  const base = root!;
  const known = new Map([...new Set([...files.values(), ...safeFiles.values()])].map((inode) => [inode, { ...inode }]));
  const made = { files: new Map(files), folders: new Set(folders) };
  const synced = { files: new Map(safeFiles), folders: new Set(safeFolders) };
  const then = acknowledged;
  const left = (fate: Fate): Map<string, Buffer | null> => {
    const { content, names } = FATES[fate];
    const disk = names === 'made' ? made : synced;
    const isThere = (path: string): boolean => path === base || (disk.folders.has(path) && isThere(dirname(path)));
    const found = new Map<string, Buffer | null>();
    for (const path of disk.folders) if (isThere(path)) found.set(relative(base, path), null);
    for (const [path, inode] of disk.files) {
      if (isThere(dirname(path))) found.set(relative(base, path), contentOf(known.get(inode)!, content));
    }
    return found;
  };
  moments.push({ after, acknowledged: then, left });
}

function contentOf({ data, synced }: Inode, fate: 'synced' | 'written' | 'half' | 'grown'): Buffer {
  if (fate === 'synced') return synced;
  if (fate === 'written' || data.length <= synced.length) return data;
  const added = data.length - synced.length;
  if (fate === 'half') return data.subarray(0, synced.length + Math.ceil(added / 2));
  return Buffer.concat([synced, Buffer.alloc(added)]);
}

const real = { ...fs };

function within(path: unknown): path is string {
  return root !== null && typeof path === 'string' && !relative(root, resolve(path)).startsWith('..');
}

function sync(fd: number): void {
  const at = open.get(fd);
  if (!at) return;
  if (at.inode) at.inode.synced = at.inode.data;
  else syncNames(at.path);
  note(`sync of ${at.path}`);
}

/** The names in a folder become what they are, the removed ones included. */
function syncNames(folder: string): void {
  for (const path of safeFiles.keys()) if (dirname(path) === folder && !files.has(path)) safeFiles.delete(path);
  for (const [path, inode] of files) if (dirname(path) === folder) safeFiles.set(path, inode);
  for (const path of folders) if (dirname(path) === folder) safeFolders.add(path);
}

Object.assign(fs, {
  openSync(path: string, flags?: number | string, mode?: number): number {
    const fd = real.openSync(path, flags ?? 'r', mode);
    if (!within(path)) return fd;
    const isFolder = real.fstatSync(fd).isDirectory();
    if (!isFolder && !files.has(path)) {
      files.set(path, { data: Buffer.alloc(0), synced: Buffer.alloc(0) });
      note(`creation of ${path}`);
    }
    open.set(fd, { path, inode: isFolder ? null : files.get(path)! });
    return fd;
  },
  closeSync(fd: number): void {
    open.delete(fd);
    real.closeSync(fd);
  },
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number): number {
    const count = real.writeSync(fd, bytes, offset, length);
    const inode = open.get(fd)?.inode;
    if (inode) {
      inode.data = Buffer.concat([inode.data, bytes.subarray(offset, offset + count)]);
      note(`write to ${open.get(fd)!.path}`);
    }
    return count;
  },
  ftruncateSync(fd: number, length: number): void {
    real.ftruncateSync(fd, length);
    const inode = open.get(fd)?.inode;
    if (inode) {
      inode.data = inode.data.subarray(0, length);
      note(`truncation of ${open.get(fd)!.path}`);
    }
  },
  fsyncSync: sync,
  fdatasyncSync: sync,
  fdatasync(fd: number, done: (error: null) => void): void {
    setImmediate(() => {
      sync(fd);
      done(null);
    });
  },
  renameSync(from: string, to: string): void {
    real.renameSync(from, to);
    if (!within(from)) return;
    files.set(to, files.get(from)!);
    files.delete(from);
    note(`rename to ${to}`);
  },
  rmSync(path: string, options?: fs.RmOptions): void {
    real.rmSync(path, options);
    if (within(path) && files.delete(path)) note(`removal of ${path}`);
  },
  mkdirSync(path: string, options?: fs.MakeDirectoryOptions): string | undefined {
    const first = real.mkdirSync(path, options);
    if (first === undefined || !within(path)) return first;
    for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) folders.add(made);
    note(`making of ${path}`);
    return first;
  },
});
syncBuiltinESMExports();
