// Tables in GitHub's Markdown. Cells hold what strangers wrote, so markup characters are escaped.

import { safeLine } from '../../core/safe-text.ts';
import { shownText } from './column.ts';
import type { Column } from './column.ts';

const MARKUP = /[\\`*_[\]<>|~]/g;

export function markdownCell(text: string): string {
  return safeLine(text).replace(MARKUP, (character) => `\\${character}`);
}

export function markdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const shown = columns.filter((column) => column.hidden === undefined);
  return [
    row(shown.map((column) => column.title)),
    row(shown.map((column) => (column.align === 'right' ? '---:' : '---'))),
    ...rows.map((one) => row(shown.map((column) => markdownCell(shownText(column, one))))),
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
