import { codex } from '../../src/adapters/codex.ts';
import { conformsToAdapter } from '../conformance/adapter.ts';
import { ok, S1_PROMPTS, S2_PROMPTS, S3_PROMPTS } from './scenarios.ts';

function line(type: string, payload: object): object {
  return { timestamp: '2026-01-01T00:00:00.000Z', type, payload };
}

const command = ok('exec_command', 0);

conformsToAdapter({
  adapter: codex,
  home: 'codex',
  sessionsFolder: '.codex/sessions',
  sessions: [
    {
      id: '01a202cf-481a-7861-8480-fac62fa478fd',
      userPrompts: S1_PROMPTS,
      toolCalls: [
        { ...command, input: '{"cmd":"cat test/price.test.js"}' },
        command,
        { name: 'exec_command', status: 'error', exitCode: 1 },
        command,
        command,
        command,
        command,
        command,
      ],
    },
    {
      id: '01a202cf-5383-7b80-823e-368c3f5c1bb3',
      userPrompts: S2_PROMPTS,
      toolCalls: [command, command, command, command],
    },
    {
      id: '01a202cf-59e4-7ab2-86d8-8e420a805c96',
      userPrompts: S3_PROMPTS,
      toolCalls: [
        command,
        command,
        command,
        command,
        { name: 'exec_command', status: 'none' },
        { name: 'exec_command', status: 'denied' },
        command,
        { name: 'exec_command', input: '{"cmd":"cat RE', status: 'error' },
        { ...command, input: '{"cmd":"cat README.md"}' },
      ],
    },
  ],
  turn(index, text) {
    const callId = `call-${index}`;
    return [
      ...(index === 0 ? [line('session_meta', { id: 's', cwd: '/p' })] : []),
      line('response_item', { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }),
      line('response_item', { type: 'function_call', name: 'shell', arguments: '{}', call_id: callId }),
      line('response_item', { type: 'function_call_output', call_id: callId, output: text }),
    ];
  },
});
