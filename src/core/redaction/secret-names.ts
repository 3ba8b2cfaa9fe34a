// What a name says of the value beside it. `password` and `max_tokens` both hold a word for a secret; the words around
// it tell them apart.

/**
 * `strong`: the value is a secret unless it is plainly none. `token`: if it is random, be it a hash. `weak`: only if it
 * is random and no hash.
 */
export type NameKind = 'password' | 'strong' | 'token' | 'weak' | 'none';

/** Finds every place where such a name could be; always the same letters as in the rules below. */
export const NAME_STEMS: readonly string[] = [
  'pass',
  'pwd',
  'pw',
  'secret',
  'token',
  'key',
  'auth',
  'cred',
  'bearer',
  'cookie',
  'jwt',
  'session',
  'salt',
  'nonce',
  'pin',
  'otp',
  'sig',
  'dsn',
  'identified by',
];

const PASSWORD =
  /(?:^|[._-])(?:pass|pw|pwd|passwd|passw|passcode)$|pass_?word|pass_?phrase|passwd|pass_?code|(?:^|[._-])pwd(?:$|[._-])|_pass(?:$|_)|userpass|dbpass|identified by|requirepass|masterauth/;
const STRONG =
  /secret|(?:api|access|auth|authentication|private|encryption|signing|master|account|service|app|application|admin|storage|shared|license|webhook|deploy|consumer|subscription|session|ssh|ssl|hmac|aes|crypto?|security|client|bot|user|write|read|root|jwt|server|project|org|dev|prod|live|cloud|function|host|integration|secure)[._-]?keys?(?:$|[._-]?(?:base64|b64|prod|dev|test|live|staging|[0-9])$)|(?:access|auth|api|refresh|bearer|id|session|security|deploy|personal|bot|user|client|service|app|admin|oauth|oauth2|jwt|registry|vault|ci|job|publish|push|pull|account|integration|webhook|verification|reset|login|private|master|root|npm|github|gh|gitlab|slack|git)[._-]?(?:auth[._-]?)?tokens?$|[._-]tokens?$|^_?auth_?token$|client[._-]?key[._-]?data$|credentials?$|(?:^|[._-])creds$|x-api-key|^_auth$|_auth$|[._-]jwt$|[._-]dsn$|signature$|^sig$/;
const WEAK =
  /(?:^|[._-])(?:token|key|auth|authtoken|jwt|cookie|session|salt|nonce|otp|bearer|dsn|sig|cred)s?$|[a-z](?:token|key)$/;
