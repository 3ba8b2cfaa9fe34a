import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerPrinter } from '../../../../src/cli/commands/interactive/answer-printer.ts';
import type { AnswerPrinter } from '../../../../src/cli/commands/interactive/answer-printer.ts';
import type { Style } from '../../../../src/cli/output/style.ts';

const named: Style = (name, text) => `<${name}>${text}</>`;

function printed(use: (printer: AnswerPrinter) => void, changes: { isTerminal?: boolean; style?: Style } = {}): string {
  let all = '';
  const out = { write: (text: string) => ((all += text), true), columns: 60 };
  const printer = answerPrinter(out, { style: (_name, text) => text, isTerminal: true, ...changes });
  use(printer);
  printer.end();
  return all;
}

test('text appears as it comes, and ends in a line end', () => {
  const shown = printed((printer) => {
    printer.text('Hel');
    printer.text('lo\nthere');
  });
  assert.equal(shown, 'Hello\nthere\n');
});

test('an escape sequence that is split over pieces is shown and not sent to the terminal', () => {
  const shown = printed((printer) => {
    for (const piece of ['a\u001b', '[2', 'J\r', '\nb\ud83d', '\ude00\ud83d']) printer.text(piece);
  });
  assert.equal(shown, 'a\\u{1b}[2J\nb😀\\u{d83d}\n');
});

test('thinking is dimmed and stands apart from the answer', () => {
  const shown = printed(
    (printer) => {
      printer.thinking('hm\u001b');
      printer.text('yes');
    },
    { style: named },
  );
  assert.equal(shown, '<dim>hm\\u{1b}</><dim>\n</><dim>\n</>yes\n');
});

test('thinking is for people only', () => {
  assert.equal(
    printed(
      (printer) => {
        printer.thinking('hm');
        printer.text('yes');
      },
      { isTerminal: false },
    ),
    'yes\n',
  );
});

test('a tool call is one line, whatever its subject holds', () => {
  const shown = printed((printer) => {
    printer.text('I will look.');
    printer.toolStart('read\u202e', `src/\u001b[2Ja.ts\n${'x'.repeat(500)}`);
    printer.toolEnd('ok', undefined, 20);
    printer.text('Done.');
  });
  const [first, call, last] = shown.split('\n');
  assert.equal(first, 'I will look.');
  assert.match(call!, /^> read\\u\{202e\} src\/\\u\{1b\}\[2Ja\.ts x+…$/);
  assert.ok(call!.length < 60);
  assert.equal(last, 'Done.');
});

test('of a long output the beginning, the end and how to see the rest are shown', () => {
  const shown = printed((printer) => {
    printer.toolStart('execute_command', 'seq 100');
    const lines = Array.from({ length: 100 }, (_, i) => `${i + 1}\n`).join('');
    printer.toolOutput(Buffer.from(lines.slice(0, 77)));
    printer.toolOutput(Buffer.from(lines.slice(77)));
    printer.toolEnd('error', 2, 61_000);
  });
  const around = [
    '1',
    '2',
    '3',
    '4',
    '5',
    '… 92 more lines; /session show @current --tools shows all',
    '98',
    '99',
    '100',
  ];
  assert.equal(
    shown,
    `> execute_command seq 100\n${around.map((line) => `  | ${line}\n`).join('')}  error, exit 2, 1m 1s\n`,
  );
});

test('a line without an end is shown when its call ends; characters may be split', () => {
  const shown = printed((printer) => {
    printer.toolStart('t', 's');
    for (const byte of Buffer.from('接\u001b続')) printer.toolOutput(Uint8Array.of(byte));
    printer.toolEnd('ok', 0, 1);
  });
  assert.equal(shown, '> t s\n  | 接\\u{1b}続\n');
});

test('a line of 10 MB is cut, and says so', () => {
  const shown = printed((printer) => {
    printer.toolStart('t', 's');
    for (let i = 0; i < 100; i++) printer.toolOutput('x'.repeat(100_000));
    printer.toolEnd('ok', 0, 1);
  });
  assert.match(
    shown,
    /^> t s\n {2}\| x{55}\n {2}\| … long lines are cut; \/session show @current --tools shows all\n$/,
  );
});

test('calls that run side by side keep their lines whole', () => {
  const shown = printed((printer) => {
    printer.toolStart('a', '', '1');
    printer.toolStart('b', '', '2');
    printer.toolOutput('from ', '1');
    printer.toolOutput('other\n', '2');
    printer.toolOutput('one\n', '1');
    printer.toolEnd('ok', 0, 1, '1');
    printer.toolEnd('denied', undefined, undefined, '2');
  });
  assert.equal(shown, '> a\n> b\n  | other\n  | from one\n  denied\n');
});

test('a retry says why', () => {
  const shown = printed((printer) => {
    printer.text('half');
    printer.retry('the server is busy\u001b');
    printer.text('whole');
  });
  assert.equal(shown, 'half\nasking again: the server is busy\\u{1b}\nwhole\n');
});
