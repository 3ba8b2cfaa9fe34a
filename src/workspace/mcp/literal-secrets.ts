// Finds secrets that somebody wrote out where a reference belongs. `/mcp add` refuses them, and what a config file
// holds of them is left out of records: a session is shared, exported and searched, and a token in it is a token lost.

import type { McpTransport } from '../../core/record.ts';

/** Stands in a record for a secret of a config file. It is no reference, so that nobody takes it for a value. */
export const NOT_KEPT = '${not-kept}';

const SECRET_WORDS: ReadonlySet<string> = new Set([
  'token',
  'secret',
  'password',
  'passwd',
  'passphrase',
  'key',
  'apikey',
  'authorization',
  'credential',
  'credentials',
  'cookie',
]);
/** A name that ends in one of these says where a secret is, or what it is called. */
const PLACE_WORDS: ReadonlySet<string> = new Set(['file', 'path', 'dir', 'name', 'id', 'url', 'env']);
const KNOWN_PREFIX =
  /(^|[^A-Za-z0-9])(sk-|sk_live_|rk_live_|gh[opsur]_|github_pat_|glpat-|xox[abprs]-|AKIA|AIza|ya29\.|eyJ[A-Za-z0-9_-]{8}|hf_|npm_|pypi-|lin_api_|dop_v1_)[A-Za-z0-9]/;
const REFERENCES = /\$\{[^}]*\}/g;
const SCHEMES = /^\s*(bearer|basic|token)\s*$/i;

/** True when a value should not be written out: its name says so, or it looks like a token. References do not count. */
export function looksSecret(name: string, value: string): boolean {
  const literal = value.replaceAll(REFERENCES, '');
  if (literal.trim() === '' || SCHEMES.test(literal)) return false;
  return namesSecret(name) || KNOWN_PREFIX.test(literal) || literal.includes('-----BEGIN') || isRandom(literal);
}

function namesSecret(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.some((word) => SECRET_WORDS.has(word)) && !PLACE_WORDS.has(words.at(-1)!);
}

/** 24 or more characters without a break, letters and digits mixed, and no more repetition than chance makes. */
function isRandom(text: string): boolean {
  if (/^(~|\.{0,2})\//.test(text)) return false;
  return text.split(/[^A-Za-z0-9+=_]+/).some((run) => {
    const isMixed = /[0-9]/.test(run) && /[A-Za-z]/.test(run);
    return run.length >= 24 && isMixed && new Set(run).size >= 10;
  });
}

/** Where secrets are written out, each as a person would say it: `header Authorization`, `argument 3`. */
export function literalSecrets(transport: McpTransport): string[] {
  const found: string[] = [];
  withoutLiteralSecrets(transport, (place) => found.push(place));
  return found;
}

/** The same way to the server, with NOT_KEPT in place of every secret that is written out in it. */
export function withoutLiteralSecrets(
  transport: McpTransport,
  found: (place: string) => unknown = () => {},
): McpTransport {
  const keep = (name: string, value: string, place: string): string => {
    if (!looksSecret(name, value)) return value;
    found(place);
    return NOT_KEPT;
  };
  const keepAll = (values: Record<string, string>, kind: string): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, keep(name, value, `${kind} ${name}`)]));
  if (transport.type === 'http') {
    const { url, headers } = transport;
    return { ...transport, url: keptUrl(url, keep), ...(headers && { headers: keepAll(headers, 'header') }) };
  }
  const { args, environment } = transport;
  return {
    ...transport,
    args: args.map((arg, at) => keptArgument(arg, args[at - 1] ?? '', `argument ${at + 1}`, keep)),
    ...(environment && { environment: keepAll(environment, 'variable') }),
  };
}

type Keep = (name: string, value: string, place: string) => string;

/** `--token VALUE`, `--token=VALUE`, or a value by itself. */
function keptArgument(arg: string, before: string, place: string, keep: Keep): string {
  const [, flag, value] = /^(--?[A-Za-z][\w-]*=|[A-Z_][A-Z0-9_]*=)([\s\S]*)$/.exec(arg) ?? [];
  if (flag !== undefined) return flag + keep(flag, value!, place);
  if (arg.includes('://')) return keptUrl(arg, keep);
  return keep(/^--?[A-Za-z]/.test(before) && !before.includes('=') && !arg.startsWith('-') ? before : '', arg, place);
}

/** By text and not by URL: a reference in an address must stay as it is written. */
function keptUrl(url: string, keep: Keep): string {
  return url
    .replace(
      /(:\/\/[^/?#@:]*:)([^/?#@]*)(?=@)/,
      (_, before: string, password: string) => before + keep('password', password, 'password of the address'),
    )
    .replaceAll(
      /([?&])([^=&#]+)=([^&#]*)/g,
      (_, mark: string, name: string, value: string) =>
        `${mark}${name}=${keep(name, value, `parameter ${name} of the address`)}`,
    );
}
