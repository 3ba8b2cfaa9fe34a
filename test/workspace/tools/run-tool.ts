// Calls a tool as the agent loop does.

import type { Tool, ToolInput, ToolOutcome } from '../../../src/core/tool.ts';
import { builtInTools } from '../../../src/workspace/tools/built-in-tools.ts';
import type { BuiltInToolOptions } from '../../../src/workspace/tools/built-in-tools.ts';

export interface CallOptions extends BuiltInToolOptions {
  signal?: AbortSignal;
  environment?: Record<string, string | undefined>;
  /** Sees each piece of output before it is kept. */
  onOutput?: (text: string) => void;
}

export interface CallEnd extends ToolOutcome {
  /** All that went to `ToolCall.output`. */
  streamed: string;
}

export function toolNamed(name: string, options: BuiltInToolOptions = {}): Tool {
  const tool = builtInTools(options).find((one) => one.name === name);
  if (!tool) throw new TypeError(`no tool ${name}`);
  return tool;
}

export async function callTool(
  name: string,
  workingDirectory: string,
  input: ToolInput,
  options: CallOptions = {},
): Promise<CallEnd> {
  let streamed = '';
  const { signal, environment = process.env, onOutput, ...rest } = options;
  const outcome = await toolNamed(name, rest).run(input, {
    callId: 'c1',
    workingDirectory,
    environment,
    signal: signal ?? new AbortController().signal,
    output: async (bytes) => {
      const text = Buffer.from(bytes).toString('utf8');
      onOutput?.(text);
      streamed += text;
    },
  });
  return { ...outcome, streamed };
}
