// Private keys in PEM armour, however they are folded: on lines, indented, quoted, commented, on one line with `\n`
// between, or cut off before their end. The body is walked by hand: it may be long, and its end may never come.

import type { Finder } from './span.ts';

const BEGIN =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,6}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|Private-Lines: [0-9]{1,3}/g;
const BEGIN_CHARACTERS_MAX = 200;
const BEGIN_MARKS = ['-----BEGIN', '---- BEGIN SSH2', 'Private-Lines: '];
/** What stands between lines, in any of the escapes; and before another beginning. */
const LINE_BREAK = /(?=-----BEGIN)|(?:\\+r)?\\+n|\r?\n|\\*\\u000[aA]|%0[aA]|\r|&#(?:10|xA);/g;
/** Quotes, commas, comment signs, indentation and continuation around a line of the body. */
const DECORATION = /^[\s"'`,+>|#*;()\\]+|[\s"'`,+>|;()\\]+$/g;
const BASE64_LINE = /^[A-Za-z0-9+/\\=_-]+(?: [A-Za-z0-9+/=]{4,})*$/;
const HEADER_LINE = /^[A-Za-z][A-Za-z0-9-]{0,40}: [^\n]*$/;
const END = /-----END [A-Z0-9 ]{1,60}-----|---- END SSH2[A-Z0-9 ]{1,60}----|Private-MAC: ?[0-9a-f]{40,64}/g;
const LINE_CHARACTERS_MAX = 10_000;
/** Characters of base64 below which there is no key, only talk about one. */
const BODY_CHARACTERS_MIN = 24;

export interface KeyBlock {
  end: number;
  /** Characters of base64 seen. */
  bodyCharacters: number;
  /** Where the text shows that the block has ended; undefined when more of it may follow. */
  doneAt: number | undefined;
}

export const privateKeyFinder: Finder = (text, report) => {
  BEGIN.lastIndex = 0;
  for (let begin = BEGIN.exec(text); begin !== null; begin = BEGIN.exec(text)) {
    const block = keyBlock(text, begin.index + begin[0].length);
    BEGIN.lastIndex = Math.max(BEGIN.lastIndex, block.end);
    if (block.bodyCharacters >= BODY_CHARACTERS_MIN)
      report({ start: begin.index, end: block.end, rule: 'private-key' });
  }
};

/**
 * Answers for places in a text, asked from its end backwards, where the last private key before them begins that has
 * not ended there; -1 when none is open. Each beginning is looked at once, however many places are asked for.
 */
export function openKeyFinder(text: string): (end: number) => number {
  // Mostly a text has no mark at all.
  const marks = BEGIN_MARKS.filter((mark) => text.includes(mark));
  if (marks.length === 0) return () => -1;
  let start = text.length;
  let doneAt: number | undefined;
  return (end) => {
    // Only the last mark counts: every beginning ends the block before it.
    while (start >= end) {
      start = Math.max(-1, ...marks.map((mark) => (end === 0 ? -1 : text.lastIndexOf(mark, end - 1))));
      doneAt = start < 0 ? 0 : keyDoneAt(text, start);
    }
    return doneAt !== undefined && doneAt <= end ? -1 : start;
  };
}

/** Where the key at a mark has ended; the mark itself when no key begins there. */
function keyDoneAt(text: string, start: number): number | undefined {
  const begin = firstOf(BEGIN, text.slice(start, start + BEGIN_CHARACTERS_MAX));
  return begin?.index !== 0 ? start : keyBlock(text, start + begin[0].length).doneAt;
}

/** Walks the body that begins at `from` to its end mark, or to the first line that is none of it. */
export function keyBlock(text: string, from: number): KeyBlock {
  let bodyCharacters = 0;
  let end = from;
  for (let at = from; at < text.length;) {
    if (BEGIN_MARKS.some((mark) => text.startsWith(mark, at))) return { end, bodyCharacters, doneAt: at };
    const { line, mark, nextAt } = keyLine(text, at);
    const body = line.replace(DECORATION, '');
    const isBody = BASE64_LINE.test(body);
    if (body !== '' && !isBody && !HEADER_LINE.test(body)) return { end, bodyCharacters, doneAt: nextAt };
    if (isBody) bodyCharacters += body.length;
    if (mark !== undefined) return { end: mark, bodyCharacters, doneAt: mark };
    if (body !== '') end = at + line.trimEnd().length;
    at = nextAt;
  }
  return { end, bodyCharacters, doneAt: undefined };
}

/** A line without its break, up to the end mark in it or the next beginning; a line too long comes in pieces. */
function keyLine(text: string, at: number): { line: string; mark: number | undefined; nextAt: number } {
  let line = text.slice(at, at + LINE_CHARACTERS_MAX);
  let nextAt = at + line.length;
  const lineBreak = firstOf(LINE_BREAK, line);
  if (lineBreak !== null) {
    nextAt = at + lineBreak.index + lineBreak[0].length;
    line = line.slice(0, lineBreak.index);
  }
  const mark = firstOf(END, line);
  if (mark === null) return { line, mark: undefined, nextAt };
  return { line: line.slice(0, mark.index), mark: at + mark.index + mark[0].length, nextAt };
}

function firstOf(pattern: RegExp, text: string): RegExpExecArray | null {
  pattern.lastIndex = 0;
  return pattern.exec(text);
}
