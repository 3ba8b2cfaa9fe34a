// Collects the secrets that this machine is known to have: variables of the environment and the files in which people
// keep credentials. The texts are handed in; nothing is read here.

import { isExample, isName, isPlace } from './secret-likeness.ts';
import { nameJudge } from './secret-names.ts';
import { tokenFinder } from './token-scan.ts';
import { TOKEN_RULES } from './tokens/all-tokens.ts';

/** Shorter values would be found in the middle of innocent words. */
export const KNOWN_VALUE_CHARACTERS_MIN = 8;

export interface KnownValueSources {
  environment?: Readonly<Record<string, string | undefined>>;
  /** Contents of `.env` files. */
  dotenv?: readonly string[];
  /** Contents of `.npmrc` files. */
  npmrc?: readonly string[];
  /** Contents of `.netrc` files. */
  netrc?: readonly string[];
}

/** A line of a `.env` or `.npmrc`: name, and value with or without quotes. Values in quotes may span lines. */
const SETTING =
  /^[ \t]*(?:export[ \t]+)?([^\s=#;]{1,256})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[^])*)"|'([^']*)'|`([^`]*)`|([^\n\r]*))/gm;
/** Words of a netrc that are followed by a secret. */
const NETRC_SECRET = /(?:^|\s)(?:password|account)\s+("(?:[^"\\]|\\.)*"|\S+)/g;
const URL_PASSWORD = /:\/\/[^\s/@:]*:([^\s/]+)@/;

/** Values worth looking for, without repeats, longest first. */
export function knownValuesFrom({
  environment = {},
  dotenv = [],
  npmrc = [],
  netrc = [],
}: KnownValueSources): string[] {
  const judge = nameJudge();
  const values = new Set<string>();
  const findToken = tokenFinder(TOKEN_RULES);
  const consider = (name: string, value: string) => {
    const isNamed = judge(name) !== 'none' || /pass|secret|token|credential|(?:api|private|access)_?key/i.test(name);
    if (isNamed) add(value);
    else findToken(value, ({ start, end }) => add(value.slice(start, end)));
    const password = URL_PASSWORD.exec(value)?.[1];
    if (password !== undefined) addBoth(password);
  };
  const add = (value: string) => {
    const trimmed = value.trim();
    if (isWorthKnowing(trimmed)) values.add(trimmed);
  };
  // A password in an address is escaped there and plain elsewhere.
  const addBoth = (password: string) => {
    add(password);
    if (/%[0-9a-f]{2}/i.test(password) && isUrlEscaped(password)) add(decodeURIComponent(password));
  };

  for (const [name, value] of Object.entries(environment)) if (value !== undefined) consider(name, value);
  for (const text of [...dotenv, ...npmrc]) {
    for (const [, name, double, single, tick, bare] of text.matchAll(SETTING)) {
      const value = double === undefined ? (single ?? tick ?? withoutComment(bare!)) : unescaped(double);
      consider(name!.replace(/^.*:/, ''), value);
    }
  }
  for (const text of netrc) {
    for (const [, secret] of text.matchAll(NETRC_SECRET)) {
      add(secret!.startsWith('"') ? unescaped(secret!.slice(1, -1)) : secret!);
    }
  }
  return [...values].sort((a, b) => b.length - a.length);
}

/** Long enough, and not what every machine has: paths, addresses, words, numbers of a few digits. */
function isWorthKnowing(value: string): boolean {
  if (value.length < KNOWN_VALUE_CHARACTERS_MIN || isExample(value) || isPlace(value)) return false;
  if (isName(value) && /^(?:[a-z]{1,12}|[A-Z]{1,12})(?:[-_. :/](?:[a-z]{1,12}|[A-Z]{1,12}))*$/.test(value))
    return value.length >= 12 && !/[-_. :/]/.test(value);
  return !/^[\d.,:-]{1,12}$/.test(value);
}

function withoutComment(value: string): string {
  return value.replace(/[ \t]+#.*$/, '').trim();
}

function unescaped(value: string): string {
  return value.replace(/\\([nrt"\\$])/g, (_all, sign: string) => ({ n: '\n', r: '\r', t: '\t' })[sign] ?? sign);
}

/** False for a stray `%`, which decoding would throw on. */
function isUrlEscaped(value: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(value) && /^(?:[^%]|%[0-7][0-9a-f])*$/i.test(value);
}
