// One column of an answer: what a script reads from it, and how people see it.

import type { StyleName } from './style.ts';

export interface Column<Row> {
  title: string;
  /** For plain, csv: full ids, ISO dates, bare numbers. Markdown and tables use `shown` where there is one. */
  value: (row: Row) => string | number | boolean | null;
  /** For people; default is `value`. */
  shown?: (row: Row) => string;
  align?: 'right';
  style?: (row: Row) => StyleName | undefined;
  /** Narrowest useful width; a column without it is never narrowed. */
  widthMin?: number;
  /** Columns with the highest number leave first when the terminal is narrow; 0, the default, stays. */
  dropOrder?: number;
  /** Left out of tables and markdown: scripts read it, people do not. */
  hidden?: 'in-tables';
}

export function valueText<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row);
  return value === null ? '' : String(value);
}

export function shownText<Row>(column: Column<Row>, row: Row): string {
  return column.shown ? column.shown(row) : valueText(column, row);
}
