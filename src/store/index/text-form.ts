// How a text is spelled for the full-text index, so that its tokenizer, which knows only letters and gaps, finds what
// people look for in code and in scripts without spaces. The same spelling is used for queries. It is part of the
// schema: words can only be taken out of the index as they were put in, so a change here raises SCHEMA_VERSION.
//
//   parseJsonText   →  parseJsonText parse Json Text       the whole, then its parts
//   漢字列          →  漢字 字列 列                          every pair of characters, then the last alone

const NOT_ASCII = /[^\0-\x7f]/;

/** Scripts written without spaces, and Hangul, whose words carry their particles. */
const SPACELESS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;
/** All of them lie above this, which nearly every text is quickly seen to lack. */
const MAYBE_SPACELESS = /[\u0e00-\uffff]/;

const HUMP = /[a-z][A-Z]|[A-Z]{2}[a-z]/;
const HUMPS = new RegExp(HUMP, 'g');
const PARTS = /(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;
/** Longer or more humped than an identifier: base64, which has nothing to find inside. */
const IDENTIFIER_CHARACTERS_MAX = 64;
const PARTS_MAX = 8;

/** One way to write each accented letter: files made on macOS have them in two characters. */
export function composed(text: string): string {
  return NOT_ASCII.test(text) ? text.normalize('NFC') : text;
}

/** The spelling of a text in the index of words. Linear in its length, whatever it holds. */
export function indexedForm(raw: string): string {
  const text = composed(raw);
  const paired = MAYBE_SPACELESS.test(text) ? text.replace(SPACELESS, pairs) : text;
  return HUMP.test(paired) ? withParts(paired) : paired;
}

/**
 * The spelling of a word or phrase that is looked for. It ends where the text may go on: the last character of a
 * run is not asked for alone, unless it is the whole run, and then what begins with it counts.
 */
export function queriedForm(raw: string): { form: string; end: 'whole' | 'prefix' } {
  const text = composed(raw).trim();
  const last = [...text.matchAll(SPACELESS)].at(-1);
  if (!last || last.index + last[0].length < text.length) return { form: indexedForm(text), end: 'whole' };
  const characters = [...last[0]];
  const before = indexedForm(text.slice(0, last.index));
  if (characters.length === 1) return { form: `${before} ${characters[0]}`, end: 'prefix' };
  const withoutLast = pairs(last[0]).trimEnd().slice(0, -characters.at(-1)!.length);
  return { form: `${before} ${withoutLast}`, end: 'whole' };
}

/** The parts of an identifier with humps; null for a text that is not one. */
export function identifierParts(text: string): string[] | null {
  if (!/^[A-Za-z0-9]+$/.test(text) || text.length > IDENTIFIER_CHARACTERS_MAX || !HUMP.test(text)) return null;
  const parts = text.split(PARTS);
  return parts.length > PARTS_MAX ? null : parts;
}

function pairs(run: string): string {
  const characters = [...run];
  let out = ' ';
  for (let i = 0; i < characters.length; i++) out += `${characters[i]}${characters[i + 1] ?? ''} `;
  return out;
}

/** Steps from hump to hump: a pattern for whole identifiers would go back and forth over long lines without any. */
function withParts(text: string): string {
  let out = '';
  let copied = 0;
  HUMPS.lastIndex = 0;
  for (let hump = HUMPS.exec(text); hump; hump = HUMPS.exec(text)) {
    let start = hump.index;
    while (start > copied && isAsciiAlphanumeric(text.charCodeAt(start - 1))) start--;
    let end = HUMPS.lastIndex;
    while (end < text.length && isAsciiAlphanumeric(text.charCodeAt(end))) end++;
    const parts = end - start > IDENTIFIER_CHARACTERS_MAX ? null : identifierParts(text.slice(start, end));
    out += text.slice(copied, end);
    if (parts) out += ` ${parts.join(' ')}`;
    copied = end;
    HUMPS.lastIndex = end;
  }
  return out + text.slice(copied);
}

function isAsciiAlphanumeric(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
}
