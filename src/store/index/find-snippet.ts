// A few words around what was found, with the found words marked.

import { composed } from './text-form.ts';
import type { Place } from './text-needle.ts';

const MARK_START = '\u0001';
const MARK_END = '\u0002';
const SNIPPET_CHARACTERS = 240;
/** Text before the first place that is shown. */
const LEAD_CHARACTERS = 40;

/** Text around the most different terms, one line, marked by U+0001 and U+0002; the beginning where nothing stands. */
export function snippet(raw: string, places: readonly Place[]): string {
  const text = composed(raw);
  const centre = densest(places);
  const start = centre ? wordStart(text, Math.max(0, centre.start - LEAD_CHARACTERS), centre.start) : 0;
  const end = wordEnd(text, Math.min(text.length, start + SNIPPET_CHARACTERS), centre?.end ?? start);
  let out = start > 0 ? '…' : '';
  let at = start;
  for (const place of inOrder(places)) {
    if (place.start < at || place.end > end) continue;
    out += clean(text.slice(at, place.start)) + MARK_START + clean(text.slice(place.start, place.end)) + MARK_END;
    at = place.end;
  }
  out += clean(text.slice(at, end)) + (end < text.length ? '…' : '');
  return out.replace(/ {2,}/g, ' ').trim();
}

/** How well a text fits: how many of the terms stand close together, then how often; 0 when none does. */
export function closeness(places: readonly Place[]): number {
  return (densest(places)?.terms ?? 0) + Math.min(places.length, 20) / 100;
}

function inOrder(places: readonly Place[]): Place[] {
  return [...places].sort((a, b) => a.start - b.start || b.end - a.end);
}

/** The place behind which, within a snippet, the most different terms stand; the first of equals. */
function densest(places: readonly Place[]): (Place & { terms: number }) | null {
  const sorted = inOrder(places);
  let best: (Place & { terms: number }) | null = null;
  for (const [i, place] of sorted.entries()) {
    const terms = new Set<number>();
    for (let j = i; j < sorted.length && sorted[j]!.end <= place.start + SNIPPET_CHARACTERS - LEAD_CHARACTERS; j++) {
      terms.add(sorted[j]!.term);
    }
    if (!best || terms.size > best.terms) best = { ...place, terms: terms.size };
  }
  return best;
}

/** The next beginning of a word, not behind `latest`; never in the middle of a surrogate pair. */
function wordStart(text: string, from: number, latest: number): number {
  if (from === 0) return 0;
  const gap = text.slice(from, latest).search(/\s/);
  const start = gap < 0 ? from : from + gap + 1;
  return isLowSurrogate(text, start) ? start + 1 : start;
}

function wordEnd(text: string, to: number, earliest: number): number {
  const least = Math.min(Math.max(to, earliest), text.length);
  if (least === text.length) return least;
  const gap = text.slice(Math.max(earliest, least - LEAD_CHARACTERS), least).search(/\s\S*$/);
  const end = gap < 0 ? least : Math.max(earliest, least - LEAD_CHARACTERS) + gap;
  return isLowSurrogate(text, end) ? end + 1 : end;
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** One line, without characters that would be taken for marks or for commands to the terminal. */
function clean(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
