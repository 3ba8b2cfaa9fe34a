import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldTexts } from '../../../../src/cli/commands/interactive/held-texts.ts';
import { findInHistory, HistoryWalk } from '../../../../src/cli/commands/interactive/input-history.ts';
import { LineEngine } from '../../../../src/cli/commands/interactive/line-engine.ts';
import { statusLine } from '../../../../src/cli/commands/interactive/status-line.ts';

test('a short text stays, with plain line ends; a long one gets a stand-in that is replaced again', () => {
  const held = new HeldTexts();
  assert.equal(held.shorten('a\r\nb\rc'), 'a\nb\nc');
  const lines = 'x\n'.repeat(20);
  const wide = 'y'.repeat(2000);
  assert.equal(held.shorten(lines), '[text 1: 21 lines]');
  assert.equal(held.shorten(wide), '[text 2: 2000 characters]');
  assert.equal(held.restore('a [text 1: 21 lines] b [text 2: 2000 characters]'), `a ${lines} b ${wide}`);
});

test('a stand-in that nobody made is only words', () => {
  assert.equal(new HeldTexts().restore('[text 1: 21 lines] $&'), '[text 1: 21 lines] $&');
});

test('a held text with replacement signs comes back as it was', () => {
  const held = new HeldTexts();
  const text = '$& $1 $$\n'.repeat(10);
  assert.equal(held.restore(held.shorten(text)), text);
});

test('history is searched from the newest, case only where it was typed', () => {
  const history = ['Login again', 'logout', 'LOGIN'];
  const find = (words: string, skip = 0): string | null => findInHistory(history, { words, skip, before: '' });
  assert.equal(find('login'), 'Login again');
  assert.equal(find('login', 1), 'LOGIN');
  assert.equal(find('login', 2), null);
  assert.equal(find('LOG'), 'LOGIN');
  assert.equal(find(''), null);
});

test('a walk through history keeps the draft and what was edited on the way', () => {
  const walk = new HistoryWalk(['new', 'old']);
  assert.equal(walk.step(1, 'draft'), null);
  assert.equal(walk.step(-1, 'draft'), 'new');
  assert.equal(walk.step(-1, 'new, edited'), 'old');
  assert.equal(walk.step(-1, 'old'), null);
  assert.equal(walk.step(1, 'old'), 'new, edited');
  assert.equal(walk.step(1, 'new, edited'), 'draft');
});

test('within an input of several lines the cursor goes up and down by lines', () => {
  const engine = new LineEngine();
  engine.set('long line\nx\nthird');
  assert.equal(engine.moveLine(1), false);
  assert.equal(engine.moveLine(-1), true);
  assert.equal(engine.cursor, 'long line\nx'.length);
  assert.equal(engine.moveLine(-1), true);
  assert.equal(engine.cursor, 1);
  assert.equal(engine.moveLine(-1), false);
  engine.moveToEdge('end');
  assert.equal(engine.cursor, 'long line'.length);
  engine.set(engine.text);
  engine.moveToEdge('start');
  assert.equal(engine.cursor, 'long line\nx\n'.length);
  engine.close();
});

const FACTS = {
  sessionName: 'login fix',
  model: 'anthropic/claude',
  tokens: 12_345,
  cost: 0.42,
  saved: true,
  cwd: '/home/dev/shop',
};

test('the status line says what there is to say', async () => {
  assert.equal(await statusLine(FACTS, 80), 'login fix · saved · anthropic/claude · 12,345 tokens · $0.42 · shop');
  const bare = { ...FACTS, sessionName: '', model: null, tokens: 0, cost: 0, saved: null };
  assert.equal(await statusLine(bare, 80), 'new session · not kept · shop');
});

for (const columns of [60, 40, 20, 12]) {
  test(`in ${columns} columns the status line is one line that says whether all is saved`, async () => {
    const line = await statusLine(
      { ...FACTS, sessionName: 'a very long name\n\u001b[2J'.repeat(9), saved: false },
      columns,
    );
    assert.ok(line.length < columns && !/[\n\u001b]/.test(line), line);
    if (columns >= 20) assert.match(line, /… · not saved/);
  });
}
