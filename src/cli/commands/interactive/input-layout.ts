// Where the characters of an input stand on the screen: wrapped by us and not by the terminal, so that the cursor is
// right with wide characters, many lines and narrow windows, and nothing typed or recalled can steer the terminal.

import { safeText } from '../../../core/safe-text.ts';

export interface InputView {
  prompt: string;
  text: string;
  /** Place in the text, in UTF-16 units. */
  cursor: number;
  columns: number;
  /** At most so many rows are shown, around the cursor. */
  rowsMax: number;
  width(text: string): number;
}

export interface InputLayout {
  rows: string[];
  cursorRow: number;
  cursorColumn: number;
}

const TAB = '    ';
const PLAIN = /^[\x20-\x7e]*$/;

export function layoutInput({ prompt, text, cursor, columns, rowsMax, width }: InputView): InputLayout {
  const rows: string[] = [''];
  let used = 0;
  const wrap = (indent: number): void => {
    rows.push(' '.repeat(indent));
    used = indent;
  };
  const makeRoomFor = (glyph: string | undefined): void => {
    if (glyph !== undefined && used > 0 && used + width(glyph) > columns) wrap(0);
  };
  const put = (glyph: string): void => {
    makeRoomFor(glyph);
    rows[rows.length - 1] += glyph;
    used += width(glyph);
  };
  for (const glyph of glyphsOf(prompt)) put(glyph);
  // Lines of one input stand below each other; wrapped ones begin at the edge, which tells the two apart.
  const indent = rows.length === 1 && used <= columns / 3 ? used : 0;
  let place = { row: 0, column: 0 };
  let index = 0;
  for (const segment of segmentsOf(text)) {
    const glyphs = segment === '\n' ? [] : [...glyphsOf(segment)];
    makeRoomFor(glyphs[0]);
    if (index <= cursor) place = { row: rows.length - 1, column: used };
    if (segment === '\n') wrap(indent);
    for (const glyph of glyphs) put(glyph);
    index += segment.length;
  }
  if (cursor >= index) {
    if (used >= columns) wrap(0);
    place = { row: rows.length - 1, column: used };
  }
  const first = Math.max(0, Math.min(place.row - Math.floor(rowsMax / 2), rows.length - rowsMax));
  return {
    rows: rows.slice(first, first + rowsMax),
    cursorRow: place.row - first,
    cursorColumn: Math.min(place.column, columns - 1),
  };
}

/** Characters as people see them, line breaks apart. */
function segmentsOf(text: string): Iterable<string> {
  if (PLAIN.test(text)) return text;
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => (segment === '\r\n' ? '\n' : segment));
}

function glyphsOf(segment: string): Iterable<string> {
  if (PLAIN.test(segment)) return segment;
  if (segment === '\t') return TAB;
  const safe = safeText(segment);
  return safe === segment ? [segment] : safe;
}
