// Text of strangers inside a Markdown document. What was written as Markdown stays Markdown, but it cannot swallow or
// fake what comes after it: a block is closed where it was left open, and no HTML goes through.

import { safeLine, safeText } from '../core/safe-text.ts';
import { StreamedText } from './document.ts';

const MARKUP = /[\\`*_[\]<>|~#]/g;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
/** Escaped characters and code spans are passed over; what is left of `<` could begin a tag or a comment. */
const CODE_OR_TAG = /\\.|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|<(?=[A-Za-z/!?])/g;
const TAG = /<(?=[A-Za-z/!?])/g;

/** One line or cell in which nothing is markup. */
export function markdownLine(text: string): string {
  return safeLine(text).replace(MARKUP, (character) => `\\${character}`);
}

/** Markdown that stays within its place: headings go below those of the transcript, fences are closed. */
export function containedMarkdown(text: string): string {
  const lines: string[] = [];
  let fence = '';
  for (const line of safeText(text).trimEnd().split('\n')) {
    const [, marks = '', info = ''] = FENCE.exec(line) ?? [];
    if (fence !== '') {
      lines.push(line);
      if (marks.startsWith(fence) && info.trim() === '') fence = '';
    } else if (marks !== '' && !(marks.startsWith('`') && info.includes('`'))) {
      lines.push(line);
      fence = marks;
    } else lines.push(withoutTags(lowered(line)));
  }
  if (fence !== '') lines.push(fence);
  return lines.join('\n');
}

/** A block of code around any text. The fence is longer than any run of backticks in it; '' for no text. */
export async function* fenced(text: string | StreamedText, info = ''): AsyncGenerator<string> {
  if (typeof text === 'string') {
    const safe = safeText(text).trimEnd();
    if (safe === '') return;
    const fence = fenceFor(longestRun(safe));
    yield `${fence}${info}\n${safe}\n${fence}\n\n`;
    return;
  }
  // Read twice: the fence stands in front of what decides its length.
  let longest = 0;
  let open = 0;
  for await (const piece of text.pieces()) {
    longest = Math.max(longest, longestRun('`'.repeat(open) + piece));
    const atEnd = /`*$/.exec(piece)![0].length;
    open = atEnd === piece.length ? open + atEnd : atEnd;
  }
  const fence = fenceFor(longest);
  yield `${fence}${info}\n`;
  for await (const piece of text.pieces()) yield safeText(piece);
  yield `\n${fence}\n\n`;
}

function fenceFor(longest: number): string {
  return '`'.repeat(Math.max(3, longest + 1));
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}

/** `# x` becomes `### x`; a line of dashes or equal signs would make a heading of the line before it. */
function lowered(line: string): string {
  const heading = /^( {0,3})(#{1,6})(?=\s|$)/.exec(line);
  if (heading) return `${heading[1]}${'#'.repeat(Math.min(6, heading[2]!.length + 2))}${line.slice(heading[0].length)}`;
  return line.replace(/^( {0,3})(?=(?:=+|-+)\s*$)/, '$1\\');
}

/** A code span ends with its line here, and in a table row there is none: renderers differ over those. */
function withoutTags(line: string): string {
  if (line.includes('|')) return line.replace(TAG, '\\<');
  return line.replace(CODE_OR_TAG, (found) => (found === '<' ? '\\<' : found));
}
