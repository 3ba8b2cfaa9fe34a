// The stable text form for scripts: one row a line, cells separated by one tab, no title, no colours, nothing
// shortened. New columns are only ever added at the end.

import { safeLine } from '../../core/safe-text.ts';
import { valueText } from './column.ts';
import type { Column } from './column.ts';

export function plainLine<Row>(columns: readonly Column<Row>[], row: Row): string {
  return columns.map((column) => safeLine(valueText(column, row))).join('\t');
}
