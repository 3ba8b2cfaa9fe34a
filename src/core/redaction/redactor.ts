// Takes secrets out of text before it is first sent or written. The rules only find; here their findings are joined,
// allowed values let through, and placeholders put in. Pure: the keyed hash is handed in.

import { LABELLED_RULES } from './labelled-tokens.ts';
import { commandLineFinder } from './command-lines.ts';
import { knownValueMatcher } from './known-value-matcher.ts';
import { namedValueFinder } from './named-values.ts';
import { PLACEHOLDER_START, TAG_CHARACTERS, placeholder, placeholderPattern } from './placeholder.ts';
import { keyBlock, privateKeyFinder } from './private-keys.ts';
import { redactJson } from './redacted-json.ts';
import type { TextStream } from './redaction-stream.ts';
import { textStream } from './redaction-stream.ts';
import type { CutRules } from './segments.ts';
import { HELD_CHARACTERS_MAX, forcedCut, lastSafeCut } from './segments.ts';
import type { Finder, Span } from './span.ts';
import { joinSpans } from './span.ts';
import { tokenFinder } from './token-scan.ts';
import { TOKEN_RULES } from './tokens/all-tokens.ts';
import { urlFinder } from './urls.ts';
import type { UserPattern } from './user-patterns.ts';
import { userPatternFinder } from './user-patterns.ts';

/** One secret that was replaced. */
export interface Found {
  rule: string;
  placeholder: string;
  /** What stood there: a secret. To be kept in memory only, for `reveal`. */
  value: string;
}

export interface RedactorOptions {
  /** Secrets of this machine, found in every usual encoding; those shorter than 8 characters are passed over. */
  knownValues?: readonly string[];
  /** What passes: exact values, or the placeholders or tags they were replaced by. */
  allow?: readonly string[];
  patterns?: readonly UserPattern[];
  /** Keyed hash of a value in lower-case hexadecimal, at least 8 digits. */
  tag(value: string): string;
}

export interface Redactor {
  redactText(text: string): { text: string; found: Found[] };
  /** Deep, keys included; the same object when nothing changed. Throws RECORD_TOO_DEEP for more than 500 levels. */
  redactJson(value: unknown): { value: unknown; found: Found[] };
  /** For text that comes in pieces; the pieces may be cut anywhere. */
  stream(report?: (found: Found) => void): TextStream;
}

/** A text up to a cut, redacted, with what the next part must know. */
export interface Redacted {
  text: string;
  /** Characters of the original that were used. */
  end: number;
  /** True when the cut is in the middle of a private key. */
  isInKey: boolean;
}

/** The engine behind `Redactor`, for the streams and the JSON walk. */
export interface Engine {
  cuts: CutRules;
  spans(text: string): Span[];
  /** All of `text`, which begins at a cut. `isInKey` as the part before it said. */
  redact(text: string, isInKey: boolean, report: (found: Found) => void): Redacted;
  /** Replaces these places, and nothing else. */
  replace(text: string, spans: readonly Span[], report: (found: Found) => void): string;
}

export function makeRedactor(options: RedactorOptions): Redactor {
  const engine = makeEngine(options);
  return {
    redactText(text) {
      const found: Found[] = [];
      return { text: engine.redact(text, false, (one) => found.push(one)).text, found };
    },
    redactJson: (value) => redactJson(value, engine),
    stream: (report = () => {}) => textStream(engine, report),
  };
}

function makeEngine({ knownValues = [], allow = [], patterns = [], tag }: RedactorOptions): Engine {
  const allowed = new Set(allow.map((entry) => /([0-9a-f]{8})\]$/.exec(entry)?.[1] ?? entry));
  const known = knownValueMatcher(knownValues.filter((value) => !allowed.has(value)));
  const finders: Finder[] = [
    known.find,
    userPatternFinder(patterns),
    privateKeyFinder,
    tokenFinder(TOKEN_RULES),
    namedValueFinder(LABELLED_RULES),
    urlFinder,
    commandLineFinder,
  ];
  const tagOf = (value: string) => tag(value).slice(0, TAG_CHARACTERS);
  const spans = (text: string) => {
    const all: Span[] = [];
    for (const find of finders) {
      find(text, (span) => {
        const value = text.slice(span.start, span.end);
        if (allowed.size === 0 || !(allowed.has(value) || allowed.has(tagOf(value)))) all.push(span);
      });
    }
    return all.length === 0 ? all : withoutPlaceholders(text, joinSpans(all));
  };
  const replace = (text: string, places: readonly Span[], report: (found: Found) => void) => {
    if (places.length === 0) return text;
    let redacted = '';
    let end = 0;
    for (const place of places) {
      const value = text.slice(place.start, place.end);
      const found = { rule: place.rule, placeholder: placeholder(place.rule, tagOf(value)), value };
      report(found);
      redacted += text.slice(end, place.start) + found.placeholder;
      end = place.end;
    }
    return redacted + text.slice(end);
  };
  const redact: Engine['redact'] = (text, isInKey, report) => {
    let from = 0;
    let redacted = '';
    let inKey = isInKey;
    while (text.length - from > HELD_CHARACTERS_MAX) {
      const safe = inKey ? -1 : nextForcedStart(text, from, known);
      if (safe > from) {
        const part = text.slice(from, safe);
        redacted += replace(part, spans(part), report);
        from = safe;
        continue;
      }
      const window = text.slice(from, from + HELD_CHARACTERS_MAX);
      const places = inKey ? keyPlaces(window) : spans(window);
      const cut = forcedCut(window, 0, places);
      const part = window.slice(0, cut);
      redacted += replace(part, places.filter(({ start }) => start < cut), report);
      inKey = places.some(({ rule, start, end }) => rule === 'private-key' && start < cut && end >= window.length);
      from += cut;
    }
    const rest = text.slice(from);
    const places = inKey ? keyPlaces(rest) : spans(rest);
    return { text: redacted + replace(rest, places, report), end: text.length, isInKey: inKey };
  };
  return { cuts: known, spans, replace, redact };

  /** The rest of a key that began before the cut, and what follows it. */
  function keyPlaces(text: string): Span[] {
    const { end } = keyBlock(text, 0);
    const after = spans(text.slice(end)).map((span) => ({ ...span, start: span.start + end, end: span.end + end }));
    return end === 0 ? after : [{ start: 0, end, rule: 'private-key' }, ...after];
  }
}

/** How far safe cuts reach from `from` with no two of them too far apart; `from` when the first is already too far. */
function nextForcedStart(text: string, from: number, rules: CutRules): number {
  let reached = from;
  while (text.length - reached > HELD_CHARACTERS_MAX) {
    const cut = lastSafeCut(text, reached, reached + HELD_CHARACTERS_MAX, rules);
    if (cut < 0) return reached;
    reached = cut;
  }
  return reached;
}

/** What is left of the spans when the placeholders in them are taken out; pieces without letters or digits go too. */
function withoutPlaceholders(text: string, spans: readonly Span[]): Span[] {
  if (!text.includes(PLACEHOLDER_START)) return [...spans];
  const pieces: Span[] = [];
  const existing = [...text.matchAll(placeholderPattern())].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  for (const span of spans) {
    let start = span.start;
    for (const hole of existing) {
      if (hole.end <= start || hole.start >= span.end) continue;
      if (hole.start > start) pieces.push({ ...span, start, end: hole.start });
      start = hole.end;
    }
    if (start < span.end) pieces.push({ ...span, start });
  }
  return pieces.filter(({ start, end }) => /[A-Za-z0-9]{3}/.test(text.slice(start, end)));
}
