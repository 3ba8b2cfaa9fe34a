import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainStyle } from '../../../src/cli/output/style.ts';
import { transcriptMarkdown } from '../../../src/cli/output/transcript-markdown.ts';
import { transcriptText } from '../../../src/cli/output/transcript.ts';
import type { ShownMessage, ShownPart } from '../../../src/cli/types/session-types.ts';

function message(...parts: ShownPart[]): ShownMessage {
  return {
    id: 'm',
    parentId: null,
    role: 'assistant',
    at: '2026-01-01T00:00:00.000Z',
    parts,
    model: 'p/m',
    usage: null,
  };
}
const FOLDED = { style: plainStyle, tools: 'folded', times: 'iso' } as const;
const WHOLE = { ...FOLDED, tools: 'whole' } as const;
const TEN_LINES = Array.from({ length: 10 }, (_, i) => `line ${i}`).join('\n');

test('tool results are folded, and whole when asked for', () => {
  const result = { type: 'tool-result', callId: 'c', name: 'bash', status: 'ok', output: TEN_LINES } as const;
  const folded = transcriptText(message(result), FOLDED);
  assert.match(folded, /\| line 3\n {4}\| … 6 more lines/);
  assert.ok(!folded.includes('line 4'));
  assert.match(transcriptText(message(result), WHOLE), /\| line 9/);
});

test('a failed call says how it ended', () => {
  const result = {
    type: 'tool-result',
    callId: 'c',
    name: 'bash',
    status: 'error',
    output: '',
    exitCode: 2,
    durationMs: 1500,
  } as const;
  assert.match(transcriptText(message(result), FOLDED), /^ {4}error, exit 2, 1s$/m);
});

test('the arguments of a call are one line, or all of them', () => {
  const call = { type: 'tool-call', callId: 'c', name: 'edit', input: '{"path":"a.ts","text":"x\\ny"}' } as const;
  assert.match(transcriptText(message(call), FOLDED), /^ {2}> edit path: a\.ts text: x y$/m);
  assert.match(transcriptText(message(call), WHOLE), /> edit\n {4}path: a\.ts\n {4}text: x\n {4}y\n/);
});

test('arguments that are no JSON are shown as they came', () => {
  const call = { type: 'tool-call', callId: 'c', name: 'edit', input: '{"path": "a.ts' } as const;
  assert.match(transcriptText(message(call), FOLDED), /> edit \{"path": "a\.ts$/m);
});

test('thinking shows only when everything is asked for', () => {
  const thinking = { type: 'thinking', text: 'hm' } as const;
  assert.ok(!transcriptText(message(thinking), FOLDED).includes('hm'));
  assert.match(transcriptText(message(thinking), WHOLE), /~ hm/);
});

test('nothing that was said or printed reaches the terminal as a command', () => {
  const parts: ShownPart[] = [
    { type: 'text', text: '\u001b]52;c;x\u0007' },
    { type: 'tool-call', callId: 'c', name: '\u001b[2J', input: '{"\u202e":"\u009b"}' },
    { type: 'tool-result', callId: 'c', name: 'x', status: 'ok', output: '\u001b[31mred\u001b[0m' },
    { type: 'file', path: '\u001b[1m' },
    { type: 'other', kind: '\u001b[1m', value: 1 },
  ];
  for (const look of [FOLDED, WHOLE]) {
    assert.doesNotMatch(transcriptText(message(...parts), look), /[\u001b\u0007\u009b\u202e]/);
    assert.doesNotMatch(transcriptMarkdown(message(...parts), look.tools), /[\u001b\u0007\u009b\u202e]/);
  }
});

test('in Markdown no tool output can end its block', () => {
  const output = 'before\n````\n# not a heading\n````';
  const text = transcriptMarkdown(
    message({ type: 'tool-result', callId: 'c', name: 'x', status: 'ok', output }),
    'whole',
  );
  assert.match(text, /\n`````\nbefore\n````\n# not a heading\n````\n`````\n/);
});
