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
const UNC = /^[\\/]{2}(?:[?.][\\/]UNC[\\/])?(?=[^\\/?.])/i;

/**
 * The form in which two spellings of one folder are equal: Unicode composed, `.`, `..`, doubled and trailing
 * separators gone, `/` between names; Windows paths in lower case, from `c:/` or `//server/share`. '' stays ''.
 * For comparing only: it is not a path to open.
 */
export function projectKey(path: string, caseRule: CaseRule): string {
  const text = path.normalize('NFC');
  const drive = DRIVE.exec(text) ?? WSL_DRIVE.exec(text);
  if (drive) return joined(`${drive[1]}:`, text.slice(drive[0].length), 'windows').toLowerCase();
  const share = WSL_SHARE.exec(text);
  if (share) return byCase(joined('', text.slice(share[0].length), 'windows'), caseRule);
  const unc = text.startsWith('\\\\') ? UNC.exec(text) : null;
  if (unc) return joined('/', text.slice(unc[0].length), 'windows').toLowerCase();
  if (!text.startsWith('/')) return byCase(joined(null, text, 'posix'), caseRule);
  return byCase(joined('', text, 'posix'), caseRule);
}

/** The path with the home folder as `~`, for people to read; its own spelling and separators are kept. */
export function displayPath(path: string, home: string, caseRule: CaseRule): string {
  const homeKey = projectKey(home, caseRule);
  const key = projectKey(path, caseRule);
  if (homeKey === '' || homeKey === '/') return path;
  if (key === homeKey) return '~';
  if (!key.startsWith(`${homeKey}/`)) return path;
  const names = namesOf(path.normalize('NFC'), styleOf(path)).slice(
    -namesOf(key.slice(homeKey.length), 'posix').length,
  );
  return ['~', ...names].join(styleOf(path) === 'windows' && path.includes('\\') ? '\\' : '/');
}

type Style = 'windows' | 'posix';

function styleOf(path: string): Style {
  return DRIVE.test(path) || path.startsWith('\\\\') ? 'windows' : 'posix';
}

/** A backslash separates names on Windows only; elsewhere it is a letter like any other. */
function namesOf(text: string, style: Style): string[] {
  return text.split(style === 'windows' ? /[\\/]+/ : /\/+/).filter((name) => name !== '' && name !== '.');
}

/** Names behind a root; `null` is a relative path, whose leading `..` cannot be resolved and stay. */
function joined(root: string | null, rest: string, style: Style): string {
  const names: string[] = [];
  for (const name of namesOf(rest, style)) {
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (root === null) names.push(name);
  }
  return root === null ? names.join('/') : `${root}/${names.join('/')}`;
}

function byCase(key: string, caseRule: CaseRule): string {
  return caseRule === 'sensitive' ? key : key.toLowerCase();
}
