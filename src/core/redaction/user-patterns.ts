// Patterns that a user adds. They run on text that strangers wrote, so a pattern that could take for ever is refused
// when it is loaded, and each sees one line at a time, in pieces of bounded length.

import { SessionError } from '../errors.ts';
import { waysOfPattern } from './pattern-cost.ts';
import { isRuleName } from './placeholder.ts';
import type { Finder } from './span.ts';

export interface UserPattern {
  /** Stands in the placeholder: lower-case letters, digits, dashes. */
  name: string;
  /** Regular expression source. The first group is the secret where there is one, else all that matches. */
  source: string;
}

const SOURCE_CHARACTERS_MAX = 500;
const PIECE_CHARACTERS_MAX = 1000;
/** Ways at one place: with so many a megabyte of hostile text takes seconds and no more. */
const WAYS_MAX = 2500;

/** Throws CONFIG_INVALID for a pattern that is no expression, matches nothing at all, or could take too long. */
export function userPatternFinder(patterns: readonly UserPattern[]): Finder {
  const compiled = patterns.map(({ name, source }) => ({ name, pattern: compile(name, source) }));
  return (text, report) => {
    if (compiled.length === 0) return;
    for (let lineStart = 0; lineStart < text.length;) {
      const lineBreak = text.indexOf('\n', lineStart);
      const lineEnd = lineBreak < 0 ? text.length : lineBreak;
      for (let start = lineStart; start < lineEnd; start += PIECE_CHARACTERS_MAX / 2) {
        const piece = text.slice(start, Math.min(lineEnd, start + PIECE_CHARACTERS_MAX));
        for (const { name, pattern } of compiled) {
          for (const found of piece.matchAll(pattern)) {
            const [from, to] = found.indices![1] ?? found.indices![0]!;
            if (to > from) report({ start: start + from, end: start + to, rule: name });
          }
        }
        if (start + PIECE_CHARACTERS_MAX >= lineEnd) break;
      }
      lineStart = lineEnd + 1;
    }
  };
}

function compile(name: string, source: string): RegExp {
  if (!isRuleName(name)) throw invalid(name, 'its name may have lower-case letters, digits and dashes only');
  if (source.length > SOURCE_CHARACTERS_MAX)
    throw invalid(name, `it is longer than ${SOURCE_CHARACTERS_MAX} characters`);
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, 'dg');
  } catch (cause) {
    throw invalid(name, 'it is not a regular expression', cause);
  }
  if (pattern.test('')) throw invalid(name, 'it matches where there is nothing');
  const reason = slowReason(source);
  if (reason !== undefined) throw invalid(name, reason);
  return pattern;
}

/** Why a pattern could take too long; undefined when it cannot. Stricter than it must be: the user can say it simpler. */
function slowReason(source: string): string | undefined {
  if (/\\[1-9k]/.test(source.replace(/\\[^1-9k]/g, ''))) return 'it refers back to a group';
  if (waysOfPattern(source) <= WAYS_MAX) return undefined;
  return 'its repetitions and choices can match one text in too many ways; write {1,40} in place of + or *, and [^-]{1,40}- in place of .*-';
}

function invalid(name: string, reason: string, cause?: unknown): SessionError {
  return new SessionError('CONFIG_INVALID', `the pattern ${JSON.stringify(name)} cannot be used: ${reason}`, {
    op: 'redact',
    hint: 'correct or remove it in the configuration',
    cause,
  });
}
