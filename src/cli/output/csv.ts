// Comma separated values, RFC 4180 quoting. Cells that a spreadsheet would run as a formula get an apostrophe: names
// and titles come from models and strangers' files.

import { safeText } from '../../core/safe-text.ts';
import { valueText } from './column.ts';
import type { Column } from './column.ts';

export async function* csvLines<Row>(
  columns: readonly Column<Row>[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): AsyncIterable<string> {
  const { stringify } = await import('csv-stringify/sync');
  const line = (cells: string[]): string => stringify([cells], { escape_formulas: true });
  yield line(columns.map((column) => column.title));
  for await (const row of rows) yield line(columns.map((column) => safeText(valueText(column, row))));
}
