// What a look at a tree remembers: enough to tell later what changed without reading any file. It stays on this
// machine: inodes and times of 50,000 files mean nothing elsewhere and would make the session's log large.

/** Times and sizes as lstat gives them. A link is itself and not what it points to. */
export interface FileStat {
  sizeBytes: number;
  mtimeMs: number;
  /** Tells a file that was renamed from another of the same size. */
  inode: number;
}

export interface FolderLook {
  /** The folder's own time: while it stands, no name came or went. */
  mtimeMs: number;
  /** Hash of the ignore rules that chose the names. */
  rulesHash: string;
  /** It holds a .gitignore. */
  hasRules: boolean;
  files: Map<string, FileStat>;
  folders: string[];
}

export interface FileSnapshot {
  /** Absolute; the tree that relative folders are in. */
  root: string;
  /** When the look began, in milliseconds since 1970. */
  atMs: number;
  /** By path: relative to the root (`` is the root), absolute for a tree elsewhere that is watched. `/` between names. */
  folders: Map<string, FolderLook>;
  /** Set where the tree is too large or could not be read whole: what is missing from it says nothing. */
  cut: string | null;
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

export function splitPath(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf('/');
  if (at === 0) return { folder: '/', name: path.slice(1) };
  return at < 0 ? { folder: '', name: path } : { folder: path.slice(0, at), name: path.slice(at + 1) };
}

export function fileIn(snapshot: FileSnapshot, path: string): FileStat | undefined {
  const { folder, name } = splitPath(path);
  return snapshot.folders.get(folder)?.files.get(name);
}

export function countFiles(snapshot: FileSnapshot): number {
  let count = 0;
  for (const { files } of snapshot.folders.values()) count += files.size;
  return count;
}
