// The shapes in which a known secret turns up: a value put into a URL, a JSON document, a page or a base64 text is the
// same secret and no longer the same characters.

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const ENCODER = new TextEncoder();

/** One shape, with how many characters beside it hold a part of the secret too: base64 cuts across characters. */
export interface ValueForm {
  text: string;
  partBefore: 0 | 1;
  partAfter: 0 | 1;
}

/** Every shape of a value, without repeats; the value itself comes first. */
export function valueForms(value: string): ValueForm[] {
  const forms = new Map<string, ValueForm>();
  for (const text of escapedForms(value)) forms.set(text, { text, partBefore: 0, partAfter: 0 });
  for (const form of base64Forms(ENCODER.encode(value))) if (!forms.has(form.text)) forms.set(form.text, form);
  return [...forms.values()];
}

function escapedForms(value: string): string[] {
  const url = encodeURIComponent(value.toWellFormed());
  const strictUrl = url.replace(/[!'()*]/g, (sign) => `%${hex(sign.charCodeAt(0), 2).toUpperCase()}`);
  const json = inJson(value);
  const signs = /[^A-Za-z0-9]/g;
  const bytes = [...ENCODER.encode(value)].map((byte) => hex(byte, 2)).join('');
  const forms = [
    value,
    json,
    json.replaceAll('/', '\\/'),
    inJson(json),
    inJson(inJson(json)),
    ...[url, strictUrl].flatMap((form) => [form, lowerEscapes(form), form.replaceAll('%20', '+')]),
    encodeURIComponent(strictUrl),
    bytes,
    bytes.toUpperCase(),
    bytes.replace(/../g, String.raw`\x$&`),
    bytes.replace(/../g, '%$&'),
    bytes.toUpperCase().replace(/../g, '%$&'),
  ];
  // Writers differ in which characters they escape: only the dangerous ones, all signs, what is not ASCII, or all.
  for (const which of [/[<>&'"]/g, /[<>&'"=+`/]/g, /[<>&]/g, signs, /[^\x20-\x7e]/g, /[^]/g]) {
    const escape = (write: (unit: number) => string) => value.replace(which, (sign) => write(sign.charCodeAt(0)));
    const base = which.source === '[<>&]' || which.source === '[^\\x20-\\x7e]' ? json : value;
    const unicode = (upper: boolean) =>
      base.replace(which, (sign) => {
        const digits = hex(sign.charCodeAt(0), 4);
        return `\\u${upper ? digits.toUpperCase() : digits}`;
      });
    forms.push(unicode(false), unicode(true), inJson(unicode(false)));
    forms.push(
      escape((unit) => `&#${unit};`),
      escape((unit) => `&#x${hex(unit, 2)};`),
      escape((unit) => `&#x${hex(unit, 2).toUpperCase()};`),
    );
  }
  for (const quote of ['&#39;', '&#x27;', '&#039;', '&apos;', "'"]) {
    for (const doubleQuote of ['&quot;', '&#34;', '"']) forms.push(inHtml(value, quote, doubleQuote));
  }
  return forms;
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

function inHtml(value: string, quote: string, doubleQuote: string): string {
  const signs = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return signs.replaceAll("'", quote).replaceAll('"', doubleQuote);
}

function lowerEscapes(url: string): string {
  return url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

function hex(unit: number, digits: number): string {
  return unit.toString(16).padStart(digits, '0');
}

/**
 * The three ways a value can lie in a longer base64 text, each without the characters that also hold bits of its
 * neighbours; with both alphabets.
 */
function base64Forms(bytes: Uint8Array): ValueForm[] {
  const forms: ValueForm[] = [];
  for (const offset of [0, 1, 2]) {
    const shifted = new Uint8Array(offset + bytes.length);
    shifted.set(bytes, offset);
    const first = Math.ceil((offset * 8) / 6);
    const whole = Math.floor((shifted.length * 8) / 6);
    const text = base64(shifted).slice(first, whole);
    const part = { partBefore: offset === 0 ? 0 : 1, partAfter: shifted.length % 3 === 0 ? 0 : 1 } as const;
    forms.push({ text, ...part }, { text: text.replaceAll('+', '-').replaceAll('/', '_'), ...part });
  }
  return forms;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) text += BASE64[(bits >> shift) & 63];
  }
  return text;
}
