// What a tool is: the agent loop runs it, the workspace and MCP servers provide it, and neither knows the other.

import type { Part, StartedProcess } from './record.ts';

/** As a model sees it. */
export interface ToolDefinition {
  /** Letters, digits, `_` and `-`, at most 64: what every provider takes. */
  name: string;
  description: string;
  /** JSON Schema of an object. */
  inputSchema: Readonly<Record<string, unknown>>;
}

/** `read` changes nothing, `write` changes files of the project, `run` may do anything. Decides who is asked first. */
export type ToolEffect = 'read' | 'write' | 'run';

/** Arguments of a call, parsed from JSON; a tool checks them itself. */
export type ToolInput = Readonly<Record<string, unknown>>;

export interface Tool extends ToolDefinition {
  effect: ToolEffect;
  /** What a permission's pattern is matched with and a person is asked about: a path, a command line. Never throws. */
  subject(input: ToolInput): string;
  /** Ends with a status and throws only for faults of our own: what a model got wrong is an outcome it can read. */
  run(input: ToolInput, call: ToolCall): Promise<ToolOutcome>;
}

/** The world of one call. */
export interface ToolCall {
  callId: string;
  /** Absolute; relative paths of the input start here. */
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user interrupts; the tool then ends what it started and answers `interrupted`. */
  signal: AbortSignal;
  /** Takes output as it comes, to be shown and recorded. Resolves when the next piece may follow. */
  output(bytes: Uint8Array): Promise<unknown>;
  /** Told the process that the call waits for, so that it is found again when nobody saw its end. */
  started?(process: StartedProcess): Promise<unknown>;
}

export interface ToolOutcome {
  status: 'ok' | 'error' | 'interrupted';
  /** What the model reads; absent when `ToolCall.output` got it. */
  output?: string;
  /** Images and files beside the text. */
  parts?: Part[];
  exitCode?: number;
}
