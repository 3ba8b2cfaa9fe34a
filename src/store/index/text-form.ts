// How a text is spelled for the full-text index, so that its tokenizer, which knows only letters and gaps, finds what
// people look for in code and in scripts without spaces. The same spelling is used for queries. It is part of the
// schema: words can only be taken out of the index as they were put in, so a change here raises SCHEMA_VERSION.
//
//   parseJsonText   →  parseJsonText parse Json Text       the whole, then its parts
//   漢字列          →  漢字 字列                             every pair of characters; one alone stays as it is

/** Marks, and what else may be written in two ways; nearly every text is quickly seen to lack them. */
const MAYBE_COMPOSED =
  /[\u0300-\u0fff\u1100-\u1dff\u1f00-\u2001\u20c1-\u212f\u2329\u232a\u3099\u309a\uf900-\ufaff\ufe1f-\ufe2f\ud834\ud87e]/;

/**
 * Scripts written without spaces (Thai, Lao, Myanmar, Khmer, kana, Han), and Hangul, whose words carry their particles.
 * As ranges: with \p{Script=…} this one pattern takes as long as all of SQLite's work.
 */
const SPACELESS =
  /(?:[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc]|[\ud840-\ud888][\udc00-\udfff])+/g;
/** All of them sort behind this, as terms of the index do, by their bytes. */
export const SPACELESS_TERMS_FROM = '\u0e00';

const HUMP = /[a-z][A-Z]|[A-Z]{2}[a-z]/;
const HUMPS = new RegExp(HUMP, 'g');
const PARTS = /(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;
/** Longer or more humped than an identifier: base64, which has nothing to find inside. */
const IDENTIFIER_CHARACTERS_MAX = 64;
const PARTS_MAX = 8;

/** One way to write each accented letter: files made on macOS have them in two characters. */
export function composed(text: string): string {
  return MAYBE_COMPOSED.test(text) ? text.normalize('NFC') : text;
}

/** The spelling of a text in the index of words. Linear in its length, whatever it holds. */
export function indexedForm(raw: string): string {
  const paired = composed(raw).replace(SPACELESS, pairs);
  return HUMP.test(paired) ? withParts(paired) : paired;
}

export interface QueriedForm {
  form: string;
  /** `ending`: the first term is one character, and any pair that ends in it will do. */
  start: 'whole' | 'ending';
  /** `beginning`: the last term is one character, and any pair that begins with it will do. */
  end: 'whole' | 'beginning';
}

/** The spelling of a word or phrase that is looked for, in a text that may go on at both ends without a gap. */
export function queriedForm(raw: string): QueriedForm {
  const text = composed(raw).trim();
  const single = [...text.matchAll(SPACELESS)].filter(({ 0: run }) => [...run].length === 1);
  return {
    form: indexedForm(text).trim(),
    start: single.some(({ index }) => index === 0) ? 'ending' : 'whole',
    end: single.some(({ index, 0: run }) => index + run.length === text.length) ? 'beginning' : 'whole',
  };
}

/** The parts of an identifier with humps; null for a text that is not one. */
export function identifierParts(text: string): string[] | null {
  if (!/^[A-Za-z0-9]+$/.test(text) || text.length > IDENTIFIER_CHARACTERS_MAX || !HUMP.test(text)) return null;
  const parts = text.split(PARTS);
  return parts.length > PARTS_MAX ? null : parts;
}

function pairs(run: string): string {
  const characters = [...run];
  if (characters.length === 1) return ` ${run} `;
  let out = ' ';
  for (let i = 1; i < characters.length; i++) out += `${characters[i - 1]}${characters[i]} `;
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
