// What a model most likely meant when its old text is not in the file: it usually remembers the lines and forgets their
// indentation, or one word.

import { similarity } from './similarity.ts';

const LINES_SCANNED_MAX = 50_000;
const LINES_SHOWN_MAX = 20;
const SIMILARITY_MIN = 0.5;
const LINE_CHARACTERS_MAX = 400;

export interface Nearest {
  /** Counted from 1. */
  firstLine: number;
  lines: string[];
  /** The same but for white space. */
  isSameButSpace: boolean;
}

/** Null when nothing comes near. */
export function nearestLines(text: string, wanted: string): Nearest | null {
  const lines = text.split(/\r?\n/, LINES_SCANNED_MAX);
  const sought = withoutBlankEnds(wanted.split(/\r?\n/));
  if (sought.length === 0) return null;
  const nearest = (at: number, isSameButSpace: boolean): Nearest => ({
    firstLine: at + 1,
    lines: lines.slice(at, at + Math.min(sought.length, LINES_SHOWN_MAX)).map(shortened),
    isSameButSpace,
  });
  const same = blockAt(lines.map(squeezed), sought.map(squeezed));
  if (same >= 0) return nearest(same, true);
  const at = mostAlike(lines, sought);
  return at < 0 ? null : nearest(at, false);
}

function blockAt(lines: readonly string[], sought: readonly string[]): number {
  for (let at = 0; at + sought.length <= lines.length; at++) {
    if (sought.every((line, i) => lines[at + i] === line)) return at;
  }
  return -1;
}

/** By its longest line, which tells most: where the block would begin if that line stands where it is most alike. */
function mostAlike(lines: readonly string[], sought: readonly string[]): number {
  const longest = sought.reduce((best, line, i) => (line.length > sought[best]!.length ? i : best), 0);
  const key = shortened(sought[longest]!.trim());
  let best = { at: -1, score: SIMILARITY_MIN };
  for (const [at, line] of lines.entries()) {
    const score = similarity(shortened(line.trim()), key);
    if (score > best.score) best = { at, score };
  }
  return best.at < 0 ? -1 : Math.max(0, best.at - longest);
}

function withoutBlankEnds(lines: string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return first < 0 ? [] : lines.slice(first, last + 1);
}

function squeezed(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

function shortened(line: string): string {
  return line.length > LINE_CHARACTERS_MAX ? line.slice(0, LINE_CHARACTERS_MAX) : line;
}
