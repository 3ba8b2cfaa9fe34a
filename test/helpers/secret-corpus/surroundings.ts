// The places in which secrets turn up. Each takes a secret and gives a text that holds it once, as that place writes it.

export type Surrounding = readonly [name: string, around: (secret: string) => string];

/** For any token: nothing beside it says what it is. */
export const SURROUNDINGS: readonly Surrounding[] = [
  ['alone', (secret) => secret],
  ['prose', (secret) => `Use ${secret} to log in, and keep it safe.`],
  ['the end of a sentence', (secret) => `The one you want is ${secret}.`],
  ['quotes', (secret) => `It said "${secret}", which was odd.`],
  ['backticks', (secret) => `Paste \`${secret}\` there`],
  ['brackets', (secret) => `(${secret}) and <${secret}>`],
  ['JSON', (secret) => JSON.stringify({ id: 7, note: secret, ok: true })],
  ['pretty JSON', (secret) => JSON.stringify({ list: ['x', secret] }, null, 2)],
  ['escaped JSON', (secret) => JSON.stringify({ body: JSON.stringify({ note: secret }) })],
  ['JSON after an escape', (secret) => JSON.stringify(`first line\n${secret}\tlast`)],
  ['a variable', (secret) => `export THING="${secret}"\nnext=1\n`],
  ['a bare variable', (secret) => `A=1\nTHING=${secret}\nB=2\n`],
  ['code', (secret) => `const client = new Client('${secret}', { retries: 3 });`],
  ['YAML', (secret) => `app:\n  thing: ${secret}\n  other: 3\n`],
  ['a log line', (secret) => `2025-01-02T03:04:05Z INFO [worker-3] using ${secret} for tenant 12`],
  ['coloured output', (secret) => `\u001b[32m${secret}\u001b[0m done`],
  ['Windows lines', (secret) => `one\r\n${secret}\r\ntwo\r\n`],
  ['a comma list', (secret) => `a,b,${secret},c`],
  ['a header', (secret) => `GET / HTTP/1.1\r\nX-Thing: ${secret}\r\n\r\n`],
  ['markup', (secret) => `<td class="x">${secret}</td>`],
];

/** For secrets that only their name gives away. */
export const NAMED_SURROUNDINGS: readonly (readonly [
  name: string,
  around: (name: string, secret: string) => string,
])[] = [
  ['a variable', (name, secret) => `${name}=${secret}\n`],
  ['an exported variable', (name, secret) => `export ${name}="${secret}"\n`],
  ['JSON', (name, secret) => JSON.stringify({ [name]: secret })],
  ['pretty JSON', (name, secret) => JSON.stringify({ a: 1, [name.toLowerCase()]: secret, b: 2 }, null, 2)],
  ['escaped JSON', (name, secret) => JSON.stringify(JSON.stringify({ [name]: secret }))],
  ['YAML', (name, secret) => `env:\n  ${name}: "${secret}"\n`],
  ['bare YAML', (name, secret) => `env:\n  ${name.toLowerCase()}: ${secret}\n`],
  ['code', (name, secret) => `const ${camel(name)} = '${secret}';`],
  ['Python', (name, secret) => `os.environ["${name}"] = "${secret}"`],
  ['INI', (name, secret) => `[main]\n${name.toLowerCase()} = ${secret}\n`],
  ['a flag', (name, secret) => `tool --${name.toLowerCase().replaceAll('_', '-')} ${secret} run`],
  ['a flag with a sign', (name, secret) => `tool --${name.toLowerCase().replaceAll('_', '-')}=${secret} run`],
  ['kubernetes', (name, secret) => `- name: ${name}\n  value: "${secret}"\n`],
];

function camel(name: string): string {
  return name.toLowerCase().replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
