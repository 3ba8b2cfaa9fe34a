// The common shapes of an answer: rows, facts, and sentences about what was done.

import { safeLine, safeText } from '../../core/safe-text.ts';
import type { Chunks, View } from './answer.ts';
import type { Column } from './column.ts';
import { csvLines } from './csv.ts';
import { markdownCell, markdownTable } from './markdown.ts';
import { plainLine } from './plain.ts';
import type { StyleName } from './style.ts';
import { tableLines } from './table.ts';

/** Rows in columns. `empty` is what people read when there are none; scripts read nothing. */
export function rowsView<Row>(columns: readonly Column<Row>[], rows: readonly Row[], empty: string): View {
  return {
    async *table(screen) {
      if (rows.length === 0) yield `${empty}\n`;
      else for (const line of await tableLines(columns, rows, screen.columns, screen.style)) yield `${line}\n`;
    },
    *plain() {
      for (const row of rows) yield `${plainLine(columns, row)}\n`;
    },
    csv: () => csvLines(columns, rows),
    *markdown() {
      if (rows.length === 0) yield `${empty}\n`;
      else for (const line of markdownTable(columns, rows)) yield `${line}\n`;
    },
  };
}

/** One line of a description. `key` is for scripts, `label` for people; a fact without value is not shown to people. */
export interface Fact {
  key: string;
  label: string;
  value: string | number | boolean | null;
  shown?: string;
  style?: StyleName | undefined;
}

export function factsView(facts: readonly Fact[]): View {
  const columns: Column<Fact>[] = [
    { title: 'KEY', value: (fact) => fact.key },
    { title: 'VALUE', value: (fact) => fact.value, shown: (fact) => factText(fact) },
  ];
  const visible = facts.filter((fact) => factText(fact) !== '');
  return {
    ...rowsView(columns, facts, ''),
    *table(screen) {
      const widest = visible.reduce((width, fact) => Math.max(width, fact.label.length), 0);
      for (const fact of visible) {
        const label = screen.style('dim', fact.label.padEnd(widest));
        const [first = '', ...rest] = safeText(factText(fact)).split('\n');
        const paint = (text: string): string => (fact.style === undefined ? text : screen.style(fact.style, text));
        yield `${label}  ${paint(first)}\n`;
        for (const line of rest) yield `${' '.repeat(widest + 2)}${paint(line)}\n`;
      }
    },
    *markdown() {
      yield '| | |\n| --- | --- |\n';
      for (const fact of visible) yield `| ${markdownCell(fact.label)} | ${markdownCell(factText(fact))} |\n`;
    },
  };
}

function factText(fact: Fact): string {
  return fact.shown ?? (fact.value === null ? '' : String(fact.value));
}

/** What was done to each of several things: sentences for people, rows for scripts. */
export function deedsView<Row>(columns: readonly Column<Row>[], rows: readonly Row[], say: (row: Row) => string): View {
  const sentences = function* (): Chunks {
    for (const row of rows) yield `${safeLine(say(row))}\n`;
  } as () => Iterable<string>;
  return { ...rowsView(columns, rows, ''), table: sentences };
}

/** Ready text, the same in every text format. */
export function textView(chunks: () => Chunks): View {
  return { table: chunks, plain: chunks, csv: chunks, markdown: chunks };
}
