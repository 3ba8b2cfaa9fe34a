// Entries as Claude Code writes them, small.

export const ID = '11111111-2222-4333-8444-555555555555';
export const COMMON = { isSidechain: false, sessionId: ID, cwd: '/p', version: '2.1.0', gitBranch: 'main' };

export function user(uuid: string, parentUuid: string | null, content: unknown, more: object = {}): object {
  return { ...COMMON, type: 'user', uuid, parentUuid, message: { role: 'user', content }, ...more };
}
export function assistant(uuid: string, parentUuid: string | null, id: string, ...content: object[]): object {
  const usage = { input_tokens: 3, output_tokens: 5, cache_read_input_tokens: 2 };
  return {
    ...COMMON,
    type: 'assistant',
    uuid,
    parentUuid,
    message: { id, role: 'assistant', model: 'm', content, usage },
  };
}
export function text(words: string): object {
  return { type: 'text', text: words };
}
export function call(id: string, name = 'Bash'): object {
  return { type: 'tool_use', id, name, input: {} };
}
export function result(id: string, content: unknown, more: object = {}): object[] {
  return [{ type: 'tool_result', tool_use_id: id, content, ...more }];
}
export function total(totalCostUSD: number): object {
  return { type: 'cost-state', sessionId: ID, startTime: 1, totalCostUSD };
}
