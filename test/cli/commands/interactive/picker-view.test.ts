import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickerLines } from '../../../../src/cli/commands/interactive/picker-view.ts';
import type { PickerState } from '../../../../src/cli/commands/interactive/picker-view.ts';
import { plainStyle } from '../../../../src/cli/output/style.ts';
import { textWidthFor } from '../../../../src/cli/output/text-width.ts';
import { isUnsafe } from '../../../../src/core/safe-text.ts';
import { fakeSession } from '../../../helpers/fake-sessions.ts';

const NOW_MS = Date.parse('2026-01-02T13:00:00.000Z');
const SESSIONS = [
  fakeSession({ name: 'login fix', tags: ['urgent', 'web'] }),
  fakeSession({ name: '接続'.repeat(100), tags: ['長い'.repeat(50)], project: '/home/dev/日本' }),
  fakeSession({ name: 'a\u001b[2J\u202eb\nc', tags: ['\u0007'], description: '\u009b' }),
  ...Array.from({ length: 100 }, (_, i) => fakeSession({ name: `session ${i}` })),
];

async function lines(state: Partial<PickerState>, columns: number, rows: number): Promise<string[]> {
  const whole: PickerState = {
    words: '',
    scope: 'project',
    found: SESSIONS,
    selected: 0,
    total: SESSIONS.length,
    ...state,
  };
  const text = await textWidthFor(['接']);
  return pickerLines(whole, { columns, rows, nowMs: NOW_MS, style: plainStyle, text }).lines;
}

test('a row says id, age, messages, size, title and tags', async () => {
  const [, , row] = await lines({}, 80, 24);
  assert.equal(row, '> 3f2a9c1b    3h ago       4  12.3 kB  login fix  #urgent #web');
});

test('a narrow screen keeps id, age, title and tags, and says the rest of the chosen one', async () => {
  const shown = await lines({}, 44, 8);
  assert.equal(shown[2], '> 3f2a9c1b    3h  login fix  #urgen…');
  assert.match(shown.at(-2)!, /^ {2}4 messages · 12\.3 kB/);
});

for (const [columns, rows] of [
  [80, 24],
  [40, 10],
  [20, 5],
] as const) {
  test(`in ${columns}×${rows} nothing is wider or higher than the screen, or steers it`, async () => {
    const { width } = await textWidthFor(['接']);
    for (const scope of ['project', 'all'] as const) {
      for (let selected = 0; selected < SESSIONS.length; selected += 17) {
        const shown = await lines({ scope, selected, words: '接続 '.repeat(30) }, columns, rows);
        assert.ok(shown.length <= rows);
        for (const line of shown) assert.ok(width(line) < columns && !isUnsafe(line) && !line.includes('\n'), line);
      }
    }
  });
}

test('the selected row is always in sight', async () => {
  for (let selected = 0; selected < SESSIONS.length; selected++)
    assert.equal((await lines({ selected }, 80, 10)).filter((line) => line.startsWith('> ')).length, 1);
});
