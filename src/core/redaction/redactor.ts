// Takes secrets out of text before it is first sent or written. The rules only find; here their findings are joined,
// allowed values let through, and placeholders put in. Pure: the keyed hash is handed in.

import { LABELLED_RULES } from './labelled-tokens.ts';
import { commandLineFinder } from './command-lines.ts';
import { knownValueMatcher } from './known-value-matcher.ts';
import { namedValueFinder } from './named-values.ts';
import { PLACEHOLDER_START, TAG_CHARACTERS, placeholder, placeholderPattern } from './placeholder.ts';
import { privateKeyFinder } from './private-keys.ts';
import { redactJson } from './json-redaction.ts';
import type { TextStream } from './redaction-stream.ts';
import { RedactionStream } from './redaction-stream.ts';
import { ByteRedactionStream } from './byte-redaction.ts';
import { credentialLineFinder } from './credential-lines.ts';
import { behindEscapes } from './escaped-text.ts';
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
  /** The same for UTF-8: characters may be cut between pieces, and bytes that are no UTF-8 come out as they went in. */
  byteStream(report?: (found: Found) => void): ByteRedactionStream;
}

const TAGS_REMEMBERED_MAX = 1000;
/** A placeholder, or its tag alone. */
const ALLOWED_TAG = /^(?:\[REDACTED:[a-z0-9-]+:)?([0-9a-f]{8})\]?$/;

export function makeRedactor(options: RedactorOptions): Redactor {
  const rules = spanRules(options);
  const streamTo = (report: (found: Found) => void) =>
    new RedactionStream({ ...rules, replace: (text, spans) => rules.replace(text, spans, report) });
  const redactText = (text: string) => {
    const found: Found[] = [];
    const stream = streamTo((one) => found.push(one));
    return { text: stream.endWith(text), found };
  };
  return {
    redactText,
    redactJson: (value) => redactJson(value, redactText),
    stream: (report = () => {}) => streamTo(report),
    byteStream: (report = () => {}) => new ByteRedactionStream(streamTo(report)),
  };
}

function spanRules({ knownValues = [], allow = [], patterns = [], tag }: RedactorOptions) {
  const allowed = new Set(allow.map((entry) => ALLOWED_TAG.exec(entry)?.[1] ?? entry));
  const known = knownValueMatcher(knownValues.filter((value) => !allowed.has(value)));
  const findToken = tokenFinder(TOKEN_RULES);
  // In the order of their trust: the first names the placeholder where several see the same.
  const finders: readonly Finder[] = [
    known.find,
    userPatternFinder(patterns),
    privateKeyFinder,
    findToken,
    behindEscapes([privateKeyFinder, findToken]),
    namedValueFinder(LABELLED_RULES),
    urlFinder,
    credentialLineFinder,
    commandLineFinder,
  ];
  // The same few secrets stand in a text over and over.
  const tags = new Map<string, string>();
  const tagOf = (value: string) => {
    const known = tags.get(value);
    if (known !== undefined) return known;
    if (tags.size >= TAGS_REMEMBERED_MAX) tags.clear();
    const made = tag(value).slice(0, TAG_CHARACTERS);
    tags.set(value, made);
    return made;
  };
  const isAllowed = (value: string) => allowed.size > 0 && (allowed.has(value) || allowed.has(tagOf(value)));
  return {
    splitsKnownValue: known.splitsKnownValue,
    spans(text: string): Span[] {
      const all: Span[] = [];
      for (const find of finders) {
        find(text, (span) => {
          if (!isAllowed(text.slice(span.start, span.end))) all.push(span);
        });
      }
      return all.length === 0 ? all : withoutPlaceholders(text, joinSpans(all));
    },
    replace(text: string, spans: readonly Span[], report: (found: Found) => void): string {
      let redacted = '';
      let end = 0;
      for (const { start, end: spanEnd, rule } of spans) {
        const value = text.slice(start, spanEnd);
        const found = { rule, placeholder: placeholder(rule, tagOf(value)), value };
        report(found);
        redacted += text.slice(end, start) + found.placeholder;
        end = spanEnd;
      }
      return end === 0 ? text : redacted + text.slice(end);
    },
  };
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
