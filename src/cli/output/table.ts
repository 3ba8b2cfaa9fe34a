// Lays rows out in columns that fit the terminal: wide columns shrink first, then the least important ones leave.

import { safeLine } from '../../core/safe-text.ts';
import { shownText } from './column.ts';
import type { Column } from './column.ts';
import type { Style } from './style.ts';
import { textWidthFor } from './text-width.ts';

const GAP = '  ';
/** No terminal is as wide; a longer cell need not be measured to its end. */
const CELL_CHARACTERS_MAX = 1000;

interface Laid<Row> {
  column: Column<Row>;
  cells: string[];
  width: number;
}

/** Lines without line ends, a title line first. No line is wider than `columnsMax` unless nothing more can shrink. */
export async function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  columnsMax: number,
  style: Style,
): Promise<string[]> {
  const shown = columns.filter((column) => column.hidden === undefined);
  const cells = shown.map((column) =>
    rows.map((row) => safeLine(shownText(column, row).slice(0, CELL_CHARACTERS_MAX))),
  );
  const text = await textWidthFor(cells.flat());
  const laid = shown.map((column, i): Laid<Row> => {
    const width = cells[i]!.reduce((widest, cell) => Math.max(widest, text.width(cell)), column.title.length);
    return { column, cells: cells[i]!, width };
  });
  const fitted = fit(laid, columnsMax);
  const line = (cellOf: (laid: Laid<Row>) => string, styleOf: (column: Column<Row>) => Paint): string =>
    fitted
      .map((laid, i) => {
        const cut = text.truncate(cellOf(laid), laid.width);
        const last = i === fitted.length - 1 && laid.column.align === undefined;
        const padded = last ? cut : text.pad(cut, laid.width, laid.column.align ?? 'left');
        return styleOf(laid.column)(padded);
      })
      .join(GAP)
      .trimEnd();
  const title = line(
    (laid) => laid.column.title,
    () => (cell) => style('dim', cell),
  );
  const body = rows.map((row, r) =>
    line(
      (laid) => laid.cells[r]!,
      (column) => {
        const name = column.style?.(row);
        return (cell) => (name === undefined ? cell : style(name, cell));
      },
    ),
  );
  return [title, ...body];
}

type Paint = (cell: string) => string;

function fit<Row>(laid: Laid<Row>[], columnsMax: number): Laid<Row>[] {
  let kept = laid;
  for (;;) {
    const excess = totalWidth(kept) - columnsMax;
    if (excess <= 0) return kept;
    const slack = kept.reduce((sum, one) => sum + one.width - narrowest(one), 0);
    if (slack >= excess) return shrink(kept, excess);
    const order = Math.max(...kept.map((one) => one.column.dropOrder ?? 0));
    if (order === 0) return shrink(kept, slack);
    kept = kept.filter((one) => (one.column.dropOrder ?? 0) !== order);
  }
}

/** Takes from the widest shrinkable column until it is as wide as the next, so that short columns stay whole. */
function shrink<Row>(laid: Laid<Row>[], excess: number): Laid<Row>[] {
  const result = laid.map((one) => ({ ...one }));
  for (let left = excess; left > 0; left--) {
    const widest = result
      .filter((one) => one.width > narrowest(one))
      .reduce<Laid<Row> | undefined>(
        (best, one) => (best === undefined || one.width > best.width ? one : best),
        undefined,
      );
    if (widest === undefined) break;
    widest.width--;
  }
  return result;
}

function narrowest<Row>(one: Laid<Row>): number {
  return one.column.widthMin === undefined ? one.width : Math.min(one.width, one.column.widthMin);
}

function totalWidth<Row>(laid: Laid<Row>[]): number {
  return laid.reduce((sum, one) => sum + one.width, 0) + GAP.length * (laid.length - 1);
}
