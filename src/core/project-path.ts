// When two spellings name the same project folder. A store is synced between machines and shared by Windows and WSL,
// so the spelling of this machine cannot be assumed; nothing here asks the file system.

/** Whether the file system that holds posix paths tells `A` from `a`. Windows paths never do. */
export type CaseRule = 'sensitive' | 'insensitive';

/** `C:\x`, `c:/x`, and both behind `\\?\`. */
const DRIVE = /^(?:[\\/]{2}[?.][\\/])?([A-Za-z]):(?:[\\/]|$)/;
/** The same drive as WSL mounts it. A folder of that name on another system merely compares without case. */
const WSL_DRIVE = /^\/mnt\/([A-Za-z])(?:\/|$)/;
/** A distribution's own files seen from Windows: `\\wsl$\Ubuntu\home\me` is `/home/me` inside. */
const WSL_SHARE = /^[\\/]{2}wsl(?:\$|\.localhost)[\\/]+[^\\/]+/i;
/** `\\server\share`; with slashes it would be a posix path with one too many. */
const UNC = /^\\\\(?:[?.]\\UNC\\)?(?=[^\\?.])/i;

/**
 * The form in which two spellings of one folder are equal: Unicode composed, `.`, `..`, doubled and trailing
 * separators gone, `/` between names; Windows paths in lower case, from `c:/` or `//server/share`. '' stays ''.
 * For comparing only: it is not a path to open.
 */
export function projectKey(path: string, caseRule: CaseRule): string {
  const { root, names, ignoresCase } = parsed(path);
  const key = (root ?? '') + names.join('/');
  return ignoresCase || caseRule === 'insensitive' ? key.toLowerCase() : key;
}

/** The path with the home folder as `~`, for people to read; its own spelling and kind of separator are kept. */
export function displayPath(path: string, home: string, caseRule: CaseRule): string {
  const homeKey = projectKey(home, caseRule);
  const key = projectKey(path, caseRule);
  if (homeKey === '' || homeKey === '/' || (key !== homeKey && !key.startsWith(`${homeKey}/`))) return path;
  const below = parsed(path).names.slice(parsed(home).names.length);
  return ['~', ...below].join(path.includes('\\') && !path.startsWith('/') ? '\\' : '/');
}

interface ParsedPath {
  /** Ends in a separator; null for a relative path. */
  root: string | null;
  names: string[];
  ignoresCase: boolean;
}

function parsed(path: string): ParsedPath {
  const text = path.normalize('NFC');
  const drive = DRIVE.exec(text) ?? WSL_DRIVE.exec(text);
  if (drive) return { root: `${drive[1]}:/`, names: namesOf(text.slice(drive[0].length), /[\\/]+/), ignoresCase: true };
  const share = WSL_SHARE.exec(text);
  if (share) return { root: '/', names: namesOf(text.slice(share[0].length), /[\\/]+/), ignoresCase: false };
  const unc = UNC.exec(text);
  if (unc) return { root: '//', names: namesOf(text.slice(unc[0].length), /[\\/]+/), ignoresCase: true };
  // A backslash separates names on Windows only; here it is a letter like any other.
  if (text.startsWith('/')) return { root: '/', names: namesOf(text, /\/+/), ignoresCase: false };
  return { root: null, names: namesOf(text, /\/+/, 'relative'), ignoresCase: false };
}

/** The names with `.` and `..` resolved. A relative path keeps the `..` it begins with; above a root there is none. */
function namesOf(text: string, separator: RegExp, kind: 'absolute' | 'relative' = 'absolute'): string[] {
  const names: string[] = [];
  for (const name of text.split(separator)) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (kind === 'relative') names.push(name);
  }
  return names;
}
