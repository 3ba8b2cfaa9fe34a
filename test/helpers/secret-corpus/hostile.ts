// Texts made to be slow to search: beginnings repeated, runs without an end, quotes that never close.

import { LABELLED_RULES } from '../../../src/core/redaction/labelled-tokens.ts';
import { NAME_STEMS } from '../../../src/core/redaction/secret-names.ts';
import { TOKEN_RULES } from '../../../src/core/redaction/tokens/all-tokens.ts';

const starts = TOKEN_RULES.flatMap((rule) => rule.starts);

/** What to repeat: for every rule its beginning, alone, with a body too short, and with a body that goes wrong. */
export const HOSTILE_STARTS: readonly string[] = starts.flatMap((start) => [start, `${start} `, `${start}aB3-_.`]);

const SIGNS = [
  '',
  '=',
  '="',
  "='",
  ': ',
  ':"',
  '\\":\\"',
  ' is ',
  '=a',
  '=a.',
  '={',
  ' =\n',
  '://',
  ': |\n',
  '>',
  ',"',
  '&amp;',
];
const NAMES = [
  ...NAME_STEMS,
  'authorization',
  'cookie',
  'set-cookie',
  '--password',
  ...LABELLED_RULES.map(({ labels }) => labels[0]!),
];

export const HOSTILE_NAMES: readonly string[] = [
  ...NAMES.slice(0, 24).flatMap((name) => SIGNS.map((sign) => name + sign)),
  ...NAMES.slice(24).map((name) => `${name} key `),
];

export const HOSTILE_SHAPES: readonly string[] = [
  'a',
  'A1',
  '0',
  '=',
  '"',
  "'",
  '\\',
  '\n',
  ' ',
  '@',
  ':',
  '://',
  'a@',
  '%41',
  '\\u0041',
  '\u001b[',
  '.',
  '-',
  '_',
  '/',
  '{"',
  '[[',
  'eyJ',
  'eyJa.',
  '.eyJ',
  'eyJhbGciOi.eyJ',
  'http://a:',
  'http://a:b',
  'http://:@',
  'http:\\/\\/a:b',

  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY-----\n',
  '-----BEGIN RSA PRIVATE KEY-----\nabc\n',
  '-----BEGIN ',

  '-----BEGIN PRIVATE KEY-----\\n',
  '-----END PRIVATE KEY-----',
  'Private-Lines: 3',
  'Private-Lines: 3\nabcd\n',
  'a: b\n',
  'curl -u ',
  'curl ',
  'mysql -p',
  'login a password ',
  'openssl -pass ',
  'docker -p a ',

  'Authorization: Bearer ',
  'Authorization: Digest a=',
  'Cookie: a=',
  'Cookie: a=b; ',
  'Set-Cookie: a=b',
  'cookie:a=example ',

  '[REDACTED:',
  '[REDACTED:x:01234567]',
  'password=[REDACTED:x:01234567]',
  'name: password\nvalue: ',
  'password="\\',
];

/** So many characters of a piece, again and again. */
export function repeated(piece: string, characters: number): string {
  return piece.repeat(Math.ceil(characters / piece.length)).slice(0, characters);
}
