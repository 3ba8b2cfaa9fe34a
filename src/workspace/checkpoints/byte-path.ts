// File names are bytes: git hands them over as such, and a name that is no UTF-8 must come back as it was. A BytePath
// holds one byte a character, so that it can be compared, split and kept in JSON without losing any.

/** Relative to the work tree, parts separated by `/`, one character for each byte. */
export type BytePath = string;

export function bytePath(bytes: Buffer): BytePath {
  return bytes.toString('latin1');
}

export function bytesOf(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** As people read it; bytes that are no UTF-8 show as U+FFFD. */
export function shownPath(path: BytePath): string {
  return bytesOf(path).toString('utf8');
}

/** Where it is on disk, for calls of node:fs. An empty path is the folder itself. */
export function placeOf(folder: string, path: BytePath): Buffer {
  return path === '' ? Buffer.from(folder) : Buffer.concat([Buffer.from(`${folder}/`), bytesOf(path)]);
}

/** The folders above a path, outermost first. */
export function foldersAbove(path: BytePath): BytePath[] {
  const parts = path.split('/');
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join('/'));
}

export function lastName(path: BytePath): BytePath {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What stands between zero bytes. */
export function zeroSeparated(output: Buffer): BytePath[] {
  const items = bytePath(output).split('\0');
  if (items.at(-1) === '') items.pop();
  return items;
}
