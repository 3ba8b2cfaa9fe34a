// Finds what an escape hides: `%2F` in an address, `\/` and `\u002b` in JSON stand for one character of a token. The
// stretch around it is unescaped, searched again, and what was found is put back to where it stands.

import type { Finder, Span } from './span.ts';

const ESCAPE = /%(?:25)?([0-9A-Fa-f]{2})|\\{1,4}(?:u00|x)([0-9A-Fa-f]{2})|\\{1,4}\//g;

/** Shorter stretches hold no token. */
const STRETCH_CHARACTERS_MIN = 16;

/** A finder for the text behind its escapes; it reports only what the text itself does not show. */
export function behindEscapes(finders: readonly Finder[]): Finder {
  return (text, report) => {
    let end = 0;
    for (let escape = nextEscape(text, end); escape >= 0; escape = nextEscape(text, end)) {
      const start = stretchStart(text, escape, end);
      end = stretchEnd(text, escape);
      if (end - start < STRETCH_CHARACTERS_MIN) continue;
      for (const span of spansBehind(text.slice(start, end), finders)) {
        report({ ...span, start: start + span.start, end: start + span.end });
      }
    }
  };
}

function nextEscape(text: string, from: number): number {
  ESCAPE.lastIndex = from;
  return ESCAPE.exec(text)?.index ?? -1;
}

/** What is read as one: up to white space, quotes and brackets on either side. */
function stretchStart(text: string, at: number, least: number): number {
  let start = at;
  while (start > least && !isBorder(text.charCodeAt(start - 1))) start--;
  return start;
}

function stretchEnd(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && !isBorder(text.charCodeAt(end))) end++;
  return end;
}

/** White space and control characters, `"'<>` and the backtick. */
function isBorder(unit: number): boolean {
  return unit <= 32 || unit === 34 || unit === 39 || unit === 60 || unit === 62 || unit === 96;
}

function spansBehind(stretch: string, finders: readonly Finder[]): Span[] {
  const spans: Span[] = [];
  const plain = unescaped(stretch);
  if (plain === null) return spans;
  const put = (span: Span): void => {
    const { place: start, passed: before } = plain.placeOf(span.start);
    const { place: end, passed: after } = plain.placeOf(span.end);
    if (after > before) spans.push({ ...span, start, end });
  };
  for (const find of finders) find(plain.text, put);
  return spans;
}

interface Unescaped {
  text: string;
  /** Where a character stands in the escaped text, and how many escapes stand before it. */
  placeOf(at: number): { place: number; passed: number };
}

/** Null where nothing is escaped. */
function unescaped(text: string): Unescaped | null {
  const parts: string[] = [];
  /** For each escape: its place in the plain text, and how far it lags behind from there on. */
  const places: number[] = [];
  const lags: number[] = [];
  let end = 0;
  let lag = 0;
  ESCAPE.lastIndex = 0;
  for (const found of text.matchAll(ESCAPE)) {
    const sign = signOf(found[1] ?? found[2]);
    if (sign === undefined) continue;
    parts.push(text.slice(end, found.index), sign);
    end = found.index + found[0].length;
    places.push(found.index - lag);
    lag += found[0].length - 1;
    lags.push(lag);
  }
  if (places.length === 0) return null;
  parts.push(text.slice(end));
  return {
    text: parts.join(''),
    placeOf(at) {
      const passed = countBelow(places, at);
      return { place: at + (passed === 0 ? 0 : lags[passed - 1]!), passed };
    },
  };
}

/** Printable ASCII and line breaks; undefined for what is left as it is. */
function signOf(digits: string | undefined): string | undefined {
  if (digits === undefined) return '/';
  const unit = Number.parseInt(digits, 16);
  return (unit >= 0x20 && unit < 0x7f) || unit === 10 || unit === 13 ? String.fromCharCode(unit) : undefined;
}

/** How many of the ascending numbers are less than `limit`. */
function countBelow(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
