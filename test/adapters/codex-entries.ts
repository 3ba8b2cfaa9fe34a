// Lines as Codex writes them, small.

export function line(type: string, payload: object): object {
  return { timestamp: '2026-01-01T00:00:00.000Z', type, payload };
}
export function item(type: string, payload: object): object {
  return line('response_item', { type, ...payload });
}
export function event(type: string, payload: object = {}): object {
  return line('event_msg', { type, ...payload });
}
export function said(role: string, text: string): object {
  return item('message', { role, content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }] });
}
function counted(tokens: number): object {
  return { input_tokens: tokens, cached_input_tokens: 1, output_tokens: 2, total_tokens: tokens + 2 };
}
export function tokens(total: number, last: number): object {
  return event('token_count', { info: { total_token_usage: counted(total), last_token_usage: counted(last) } });
}
