// Reads the value that stands beside a name, in whatever language it stands: quoted, escaped and quoted, bare to the
// end of a word, or bare to the end of an environment line.

/** How the value is set off, which says how sure it is that it is a value at all and not code. */
export type Setting = 'quoted' | 'whole' | 'bare';

export interface ReadValue {
  start: number;
  end: number;
  setting: Setting;
  /** What separated name and value: `=`, `:`, `,`, `",` after a quoted name, and so on; ` ` for white space, `is` for a sentence. */
  separator: string;
  /** True for a value of which only the beginning was read. */
  isCutShort: boolean;
}

const VALUE_CHARACTERS_MAX = 8192;
const QUOTES_AFTER_NAME = /(?:\\{0,3}["'`\]]|&quot;|%22|\*\*|\)){0,3}/y;
/** A type between name and value, and the separator itself. */
const SEPARATOR =
  /[ \t]{0,8}(?:[: ][ \t]{0,3}(?:const |&?'?(?:static )?)?(?:string|str|String|&str|char ?\*|SecretStr|Final|Final\[str\]|Optional\[str\]|String\?|any)(?:[ \t]?\|[ \t]?(?:null|undefined|None))?[ \t]{0,3}(?==))?[ \t]{0,8}(:{1,3}=|=>|->|={1,3}|!={1,2}|:{1,2}|(?:\?{1,2}|\|{1,2}|[+.])=|\|{1,2}|\?\?|,|>|%3[dDaA])[ \t]{0,40}(?:!!(?:str|binary)[ \t]{1,4})?/y;
const IN_SENTENCE = /[ \t]{1,3}(?:is|was|are|to|as)[ \t]{0,2}:?[ \t]{1,3}/y;
const WHITE_SPACE = /[ \t]{1,8}(?:\\\r?\n[ \t]{0,40})?/y;
const BLOCK_SCALAR = /(?:[|>][+-]?[ \t]{0,8})?(?:\\?\r?\n[ \t]{0,80}){1}/y;
/** `setApiKey("…")` */
const CALL = /\([ \t]{0,4}(?=\\{0,3}["'`])/y;
/** Property lists: `<key>name</key><string>value</string>`. */
const NEXT_ELEMENT = /<\/(?:key|name)>[ \t]{0,8}(?:\r?\n[ \t]{0,80})?<(?:string|value|data)>/y;
/** The kubernetes, compose and terraform way: `name: X` and `value: Y` side by side. */
const NAME_VALUE_PAIR =
  /[ \t]{0,8}[,{]?[ \t]{0,8}(?:\r?\n[ \t]{0,80})?\\?["']?(?:default|value|Value|VALUE)\\?["']?[ \t]{0,8}([:=])[ \t]{0,40}/y;
const OPENING =
  /(?:[bBrRuUfFL@$]|new [A-Za-z]{1,20}\(|(?![A-Za-z.]*(?:encode|decode|get|env|join|split|strip|replace|format)\()[A-Za-z.]{1,20}\((?=["'`]))?(\\{0,3})(["'`]|&quot;|%22)/y;
// Bounded, for a text may hold a name in every third character; `wholeValueEnd` goes on where it matters.
const BARE = /[^\s"'`<>,;(){}[\]|&\\]{1,256}/y;
const BARE_REST = /[^\s"'`<>,;(){}[\]|&\\]*/y;
const WHOLE_LINE = /[^\s"'`]{1,256}/y;
/** To the end of the element, or of the next line: a stream may be cut behind that. */
const TO_TAG =
  /[^\s<>"']{1,256}(?=[ \t]{0,80}<)|[ \t]{0,80}\r?\n[ \t]{0,80}[^\s<>"']{1,256}(?=<|[ \t]{0,80}(?:\r?\n|$))/y;
const BARE_CHARACTERS_MAX = 256;

/** What stands before the value: `spaced` takes one after white space alone, `label` none from the next line. */
export type NameUse = 'name' | 'spaced' | 'label';

/** Null when no value follows. */
export function readValue(text: string, nameStart: number, nameEnd: number, use: NameUse): ReadValue | null {
  const quotesEnd = skip(QUOTES_AFTER_NAME, text, nameEnd)!;
  const pairEnd = use === 'label' ? undefined : skip(NAME_VALUE_PAIR, text, quotesEnd);
  if (pairEnd !== undefined) return valueAt(text, pairEnd, ':', true);
  const callEnd = skip(CALL, text, quotesEnd);
  if (callEnd !== undefined) return valueAt(text, callEnd, '(', false);
  const elementEnd = skip(NEXT_ELEMENT, text, quotesEnd);
  if (elementEnd !== undefined) return toTag(text, elementEnd);
  SEPARATOR.lastIndex = quotesEnd;
  const found = SEPARATOR.exec(text);
  if (found !== null) return afterSeparator(text, nameStart, quotesEnd, found, use);
  const sentence = skip(IN_SENTENCE, text, quotesEnd);
  if (sentence !== undefined) return valueAt(text, sentence, 'is', false);
  const space = use === 'spaced' ? skip(WHITE_SPACE, text, quotesEnd) : undefined;
  return space === undefined ? null : valueAt(text, space, ' ', true);
}

function afterSeparator(
  text: string,
  nameStart: number,
  at: number,
  found: RegExpExecArray,
  use: NameUse,
): ReadValue | null {
  const separator = found[1] === ',' && /["'`]/.test(text[at - 1]!) ? '",' : found[1]!;
  let valueStart = at + found[0].length;
  // `<password>value</password>`
  if (separator === '>' && found[0] === '>') return text[nameStart - 1] === '<' ? toTag(text, valueStart) : null;
  const isBroken =
    text[valueStart] === '\n' || text[valueStart] === '\r' || text[valueStart] === '|' || text[valueStart] === '>';
  if (isBroken) {
    // Only after these does a stream wait for the next line (segments.ts).
    if (!/^(?::|:?=|=>|"?,)$/.test(separator) || (use === 'label' && separator.endsWith(','))) return null;
    const next = skip(BLOCK_SCALAR, text, valueStart);
    if (next === undefined) return null;
    const isScalar = text[valueStart] === '|' || text[valueStart] === '>';
    valueStart = next;
    const read = valueAt(text, valueStart, separator, false);
    return read === null || read.setting === 'quoted' || isScalar ? read : null;
  }
  const isTight = found[0] === separator && separator === '=';
  if (isTight && isAssignedLine(text, nameStart)) return wholeLine(text, valueStart);
  return valueAt(text, valueStart, separator, isTight && (text[nameStart] === '-' || isParameter(text, nameStart)));
}

/** Where a value ends that was too long to be read whole. */
export function wholeValueEnd(text: string, read: ReadValue): number {
  return read.isCutShort ? skip(BARE_REST, text, read.end)! : read.end;
}

/** `NAME=value` at the start of a line, after `export` or `set`, or as a parameter of a container. */
function isAssignedLine(text: string, nameStart: number): boolean {
  return /(?:^|[\n\r]|\\n)[ \t]{0,40}(?:(?:export|set|setx|env|ENV|ARG|local|declare -x|\$env:|-e|--env|--build-arg)[ \t]{1,4})?["']?$/.test(
    text.slice(Math.max(0, nameStart - 64), nameStart),
  );
}

function isParameter(text: string, nameStart: number): boolean {
  const before = text[nameStart - 1];
  return (
    before === '?' || before === '&' || before === ';' || text.slice(Math.max(0, nameStart - 5), nameStart) === '&amp;'
  );
}

function valueAt(text: string, at: number, separator: string, isWhole: boolean): ReadValue | null {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(text);
  if (opening !== null) return quoted(text, at + opening[0].length, opening[1]!, opening[2]!, separator);
  const end = skip(BARE, text, at);
  if (end === undefined) return null;
  const isCutShort = end - at >= BARE_CHARACTERS_MAX;
  const valueEnd = isCutShort ? end : trimmedEnd(text, at, end);
  return { start: at, end: valueEnd, setting: isWhole ? 'whole' : 'bare', separator, isCutShort };
}

function wholeLine(text: string, at: number): ReadValue | null {
  const opening = text[at];
  if (opening === '"' || opening === "'" || opening === '`' || opening === '\\') return valueAt(text, at, '=', true);
  const end = skip(WHOLE_LINE, text, at);
  if (end === undefined) return null;
  const escaped = /\\[nr]/.exec(text.slice(at, end));
  const isCutShort = escaped === null && end - at >= BARE_CHARACTERS_MAX;
  const valueEnd = escaped === null ? end : at + escaped.index;
  return { start: at, end: valueEnd, setting: 'whole', separator: '=', isCutShort };
}

function toTag(text: string, at: number): ReadValue | null {
  TO_TAG.lastIndex = at;
  const found = TO_TAG.exec(text)?.[0];
  if (found === undefined) return null;
  const end = at + found.length;
  return { start: end - found.trimStart().length, end, setting: 'quoted', separator: '>', isCutShort: false };
}

/** To the same quote, escaped as often; on one line. A quote that never closes holds nothing. */
function quoted(text: string, at: number, escapes: string, quote: string, separator: string): ReadValue | null {
  const close = escapes + quote;
  const limit = Math.min(text.length, at + VALUE_CHARACTERS_MAX);
  for (let end = at; end < limit; end++) {
    const unit = text[end]!;
    if (unit === '\n') return null;
    if (text.startsWith(close, end)) return { start: at, end, setting: 'quoted', separator, isCutShort: false };
    if (unit === '\\' && escapes === '') end++;
  }
  return null;
}

/** Without the full stop, colon or closing sign of the sentence around it. */
function trimmedEnd(text: string, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && '.,:;!?*'.includes(text[trimmed - 1]!)) trimmed--;
  return trimmed;
}

function skip(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
