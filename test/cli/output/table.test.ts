import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import type { Column } from '../../../src/cli/output/column.ts';
import { plainStyle } from '../../../src/cli/output/style.ts';
import { tableLines } from '../../../src/cli/output/table.ts';

interface Row {
  id: string;
  name: string;
  size: number;
}

const COLUMNS: Column<Row>[] = [
  { title: 'ID', value: (row) => row.id },
  { title: 'NAME', value: (row) => row.name, widthMin: 6 },
  { title: 'SIZE', value: (row) => row.size, align: 'right', dropOrder: 1 },
];
const lines = (rows: Row[], columns: number): Promise<string[]> => tableLines(COLUMNS, rows, columns, plainStyle);

test('columns are as wide as their widest cell, numbers stand at the right', async () => {
  const rows = [
    { id: 'a1', name: 'short', size: 5 },
    { id: 'b2', name: 'longer name', size: 12345 },
  ];
  assert.deepEqual(await lines(rows, 80), [
    'ID  NAME          SIZE',
    'a1  short            5',
    'b2  longer name  12345',
  ]);
});

test('a narrow terminal cuts the wide column first, then drops the least important', async () => {
  const rows = [{ id: 'a1', name: 'a name that is long', size: 5 }];
  assert.deepEqual(await lines(rows, 20), ['ID  NAME        SIZE', 'a1  a name th…     5']);
  assert.deepEqual(await lines(rows, 12), ['ID  NAME', 'a1  a name…']);
});

for (const name of [
  '接続テストの長い名前です',
  '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧',
  'e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301',
]) {
  test(`no line is wider than the terminal with ${name.slice(0, 8)}…, and no character is cut in half`, async () => {
    const [title, line] = await lines([{ id: 'a1', name, size: 5 }], 20);
    assert.ok(stringWidth(line!) <= 20, line);
    assert.ok(stringWidth(title!) <= 20, title);
    assert.ok(line!.isWellFormed() && !line!.includes('\u200d…'));
  });
}

test('what a cell holds cannot break the table or steer the terminal', async () => {
  const [, line] = await lines([{ id: 'a1', name: 'x\n\u001b[2Jy\tz', size: 5 }], 80);
  assert.equal(line, 'a1  x \\u{1b}[2Jy z     5');
});
