import { claudeCode } from '../../src/adapters/claude-code.ts';
import { conformsToAdapter } from '../conformance/adapter.ts';
import { ok, S1_PROMPTS, S2_PROMPTS, S3_PROMPTS } from './scenarios.ts';

conformsToAdapter({
  adapter: claudeCode,
  home: 'claude-code',
  sessionsFolder: '.claude/projects',
  sessions: [
    {
      id: '69d5caef-f537-42ac-b50f-32c845d0dd80',
      userPrompts: S1_PROMPTS,
      toolCalls: [
        { ...ok('Read'), input: '{"file_path":"/home/dev/shop-api/test/price.test.js"}' },
        ok('Read'),
        { name: 'Bash', status: 'error', exitCode: 1 },
        ok('Edit'),
        ok('Bash', 0),
        ok('Edit'),
        ok('Bash', 0),
        ok('Bash', 0),
      ],
    },
    {
      id: '7b08cbb9-60b0-41d8-a489-8e36cd11bbd7',
      userPrompts: S2_PROMPTS,
      toolCalls: [ok('Write'), ok('Bash', 0), ok('Bash', 0), ok('Bash', 0)],
    },
    {
      id: '66b93f96-85a7-458b-9ef3-17fb63f2c028',
      userPrompts: S3_PROMPTS,
      toolCalls: [
        ok('Read'),
        ok('Read'),
        ok('Read'),
        ok('Bash', 0),
        { name: 'Bash', status: 'interrupted' },
        ok('Bash', 0),
        ok('Bash', 0),
        { name: 'Read', input: '{"file_path":"/home/dev/sho', status: 'error' },
        { ...ok('Read'), input: '{"file_path":"/home/dev/shop-api/README.md"}' },
      ],
    },
  ],
  turn(index, text) {
    const common = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2.1.0' };
    const uuid = (kind: string, of = index): string => `${kind}-${of}`;
    const call = { type: 'tool_use', id: `call-${index}`, name: 'Bash', input: { command: 'ls' } };
    const answer = { ...common, type: 'assistant' };
    const message = { id: `msg-${index}`, role: 'assistant', model: 'm', usage: { input_tokens: 1, output_tokens: 1 } };
    return [
      {
        ...common,
        type: 'user',
        uuid: uuid('u'),
        parentUuid: index === 0 ? null : uuid('r', index - 1),
        message: { role: 'user', content: text },
      },
      {
        ...answer,
        uuid: uuid('a'),
        parentUuid: uuid('u'),
        message: { ...message, content: [{ type: 'text', text: 'I look.' }] },
      },
      { ...answer, uuid: uuid('b'), parentUuid: uuid('a'), message: { ...message, content: [call] } },
      {
        ...common,
        type: 'user',
        uuid: uuid('r'),
        parentUuid: uuid('b'),
        message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: text }] },
      },
    ];
  },
});
