import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Chunks } from '../../../src/cli/output/answer.ts';
import type { Column } from '../../../src/cli/output/column.ts';
import { plainStyle } from '../../../src/cli/output/style.ts';
import { factsView, rowsView } from '../../../src/cli/output/views.ts';

async function textOf(chunks: Chunks): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

interface Row {
  name: string;
  at: string;
}
const COLUMNS: Column<Row>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'AT', value: (row) => row.at, shown: () => 'long ago' },
  { title: 'EXTRA', value: () => true, hidden: 'in-tables' },
];
const view = (...names: string[]): ReturnType<typeof rowsView> =>
  rowsView(
    COLUMNS,
    names.map((name) => ({ name, at: '2026-01-01' })),
    'Nothing here.',
  );
const SCREEN = { columns: 80, style: plainStyle };

test('plain has every column, whole values, tabs, and no title', async () => {
  assert.equal(await textOf(view('a\tb', 'c\nd').plain()), 'a b\t2026-01-01\ttrue\nc d\t2026-01-01\ttrue\n');
});

test('people see what is meant for them, and a word where there is nothing', async () => {
  assert.equal(await textOf(view('x').table(SCREEN)), 'NAME  AT\nx     long ago\n');
  assert.equal(await textOf(view().table(SCREEN)), 'Nothing here.\n');
  assert.equal(await textOf(view().plain()), '');
});

test('CSV quotes what needs quotes and disarms formulas', async () => {
  const csv = await textOf(view('a,"b"', '=HYPERLINK("x")', 'two\nlines').csv());
  assert.equal(
    csv,
    'NAME,AT,EXTRA\n"a,""b""",2026-01-01,true\n"\'=HYPERLINK(""x"")",2026-01-01,true\n"two\nlines",2026-01-01,true\n',
  );
});

test('Markdown cells cannot end their column', async () => {
  assert.match(await textOf(view('a|b `c` <i>').markdown()), /^\| a\\\|b \\`c\\` \\<i\\> \| long ago \|$/m);
});

test('facts without a value are for scripts only; long ones are indented', async () => {
  const facts = factsView([
    { key: 'name', label: 'Name', value: 'x' },
    { key: 'outcome', label: 'Outcome', value: null },
    { key: 'links', label: 'Links', value: 'a,b', shown: 'a\nb' },
  ]);
  assert.equal(await textOf(facts.table(SCREEN)), 'Name   x\nLinks  a\n       b\n');
  assert.equal(await textOf(facts.plain()), 'name\tx\noutcome\t\nlinks\ta,b\n');
});
