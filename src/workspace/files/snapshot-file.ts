// A snapshot on disk, in the machine's own state: derived, so it is replaced without a sync, and one that is damaged is
// an error that its reader can go on after.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { SessionError, systemError } from '../../core/errors.ts';
import type { FileSnapshot, FileStat, FolderLook } from './file-snapshot.ts';

const VERSION = 1;
/** Of the JSON, in bytes: about two million files. */
const BYTES_MAX = 256 * 1024 * 1024;

/** Numbers of a file: size, time, inode. */
type Row = [
  path: string,
  mtimeMs: number,
  rulesHash: string,
  hasRules: 0 | 1,
  names: string[],
  numbers: number[],
  folders: string[],
];

interface Document {
  version: typeof VERSION;
  root: string;
  atMs: number;
  cut: string | null;
  folders: Row[];
}

export async function writeSnapshot(path: string, snapshot: FileSnapshot): Promise<void> {
  const { root, atMs, cut } = snapshot;
  const folders = Array.from(snapshot.folders, ([folder, look]): Row => {
    const numbers = [...look.files.values()].flatMap(({ sizeBytes, mtimeMs, inode }) => [sizeBytes, mtimeMs, inode]);
    return [folder, look.mtimeMs, look.rulesHash, look.hasRules ? 1 : 0, [...look.files.keys()], numbers, look.folders];
  });
  const document: Document = { version: VERSION, root, atMs, cut, folders };
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const bytes = await promisify(gzip)(JSON.stringify(document), { level: 1 });
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(beside, bytes, { mode: 0o600 });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'write', path);
  }
}

/** Null where there is none. Throws STORE_UNREADABLE for one that cannot be understood. */
export function readSnapshot(path: string): FileSnapshot | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw systemError(error, 'read', path);
  }
  try {
    const document = JSON.parse(gunzipSync(bytes, { maxOutputLength: BYTES_MAX }).toString()) as Document;
    if (document.version !== VERSION) throw new Error(`it is of version ${String(document.version)}`);
    const { root, atMs, cut } = document;
    return { root, atMs, cut, folders: new Map(document.folders.map(folderOf)) };
  } catch (cause) {
    throw new SessionError('STORE_UNREADABLE', `the fingerprints in ${path} cannot be understood`, {
      op: 'read',
      path,
      cause,
      hint: 'they are taken anew when the session is next saved',
    });
  }
}

function folderOf([folder, mtimeMs, rulesHash, hasRules, names, numbers, folders]: Row): [string, FolderLook] {
  if (numbers.length !== names.length * 3) throw new Error('a folder has not three numbers for each name');
  const files = new Map<string, FileStat>();
  for (const [index, name] of names.entries()) {
    const at = index * 3;
    files.set(name, { sizeBytes: numbers[at]!, mtimeMs: numbers[at + 1]!, inode: numbers[at + 2]! });
  }
  return [folder, { mtimeMs, rulesHash, hasRules: hasRules === 1, files, folders }];
}
