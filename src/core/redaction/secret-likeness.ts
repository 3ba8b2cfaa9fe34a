// Tells a secret from what merely stands where secrets stand: examples in documentation, variables, code, and values
// that are random without being secret. Most of the work of not crying wolf is here.

/** Words that nobody has in a real secret and everybody has in an example. */
const EXAMPLE =
  /example|sample|placeholder|change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|with|this)|insert[-_ ]?|your[-_ ]|<your|my[-_](?:secret|token|key|password|api)|dummy|redacted|not[-_]?a?[-_]?(?:real|secret)|fake[-_]|^fake|todo|fixme|x{6}|\*{3}|\.{3}|…|\{\{|\$\{|\$\(|<[A-Za-z][\w -]*>|12345678|abcdefgh|01234567|deadbeef(?:deadbeef|$)|_here$|-here$|foobar|lorem/i;
/** `${NAME}`, `$NAME`, `%NAME%`, `{{ name }}`, `<name>`, `@name@`, `[name]`: something else will stand here. */
const REFERENCE =
  /^(?:\$[A-Za-z_{(]|%[A-Za-z_]+%$|\{|<|@[A-Za-z_]+@$|\[[A-Za-z]|\(|#\{|env[.:(]|process\.env|os\.environ|vault:|op:\/\/|arn:aws|ref\+|secretref:|\/run\/secrets|file:\/\/|base64:$)/i;
/** What people call a secret when they show where it goes, alone or together. */
const PLAIN_WORDS =
  /^(?:(?:the|a|an|my|your|our|some|this|new|old|current|default|db|database|user|users?name|admin|root|app|api|auth|access|refresh|client|server|service|private|public|secret|secrets|token|tokens|key|keys|pass|passwd|password|passwords|passphrase|pwd|credential|credentials|creds|login|session|cookie|bearer|basic|value|values|string|text|number|bool|boolean|object|any|unknown|none|null|nil|undefined|true|false|yes|no|on|off|empty|optional|required|invalid|missing|hidden|secure|security|test|testing|tests?ing|dev|prod|local|localhost|example|here|goes|input|field|form|config|configuration|setting|settings|env|environment|variable|param|params|parameter|data|type|types|name|id|self|this|args|arg|kwargs|opts|options|request|req|response|res|body|header|headers|query|get|set|read|write|from|to|of|is|in|with|for|and|or|not|be|must|should|hash|hashed|encrypted|encoded|decoded|plain|raw|random|generate|generated|foo|bar|baz|qux|postgres|mysql|mongo|redis|guest|demo|temp|tmp|changeit|super|top|hello|world|company|production|staging|development|file|path|url|uri|host|port|length|size|count|max|min|auto|manual|inherit|disabled|enabled)[\d]{0,2}[\s_.\-/:]*)+$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HASH = /^(?:(?:sha(?:1|224|256|384|512)|md5|blake[23][a-z]?|h1)[-:=]|\$2[aby]\$|\$argon2|\$[156]\$)/i;
const HEX_DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;
const PATH = /^(?:~?\/|\.{1,2}\/|[A-Za-z]:[\\/]|[\w@.-]+\/[\w@./-]*\.\w{1,5}$)/;
const URL = /^[a-z][a-z0-9+.-]*:\/\//i;
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]|$)/;
const VERSION = /^[~^v]?\d+(?:\.\d+)+(?:[-+][\w.]+)?$/;
/** camelCase, snake_case, dotted and dashed words without a digit: names of things, not secrets. */
const NAME = /^[A-Za-z_$][A-Za-z_$]*(?:[.\-:/?[\]]+[A-Za-z_$]*)*$/;

/** True for what documentation shows in place of a secret, for references to one, and for runs of one character. */
export function isExample(value: string): boolean {
  return EXAMPLE.test(value) || REFERENCE.test(value) || isMonotonous(value) || isPlainWords(value);
}

/** As `isExample`, for what follows a provider's own prefix: there only a show of words or repetition counts. */
export function isExampleToken(tail: string): boolean {
  return (
    isMonotonous(tail) ||
    /example|placeholder|your[-_]|x{8}|0{10}|\.{3}|1234567890|abcdefghij|redacted|changeme/i.test(tail)
  );
}

/** Few distinct characters for its length: `xxxx`, `********`, `0000-0000`, `abababab`. */
function isMonotonous(value: string): boolean {
  const distinct = new Set(value.toLowerCase()).size;
  return distinct <= 2 || (value.length >= 16 && distinct <= 4);
}

function isPlainWords(value: string): boolean {
  return value.length <= 64 && PLAIN_WORDS.test(value);
}

/** Random, and known to be no secret by its shape: hashes, UUIDs, paths, addresses, dates, versions. */
export function isBenignShape(value: string): boolean {
  return (
    UUID.test(value) ||
    HASH.test(value) ||
    HEX_DIGEST.test(value) ||
    PATH.test(value) ||
    URL.test(value) ||
    DATE.test(value) ||
    VERSION.test(value)
  );
}

/** True for places in the world, whatever name stands before: a path or an address without credentials. */
export function isPlace(value: string): boolean {
  return PATH.test(value) || URL.test(value) || DATE.test(value) || VERSION.test(value);
}

/** True for an identifier or words of one: letters only, joined by `_ . - : /`. */
export function isName(value: string): boolean {
  return NAME.test(value);
}

/** Shannon entropy in bits a character; '' has none. */
export function entropyBits(value: string): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** Long, mixed and without structure: what a machine made up. Hexadecimal counts, since it has fewer bits by nature. */
export function looksRandom(value: string): boolean {
  if (value.length < 16 || !/[0-9]/.test(value) || !/[A-Za-z]/.test(value)) return false;
  const bits = entropyBits(value);
  return (
    bits >= (/^[0-9a-f-]+$/i.test(value) ? 2.7 : 3.4) && !/^[A-Za-z]+(?:[-_. ][A-Za-z]+)*[-_. ]?\d{1,4}$/.test(value)
  );
}
