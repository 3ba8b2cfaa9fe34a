// A session with something of everything: branches, nasty texts, large outputs, state, checkpoints, a compaction.

import assert from 'node:assert/strict';
import type { NewRecord } from '../../../src/core/record.ts';
import { parseJson } from '../../../src/core/json.ts';
import { NASTY_TEXTS } from '../../export/nasty.ts';
import type { TestStore } from './serializer-store.ts';

export const LARGE_OUTPUT: string = '"quoted" line of output 店 🎉\n'.repeat(40_000);
export const LARGE_TEXT: string = `${'x'.repeat(1000)}\n`.repeat(600);

let minute = 0;
/** Times a minute apart, so that every record can be told by its own. */
function at(): string {
  return new Date(Date.UTC(2026, 2, 1) + 60_000 * minute++).toISOString();
}

function text(words: string): { type: 'text'; text: string }[] {
  return [{ type: 'text', text: words }];
}

/** Writes the session and returns its id. */
export async function writeSample({ store, newSession }: TestStore): Promise<string> {
  const session = newSession({
    project: { path: '/home/dev/project', gitRemote: 'https://example.test/x.git' },
    origin: { kind: 'human', agent: 'roo', version: '0.1.0' },
    at: at(),
  });
  const writer = store.createWriter(session);
  await writer.append([
    {
      type: 'context',
      at: at(),
      context: { systemPrompt: 'Be good.\n\u2028', tools: [{ name: 'bash' }], model: 'm1' },
    },
    { type: 'message', id: 'first', at: at(), role: 'user', parts: text('Look at `this`.') },
    {
      type: 'message',
      id: 'second',
      at: at(),
      role: 'assistant',
      parts: [
        { type: 'thinking', text: 'hm', signature: 'sig==' },
        ...text('Looking.'),
        { type: 'tool-call', callId: 'c1', name: 'bash', input: '{"command":"ls"}' },
        { type: 'tool-call', callId: 'c2', name: 'bash', input: '{malformed' },
        { type: 'tool-call', callId: 'c3', name: '__proto__', input: '' },
      ],
      model: 'm1',
      usage: { inputTokens: 10, outputTokens: 5, cost: 0.25 },
      durationMs: 1200,
      raw: parseJson('{"id":12345678901234567890,"nested":[1.5]}'),
    },
    { type: 'tool-start', at: at(), callId: 'c1', name: 'bash', input: '{"command":"ls"}', messageId: 'second' },
    { type: 'tool-output', at: at(), callId: 'c1', text: 'so far' },
    {
      type: 'tool-end',
      id: 'end-1',
      at: at(),
      callId: 'c1',
      status: 'ok',
      output: LARGE_OUTPUT,
      exitCode: 0,
      durationMs: 5,
    },
    {
      type: 'tool-end',
      at: at(),
      callId: 'c2',
      status: 'error',
      output: 'half \ud800 of it',
      parts: [{ type: 'image', mediaType: 'image/png', data: 'AAECAw==' }],
      raw: { note: LARGE_TEXT },
    },
  ]);
  await writer.append([
    { type: 'message', id: 'side', at: at(), role: 'user', parts: text('a branch that was left') },
    { type: 'head', at: at(), messageId: 'second', pointer: null, reason: 'rewind' },
    { type: 'checkpoint', id: 'check', at: at(), description: 'before', messageId: 'second', commit: 'abc' },
    { type: 'message', id: 'third', at: at(), role: 'user', parts: text(LARGE_TEXT) },
    {
      type: 'compaction',
      at: at(),
      summary: 'what was said',
      messageId: 'third',
      firstKeptId: 'second',
      tokensBefore: 9,
    },
  ]);
  const nasty: NewRecord[] = NASTY_TEXTS.flatMap((words, index): NewRecord[] => [
    { type: 'message', at: at(), role: index % 2 === 0 ? 'user' : 'assistant', parts: text(words) },
    {
      type: 'message',
      at: at(),
      role: 'assistant',
      parts: [{ type: 'tool-call', callId: `n${index}`, name: words, input: words }],
    },
    { type: 'tool-end', at: at(), callId: `n${index}`, status: 'ok', output: words },
    { type: 'custom', at: at(), kind: words, value: { [words]: words } },
  ]);
  await writer.append(nasty);
  await writer.append([
    { type: 'tool-state', at: at(), toolName: 'bash', configuration: { shell: 'zsh' }, cache: { seen: [1] } },
    {
      type: 'state',
      at: at(),
      patch: { workingDirectory: '/home/dev/project/sub', environment: { LANG: 'C' }, openFiles: ['a.ts'] },
    },
    {
      type: 'files',
      at: at(),
      files: { watchedDirectories: ['/work'], fingerprints: { 'a.ts': { size: 1, mtimeMs: 2 } } },
    },
    { type: 'config', at: at(), patch: { maxHistoryLength: 3 } },
    { type: 'quarantine', at: at(), reason: 'unreadable', text: 'bytes' },
    {
      type: 'meta',
      at: at(),
      name: 'A sample',
      description: 'of everything',
      status: 'completed',
      outcome: 'good',
      addTags: ['a', 'b'],
    },
  ] as NewRecord[]);
  await writer.close();
  return session.sessionId;
}

export async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  const pieces: string[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return pieces.join('');
}

/** Documents of megabytes: only the first difference is worth showing. */
export function assertSameText(actual: string, expected: string): void {
  let at = 0;
  while (at < expected.length && actual[at] === expected[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 200), at + 200);
  assert.equal(around(actual), around(expected));
  assert.ok(actual === expected);
}
