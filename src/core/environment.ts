// Which environment variables a session may keep. An allow-list: what is not known to be harmless is not written down,
// because tokens live in variables of any name.

const ALLOWED: ReadonlySet<string> = new Set([
  'CI',
  'COLORTERM',
  'EDITOR',
  'LANG',
  'LANGUAGE',
  'NODE_ENV',
  'PAGER',
  'PWD',
  'SHELL',
  'TERM',
  'TZ',
  'VIRTUAL_ENV',
  'CONDA_DEFAULT_ENV',
  'VISUAL',
]);
const ALLOWED_PREFIX = 'LC_';
const VALUE_CHARACTERS_MAX = 1024;

/** The variables that may be kept, in alphabetical order so that equal environments are equal records. */
export function keptEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of Object.keys(environment).toSorted()) {
    const value = environment[name];
    const isAllowed = ALLOWED.has(name) || name.startsWith(ALLOWED_PREFIX);
    if (isAllowed && value !== undefined && value.length <= VALUE_CHARACTERS_MAX) kept[name] = value;
  }
  return kept;
}
