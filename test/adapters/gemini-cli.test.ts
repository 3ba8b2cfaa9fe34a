import { geminiCli } from '../../src/adapters/gemini-cli.ts';
import { conformsToAdapter } from '../conformance/adapter.ts';
import { ok, S1_PROMPTS, S2_PROMPTS, S3_PROMPTS } from './scenarios.ts';

const shell = ok('run_shell_command', 0);

conformsToAdapter({
  adapter: geminiCli,
  home: 'gemini-cli',
  sessionsFolder: '.gemini/tmp',
  sessions: [
    {
      id: 'bd002284-9400-4fd7-9908-f95600cd8c89',
      userPrompts: S1_PROMPTS,
      toolCalls: [
        { ...ok('read_file'), input: '{"file_path":"/home/dev/shop-api/test/price.test.js"}' },
        ok('read_file'),
        { name: 'run_shell_command', status: 'error', exitCode: 1 },
        ok('replace'),
        shell,
        ok('replace'),
        { name: 'run_shell_command', status: 'error', exitCode: 128 },
        shell,
      ],
    },
    {
      id: '0760fc60-cc34-4155-b9c5-dfbda088c789',
      userPrompts: S2_PROMPTS,
      toolCalls: [ok('write_file'), shell, ok('run_shell_command'), shell],
    },
    {
      id: 'e1ed1ba3-083b-4f17-b575-a2e6ce38aefb',
      userPrompts: S3_PROMPTS,
      toolCalls: [
        ok('read_file'),
        ok('read_file'),
        ok('read_file'),
        shell,
        shell,
        shell,
        { name: 'read_file', input: '{}', status: 'error' },
        { ...ok('read_file'), input: '{"file_path":"/home/dev/shop-api/README.md"}' },
      ],
    },
  ],
  turn(index, text) {
    const timestamp = '2026-01-01T00:00:00.000Z';
    const id = `call-${index}`;
    const result = [{ functionResponse: { id, name: 'read_file', response: { output: text } } }];
    const call = { id, name: 'read_file', args: {}, status: 'success', timestamp, result };
    return [
      ...(index === 0 ? [{ sessionId: 's', projectHash: 'h', startTime: timestamp }] : []),
      { id: `u-${index}`, timestamp, type: 'user', content: [{ text }] },
      { id: `g-${index}`, timestamp, type: 'gemini', content: '', model: 'm', toolCalls: [call] },
    ];
  },
});
