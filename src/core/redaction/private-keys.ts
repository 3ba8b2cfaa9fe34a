// Private keys in PEM armour, however they are folded: on lines, indented, quoted, commented, on one line with `\n`
// between, or cut off before their end. The body is walked by hand: it may be long, and its end may never come.

import type { Finder } from './span.ts';

const BEGIN =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,6}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|Private-Lines: [0-9]{1,3}/g;
const BEGIN_MARKS = ['-----BEGIN', '---- BEGIN SSH2', 'Private-Lines: '];
/** What stands between lines, in any of the escapes; and before another beginning. */
const LINE_BREAK = /(?=-----BEGIN)|(?:\\+r)?\\+n|\r?\n|\\*\\u000[aA]|%0[aA]|\r|&#(?:10|xA);/g;
/** Quotes, commas, comment signs, indentation and continuation around a line of the body. */
const DECORATION = /^[\s"'`,+>|#*;()\\]+|[\s"'`,+>|;()\\]+$/g;
const BASE64_LINE = /^[A-Za-z0-9+/=_-]+(?: [A-Za-z0-9+/=]{4,})*$/;
const HEADER_LINE = /^[A-Za-z][A-Za-z0-9-]{0,40}: [^\n]*$/;
const END = /-----END [A-Z0-9 ]{1,60}-----|---- END SSH2[A-Z0-9 ]{1,60}----|Private-MAC: ?[0-9a-f]{40,64}/g;
const LINE_CHARACTERS_MAX = 10_000;
/** Characters of base64 below which there is no key, only talk about one. */
const BODY_CHARACTERS_MIN = 24;

export interface KeyBlock {
  end: number;
  /** Characters of base64 seen. */
  bodyCharacters: number;
  /** False when the text ends inside the block, so that more of it may follow. */
  isDone: boolean;
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

/** The marks of `BEGIN` that a text has at all: mostly none, and then nothing need be searched for again and again. */
export function keyMarksIn(text: string): readonly string[] {
  return BEGIN_MARKS.filter((mark) => text.includes(mark));
}

/** Where the last private key before `end` begins that has not ended there; -1 when none is open. */
export function openKeyStart(text: string, end: number, marks: readonly string[]): number {
  // Only the last mark counts: every beginning ends the block before it.
  const mark = Math.max(-1, ...marks.map((start) => text.lastIndexOf(start, end)));
  if (mark < 0) return -1;
  const part = text.slice(mark, end);
  const begin = firstOf(BEGIN, part);
  if (begin === null || begin.index > 0) return -1;
  return keyBlock(part, begin[0].length).isDone ? -1 : mark;
}

/** Walks the body that begins at `from` to its end mark, or to the first line that is none of it. */
export function keyBlock(text: string, from: number): KeyBlock {
  let bodyCharacters = 0;
  let end = from;
  for (let at = from; at < text.length;) {
    if (BEGIN_MARKS.some((mark) => text.startsWith(mark, at))) return { end, bodyCharacters, isDone: true };
    const { line, mark, nextAt } = keyLine(text, at);
    const body = line.replace(DECORATION, '');
    const isBody = BASE64_LINE.test(body);
    if (body !== '' && !isBody && !HEADER_LINE.test(body)) return { end, bodyCharacters, isDone: true };
    if (isBody) bodyCharacters += body.length;
    if (mark !== undefined) return { end: mark, bodyCharacters, isDone: true };
    if (body !== '') end = at + line.trimEnd().length;
    at = nextAt;
  }
  return { end, bodyCharacters, isDone: false };
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
