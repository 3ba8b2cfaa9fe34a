// More hostile texts, by what makes them slow: names inside the values of names, long values of one kind of sign,
// openings that are never closed, structures that begin again and again.

const NAMES = [
  'pw',
  'key',
  'token',
  'password',
  'secret',
  'auth',
  'authorization',
  'cookie',
  'api_key',
  'aws',
  'stripe',
];
const JOINTS = [
  '=',
  ': ',
  ':"',
  '="',
  "='",
  '=\\"',
  '>',
  '=a1-',
  '=a.',
  '=/',
  '://',
  ' is ',
  '=%41',
  '=>',
  '("',
  '|',
  ' ',
];
/** Signs of which a value may be made; each is the worst case of some expression. */
const FILLINGS = [
  'a',
  'A1',
  'a-',
  'a.',
  'a_',
  'a/',
  'x.y/',
  '<a ',
  '0',
  '%',
  '%2F',
  '$',
  'aB-',
  '\\',
  '&',
  '{',
  'é',
  'a:b@',
  '=',
  '+',
];
const VALUE_FORMS: readonly (readonly [before: string, after: string])[] = [
  ['="', '"'],
  ['=', ' '],
  [': ', '\n'],
  ["='", '1-"\n'],
  ['("', '1_")'],
];

/** Names that are read as values of names, in runs about as long as a value is read. */
const nested = NAMES.flatMap((name) =>
  JOINTS.flatMap((joint) =>
    [70, 250, 4000].map((characters) => (name + joint).repeat(Math.floor(characters / (name + joint).length)) + '\n'),
  ),
);
const values = NAMES.flatMap((name) =>
  FILLINGS.flatMap((filling) =>
    VALUE_FORMS.flatMap(([before, after]) =>
      [60, 250, 8100].map(
        (characters) => name + before + filling.repeat(Math.ceil(characters / filling.length)) + after,
      ),
    ),
  ),
);
const headers = ['Authorization', 'Cookie', 'Set-Cookie', 'Proxy-Authorization', 'Bearer'].flatMap((header) =>
  [':', '=', ': ', '="', ': Bearer ', ': Digest a="', '=a=b;', ':\n ', ': a1', `: ${'a'.repeat(300)} `].map(
    (rest) => header + rest,
  ),
);
const commands = ['curl', 'mysql', 'docker', 'openssl', 'htpasswd', 'login', 'sqlplus', 'net'].flatMap((command) =>
  [' -u', ' -p', ' -u a', ' -pass', ' --user=a', ' -b a b ', ' a password a', ' a/', '\t-p"'].map(
    (rest) => command + rest,
  ),
);
const quotes = ['"', "'", '`', '&quot;', '%22'];
const openings = quotes.flatMap((quote) => ['', '\\', '\\\\', '\\\\\\'].map((escape) => `token=${escape}${quote}x `));
const structures = [
  // Lines that leave something open, behind keys that are done.
  `-----BEGIN PRIVATE KEY-----\n!\n${'=\n'.repeat(20_000)}`,
  `-----BEGIN PRIVATE KEY-----\n${'abcd\n'.repeat(5000)}!\n${'=\n'.repeat(15_000)}`,
  `-----BEGIN PRIVATE KEY-----\n${'abcd\\/'.repeat(500)}`,
  'password\n',
  '<password>\n',
  'token"\n"value"\n',
  'key: |\n\n',
  `http://${'a'.repeat(390)}:`,
  `http://${'@'.repeat(300)}`,
  `://${'a:'.repeat(190)}`,
  'a:b@tcp(',
  'a/b@//',
  'h.a:5432:a:b:',
  '*:*:*:',
  '%41%',
  '\\u0041\\/',
  `${'a%2F'.repeat(400)} `,
  `eyJ${'eyJ'.repeat(600)}.`,
  'eyJaaaaaaaa.',
  '.atlasv1.',
  'abc8Q~',
  '1234567:A',
  `${'A'.repeat(76)}AZDO`,
  'password="[REDACTED:x:01234567]',
  `password="${'[REDACTED:x:01234567]a1'.repeat(300)}"\n`,
  'aws a b c d e f g h ',
  `${'_token'.repeat(13)}=`,
  `token${' '.repeat(40)}`,
  ...['\u200b', '\ud800', '\udc00', '\u{1f600}', '\ufeff', '\u202e', '\0', 'İ', 'ſ'].flatMap((sign) => [
    sign,
    `token=${sign}`,
    `to${sign}ken=`,
  ]),
];

export const HOSTILE_RUNS: readonly string[] = [
  ...nested,
  ...values,
  ...headers,
  ...commands,
  ...openings,
  openings.join('') + 'z'.repeat(8000),
  ...structures,
];