/** Names about secrets rather than of them. */
const ABOUT =
  /public|publishable|publish[._-]?key|pub[._-]?key|pk$|key[._-]?(?:id|ids|name|names|path|file|files|type|types|size|len|length|count|code|codes|board|word|words|frame|frames|map|maps|press|up|down|pair|pairs|ring|store|vault|usage|alias|hash|fingerprint|prefix|suffix|format|index|schema|space|spec|event|bind|binding|stroke|val|value|of|error|algorithm|alg|version|rotation|url|uri|exists|func|fn|col|column|field|label|ops|str)s?$|keys[._-]|^keys$|(?:^|[._-])(?:primary|foreign|sort|partition|cache|row|hash|range|dict|map|object|property|prop|sub|group|config|lookup|search|storage[._-]?item|composite|unique|index|natural|surrogate|query|react|item|list|state|route|i18n|translation|message|locale|json|yaml|data|parent|child|entity|idempotency|dedup|ordering|routing|metadata|arrow|enter|escape|tab|space|hot|shortcut|modifier|shift|ctrl|alt|meta|any|press|low|high|by|from|with|get|set|has|is|to)[._-]?keys?$|token[._-]?(?:s?[._-]?(?:count|limit|usage|budget|per|used|total|max|min|rate|in|out|window|ids?))|tokeni[sz]|token[._-]?(?:type|types|name|url|uri|endpoint|id|expires?|expiry|expiration|expires?[._-]?(?:in|at)|ttl|lifetime|length|kind|class|kinds|list|path|file|address|symbol|decimals|contract|price|field|header|key|prefix|pos|position|start|end|line|value[._-]?type|issuer|audience|scopes?|status|valid|error|stream|source|provider|service|manager|store|storage|handler|validator|factory|builder|parser|generator)s?$|^tokens?[._-]?(?:in|out|max|min|left)$|(?:^|[._-])(?:max|min|num|n|total|prompt|completion|input|output|cached|reasoning|used|count|next|prev|page|pagination|continuation|sync|next[._-]?page|special|eos|bos|pad|unk|mask|sep|cls|stop|current|peek|lookahead|syntax|design|color|css|theme|cancellation|cancel)[._-]?tokens?$|secret[._-]?(?:name|names|id|ids|path|file|arn|ref|refs|type|version|manager|store|keyref|key[._-]?ref|engine|length|size|url|uri|provider|mount|class|list|s?[._-]?count)s?$|pass[._-]?(?:word)?[._-]?(?:field|input|label|hint|policy|length|min|max|strength|reset|confirm(?:ation)?[._-]?label|file|path|placeholder|prompt|help|error|errors|required|visible|hidden|type|regex|pattern|rules?|manager|changed|expires?|expiry|age|history|encoder|hasher|form|page|screen|url|link|button|icon|toggle|message|title|text|name|attempts|generator|score|check|validator|protected|digest|s?[._-]?match)s?$|passport|passing|passive|passes$|passed|passenger|passage|compass|bypass|pass[._-]?(?:through|rate|count|by|fail|thru|back|ed|ing)|^authors?$|author[._-]?(?:name|email|id|url)s?$|auth[._-]?(?:type|method|mode|provider|url|uri|endpoint|domain|server|service|state|status|enabled|required|scheme|strategy|flow|callback|guard|context|user|users|handler|header|middleware|client|config|module|store|route|router|page|level|name|path|host|email|source|s?ource|db|database|failed|error|version|plugin|mechanism|timeout|session|check|success|fail|failure|time|result|s)$|session[._-]?(?:name|type|timeout|ttl|count|duration|start|end|path|file|dir|title|status|state|age|store|storage|manager|config|affinity|number|index|time)s?$|cookie[._-]?(?:name|path|domain|policy|consent|age|banner|options|config|settings|jar|parser|prefix|secure|same[._-]?site|max[._-]?age|expires?|notice)s?$|credential[._-]?(?:id|ids|type|types|name|source|path|file|provider|scope|helper|store|s?[._-]?(?:file|path|id|mode|mgr|helper))s?$|csrf[._-]?(?:field|header)|(?:monkey|turkey|hockey|jockey|donkey|whiskey)s?$|keynote|nonces?[._-]?(?:length|size)|integrity|checksum|digest|sha(?:1|256|512)|etag|commit|revision|spki/;
const LABELS_MAX = 4096;

/** How far the name alone makes its value a secret. Names are remembered: a text says the same few over and over. */
export function nameJudge(): (name: string) => NameKind {
  const known = new Map<string, NameKind>();
  return (name) => {
    let kind = known.get(name);
    if (kind === undefined) {
      if (known.size >= LABELS_MAX) known.clear();
      kind = judgeName(name);
      known.set(name, kind);
    }
    return kind;
  };
}

/** One name without a memory. */
export function judgeName(name: string): NameKind {
  // Borders of camelCase become dashes, so that one set of words serves every way of writing names.
  const plain = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[$\s]/g, '');
  if (ABOUT.test(plain))
    return PASSWORD.test(plain) && /(?:^|[._-])(?:password|passwd|passphrase)$/.test(plain) ? 'password' : 'none';
  if (PASSWORD.test(plain)) return 'password';
  if (STRONG.test(plain)) return 'strong';
  if (plain === 'token' || plain === 'bearer') return 'token';
  return WEAK.test(plain) ? 'weak' : 'none';
}
