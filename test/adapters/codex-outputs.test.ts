// Tool outputs in the forms that Codex gave them over time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codex } from '../../src/adapters/codex.ts';
import { item, line, said } from './codex-entries.ts';
import { collect, collectEntries, fixtureHome, listed, recordsOf } from './collected.ts';

describe('reading tool outputs of Codex', () => {
  const outputs: readonly [string, unknown, object][] = [
    [
      'a wrapped output',
      '{"output":"hi\\n","metadata":{"exit_code":2,"duration_seconds":0.5}}',
      { status: 'error', output: 'hi\n', exitCode: 2, durationMs: 500 },
    ],
    ['a header', 'Exit code: 0\nWall time: 1.5 seconds\nOutput:\nhi', { status: 'ok', exitCode: 0, durationMs: 1500 }],
    [
      'a process that goes on',
      'Chunk ID: 1\nWall time: 10.0 seconds\nProcess running with session ID 7\nOutput:\n',
      { status: 'ok', durationMs: 10_000 },
    ],
    ['an abort', 'aborted by user after 3.2s', { status: 'interrupted' }],
    ['a refusal', 'exec command rejected by user', { status: 'denied' }],
    [
      'parts',
      [
        { type: 'input_text', text: 'see' },
        { type: 'input_image', image_url: 'data:image/png;base64,AA' },
      ],
      { status: 'ok', output: 'see' },
    ],
    ['a failed result', { content: 'no', success: false }, { status: 'error', output: 'no' }],
  ];
  for (const [name, output, expected] of outputs) {
    it(`understands ${name}`, async () => {
      const got = await collectEntries(codex, [
        line('session_meta', { id: 's' }),
        said('user', 'x'),
        item('function_call', { name: 'shell', arguments: '{}', call_id: 'c' }),
        item('function_call_output', { call_id: 'c', output }),
      ]);
      const [end] = recordsOf(got, 'tool-end');
      for (const [field, value] of Object.entries(expected)) assert.deepEqual(end?.[field as 'status'], value, field);
    });
  }

  it('keeps the whole output of a command where the model got a part', async () => {
    const [, session] = await listed(codex, fixtureHome('codex'));
    const ends = recordsOf(await collect(codex, session!.paths), 'tool-end');
    const whole = ends.map(({ raw }) => (raw as { event?: { aggregated_output?: string } }).event?.aggregated_output);
    assert.equal(whole.filter((output) => output !== undefined).length, 1, 'the other outputs reached the model whole');
    assert.ok(whole.some((output) => output?.includes('0250 ')));
  });
});
