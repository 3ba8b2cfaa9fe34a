// The sentence in which a provider, a proxy or the network says what is wrong, dug out of whatever it came in.

const CHARACTERS_MAX = 400;
const SECRETS = [
  [/(\/\/)[^/\s@]+@/g, '$1'],
  [/\b(Bearer\s+)[\w.~+/=-]+/gi, '$1[key]'],
  [/([?&](?:api[_-]?key|key|token)=)[^&\s"]+/gi, '$1[key]'],
  [/\b(?:sk|rk)-[\w-]{12,}/g, '[key]'],
] as const;

/** One line, never empty, without what looks like a key. */
export function providerWords(error: unknown): string {
  const said = fromBody(error) ?? fromError(error) ?? 'it gave no reason';
  const line = SECRETS.reduce(
    (text, [pattern, shown]) => text.replace(pattern, shown),
    said.replace(/\s+/g, ' ').trim(),
  );
  return line.length > CHARACTERS_MAX ? `${line.slice(0, CHARACTERS_MAX).toWellFormed()}…` : line;
}

/** Servers that are merely compatible put their words where the providers' packages do not look. */
function fromBody(error: unknown): string | null {
  const body = isObject(error) ? error['responseBody'] : undefined;
  if (typeof body !== 'string' || body.trim() === '' || /^\s*</.test(body)) return null;
  try {
    return fromJson(JSON.parse(body));
  } catch (parseError) {
    if (!(parseError instanceof SyntaxError)) throw parseError;
    return body;
  }
}

function fromJson(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (!isObject(value)) return null;
  return fromJson(value['error']) ?? fromJson(value['message']) ?? fromJson(value['detail']);
}

function fromError(error: unknown): string | null {
  if (!(error instanceof Error)) return fromJson(error);
  const cause = error.cause instanceof Error && !error.message.includes(error.cause.message) ? error.cause : null;
  const code = networkCode(error);
  const words = [error.message, cause?.message, code !== null && !error.message.includes(code) ? code : undefined];
  return words.filter((word) => word !== undefined && word.trim() !== '').join(': ') || null;
}

/** A refused connection to `localhost` has tried two addresses and has no message of its own. */
function networkCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^E[A-Z]+$|^UND_/.test(code) ? code : networkCode(error.cause);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
