import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as assertProperty, constantFrom, integer, nat, oneof, property, string, array } from 'fast-check';
import stringWidth from 'string-width';
import { layoutInput } from '../../../../src/cli/commands/interactive/input-layout.ts';
import { isUnsafe } from '../../../../src/core/safe-text.ts';
import { runs } from '../../../helpers/slow.ts';

function layout(text: string, cursor: number, columns = 10, rowsMax = 100): ReturnType<typeof layoutInput> {
  return layoutInput({ prompt: '> ', text, cursor, columns, rowsMax, width: stringWidth });
}

test('a long line is wrapped at the edge, and the cursor with it', () => {
  assert.deepEqual(layout('0123456789', 10), { rows: ['> 01234567', '89'], cursorRow: 1, cursorColumn: 2 });
  assert.deepEqual(layout('0123456789', 8), { rows: ['> 01234567', '89'], cursorRow: 1, cursorColumn: 0 });
  assert.deepEqual(layout('0123456789', 7), { rows: ['> 01234567', '89'], cursorRow: 0, cursorColumn: 9 });
});

test('behind a full row there is a row for the cursor', () => {
  assert.deepEqual(layout('01234567', 8), { rows: ['> 01234567', ''], cursorRow: 1, cursorColumn: 0 });
});

test('lines of one input stand below each other', () => {
  assert.deepEqual(layout('a\nb\n', 4), { rows: ['> a', '  b', '  '], cursorRow: 2, cursorColumn: 2 });
});

test('a wide character that does not fit goes to the next row whole', () => {
  assert.deepEqual(layout('1234567接', 7), { rows: ['> 1234567', '接'], cursorRow: 1, cursorColumn: 0 });
});

test('of more rows than fit, those around the cursor are shown', () => {
  const text = Array.from({ length: 20 }, (_, i) => `l${i}`).join('\n');
  assert.deepEqual(layout(text, 0, 10, 3).rows, ['> l0', '  l1', '  l2']);
  assert.deepEqual(layout(text, text.length, 10, 3), {
    rows: ['  l17', '  l18', '  l19'],
    cursorRow: 2,
    cursorColumn: 5,
  });
  const middle = layout(text, text.indexOf('l10'), 10, 3);
  assert.deepEqual(middle, { rows: ['  l9', '  l10', '  l11'], cursorRow: 1, cursorColumn: 2 });
});

test('no row is wider than the screen, none can steer it, and the cursor is in one of them', () => {
  const words = oneof(constantFrom('接続', '\n', '\t', '\u001b[2J', '👩‍👩‍👧', 'é', 'word '), string({ unit: 'binary' }));
  assertProperty(
    property(
      array(words),
      nat(60),
      integer({ min: 12, max: 40 }),
      integer({ min: 1, max: 8 }),
      (parts, at, columns, rowsMax) => {
        const text = parts.join('');
        const { rows, cursorRow, cursorColumn } = layout(text, at % (text.length + 1), columns, rowsMax);
        assert.ok(rows.length <= rowsMax);
        for (const row of rows) assert.ok(stringWidth(row) <= columns && !isUnsafe(row) && !/[\n\t]/.test(row), row);
        assert.ok(cursorRow >= 0 && cursorRow < rows.length && cursorColumn < columns);
      },
    ),
    { numRuns: runs(300, 5000) },
  );
});
