// Tells a secret from what merely stands where secrets stand: examples in documentation, variables, code, and values
// that are random without being secret. Most of the work of not crying wolf is here.

/** Words that nobody has in a real secret and everybody has in an example. */
const EXAMPLE =
  /example|sample|placeholder|change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|with|this)|insert[-_ ]?|your[-_ ]|<your|my[-_](?:secret|token|key|password|api)|dummy|redacted|not[-_]?a?[-_]?(?:real|secret)|fake[-_]|^fake|todo|fixme|x{6}|\*{3}|\.{3}|…|\{\{|\$\{|\$\(|<[A-Za-z][\w -]*>|12345678|abcdefgh|01234567|deadbeef(?:deadbeef|$)|_here$|-here$|foobar|lorem/i;
/** `${NAME}`, `$NAME`, `%NAME%`, `{{ name }}`, `<name>`, `@name@`, `[name]`: something else will stand here. */
const REFERENCE =
  /^(?:\$[A-Za-z_{(]|%[A-Za-z_]+%$|%[-.\d]{0,5}[sdfirxv](?![A-Za-z0-9])|\{|<|@[A-Za-z_]+@$|\[[A-Za-z]|\(|#\{|env[.:(]|process\.env|os\.environ|vault:|op:\/\/|arn:aws|ref\+|secretref:|\/run\/secrets|file:\/\/|base64:$)/i;
/** What people call a secret when they show where it goes, alone or together. */
const PLAIN_WORDS: ReadonlySet<string> = new Set(
  (
    'a access account admin an and any api app apply arg args auth author auto bar basic baz be bearer body bool boolean bot byte bytes ' +
    'cached changeit char client company config configuration confirm cookie count creds credential credentials current data database db ' +
    'decoded default demo deploy dev development disabled empty enabled encoded encrypted end env environment every expired false field file first foo ' +
    'for form from generate generated get global go goes guest hash hashed header headers hello here hidden host id in inherit input int integer invalid is it ' +
    'json jwt key keys kwargs last length local localhost login manual master max me min missing mongo must my mysql name new next nil no none not null ' +
    'number object of off old on only optional options opts or our param parameter params pass passphrase passwd password passwords path plain port ' +
    'postgres prod production public put pwd query qux random raw read redis ref refresh req request require required res response root salt secret secrets secure ' +
    'security self server service session set setting settings should signing size sqlite staging some str string super temp test tester testing tests text ' +
    'the then there this three time tmp to token tokens top true two type types undefined unknown unset url uri use used user username users uuid valid value values ' +
    'var varchar variable via wait webhook when where will with world write yes you your one once mongodb rabbitmq minio elastic kafka vault'
  ).split(' '),
);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HASH = /^(?:(?:sha(?:1|224|256|384|512)|md5|blake[23][a-z]?|h1)[-:=]|\$2[aby]\$|\$argon2|\$[156]\$)/i;
const HEX_DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;
const PATH = /^(?:~?\/|\.{1,2}\/|[A-Za-z]:[\\/]|[\w@.-]+\/[\w@./-]*\.\w{1,5}$)/;
const URL = /^[a-z][a-z0-9+.-]*:\/\//i;
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]|$)/;
const VERSION = /^[~^v]?\d+(?:\.\d+)+(?:[-+][\w.]+)?$/;
/** camelCase, snake_case, dotted and dashed words without a digit: names of things, not secrets. */
const NAME = /^[A-Za-z_$]+(?:[.\-:/?[\]]+[A-Za-z_$]+)*[.\-:/?[\]]*$/;

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
  const few = value.length >= 16 ? 4 : 2;
  const distinct = new Set<string>();
  for (const sign of value) if (distinct.add(sign.toLowerCase()).size > few) return false;
  return true;
}

/** Only such words, joined by anything, by capitals, or two of them by nothing, with at most two digits after each. */
function isPlainWords(value: string): boolean {
  // Nothing of what is looked up has a digit before a letter, or four in a row.
  if (value.length > 80 || /\d[A-Za-z]|\d{4}/.test(value)) return false;
  const words = value
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.length > 0 && words.every(isPlainWord);
}

function isPlainWord(word: string): boolean {
  const bare = word.replace(/\d{1,3}$/, '');
  if (bare === '' || PLAIN_WORDS.has(bare)) return true;
  for (let cut = 2; cut < bare.length - 1; cut++) {
    if (PLAIN_WORDS.has(bare.slice(0, cut)) && PLAIN_WORDS.has(bare.slice(cut))) return true;
  }
  return false;
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

/**
 * Of one value at a time, all zero between two. Secrets are ASCII; other letters share places, which makes them look a
 * little less random.
 */
const COUNTS = new Uint32Array(128);

/** Shannon entropy in bits a character; '' has none. */
export function entropyBits(value: string): number {
  if (value === '') return 0;
  for (let i = 0; i < value.length; i++) COUNTS[value.charCodeAt(i) & 127]!++;
  let sum = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i) & 127;
    const count = COUNTS[unit]!;
    if (count > 1) sum += count * Math.log2(count);
    COUNTS[unit] = 0;
  }
  return Math.log2(value.length) - sum / value.length;
}
