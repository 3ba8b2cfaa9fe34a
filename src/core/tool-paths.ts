// Files that a tool call names, so that sessions can be found by file. Looks at arguments of the usual names only: a
// path in free text is found as text.

const PATH_KEYS: ReadonlySet<string> = new Set([
  'path',
  'file',
  'file_path',
  'filePath',
  'filename',
  'absolute_path',
  'absolutePath',
  'notebook_path',
  'target_file',
]);
const INPUT_CHARACTERS_MAX = 256 * 1024;

/** Paths in a call's arguments; none when the arguments are no JSON object (they may be malformed). */
export function toolPaths(input: string): string[] {
  if (input.length > INPUT_CHARACTERS_MAX || !/^\s*\{/.test(input)) return [];
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    return []; // Malformed arguments are kept as text; they name no file.
  }
  const found: string[] = [];
  for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
    if (PATH_KEYS.has(key) && typeof item === 'string') found.push(item);
    else if (key === 'paths' && Array.isArray(item)) found.push(...item.filter((each) => typeof each === 'string'));
  }
  return found;
}
