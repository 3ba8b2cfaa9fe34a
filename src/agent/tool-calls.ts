// The calls of one answer: permission is asked in their order, calls that only read run side by side, and each has its
// start and its end in the log, whatever happens in between.

import type { NewRecord, ToolCallPart, ToolEndRecord, ToolStatus } from '../core/record.ts';
import type { Tool, ToolInput, ToolOutcome } from '../core/tool.ts';
import { MALFORMED_INPUT, parseToolInput } from './tool-input.ts';
import type { TurnPorts } from './turn.ts';

export interface CallReport {
  call: ToolCallPart;
  status: ToolStatus;
  exitCode?: number;
  durationMs: number;
  /** In a line, for a person: why it was denied, what it answered when it printed nothing. */
  note?: string;
}

interface ReadyCall {
  call: ToolCallPart;
  tool: Tool;
  input: ToolInput;
}

/** Answers whether the turn goes on: false when it was interrupted. Calls that did not run then have an end that says so. */
export async function runCalls(
  calls: readonly ToolCallPart[],
  messageId: string,
  ports: TurnPorts,
  signal: AbortSignal,
): Promise<boolean> {
  let side: Promise<void>[] = [];
  const settle = async (): Promise<void> => {
    const running = side;
    side = [];
    const results = await Promise.allSettled(running);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };
  for (const call of calls) {
    if (signal.aborted) {
      await settle();
      await end(call, { status: 'interrupted', output: 'The user interrupted before this call ran.' }, 0, ports);
      continue;
    }
    const ready = await prepare(call, ports, signal);
    if (!ready) continue;
    const run = (): Promise<void> => runOne(ready, messageId, ports, signal);
    if (ready.tool.effect === 'read') {
      side.push(run());
      continue;
    }
    await settle();
    await ports.beforeChange();
    await run();
  }
  await settle();
  return !signal.aborted;
}

/** Runs a call again that a crash or the user interrupted. Permission is asked as for a new one. */
export async function runAgain(
  call: ToolCallPart,
  messageId: string,
  ports: TurnPorts,
  signal: AbortSignal,
): Promise<void> {
  await runCalls([call], messageId, ports, signal);
}

/** The call with its tool and its arguments; null when it was answered without running. */
async function prepare(call: ToolCallPart, ports: TurnPorts, signal: AbortSignal): Promise<ReadyCall | null> {
  const refuse = async (status: ToolStatus, output: string): Promise<null> => {
    await end(call, { status, output }, 0, ports);
    return null;
  };
  const tool = ports.tools.find(({ name }) => name === call.name);
  if (!tool) return refuse('error', `There is no tool named ${call.name}.`);
  const input = parseToolInput(call.input);
  if (input === null) return refuse('error', MALFORMED_INPUT);
  const subject = tool.subject(input);
  const { allowed, reason } = await ports.permit(tool, subject);
  if (signal.aborted) return refuse('interrupted', 'The user interrupted before this call ran.');
  if (!allowed) return refuse('denied', reason);
  ports.screen.toolStart(call, subject);
  return { call, tool, input };
}

async function runOne(
  { call, tool, input }: ReadyCall,
  messageId: string,
  ports: TurnPorts,
  signal: AbortSignal,
): Promise<void> {
  const { callId, name } = call;
  const start = { type: 'tool-start', callId, name, input: call.input, messageId } as const;
  await ports.log.append(start);
  const output = ports.log.recordOutput(callId);
  const startMs = ports.nowMs();
  let hasOutput = false;
  const outcome = await tool.run(await ports.reveal(input), {
    callId,
    workingDirectory: ports.workingDirectory,
    environment: ports.environment,
    signal,
    started: (process) => ports.log.append({ ...start, process }),
    output: (bytes) => {
      hasOutput = true;
      ports.screen.toolOutput(callId, bytes);
      return output.take(Buffer.from(bytes));
    },
  });
  // A tool's own words go the same way as output that streams, so that long ones become files of their own.
  if (outcome.output !== undefined) await output.take(Buffer.from(hasOutput ? `\n${outcome.output}` : outcome.output));
  const recorded = await output.finish();
  await end(call, { ...outcome, recorded }, Math.max(0, Math.round(ports.nowMs() - startMs)), ports);
}

type Ended = Omit<ToolOutcome, 'status'> & {
  status: ToolStatus;
  recorded?: Pick<ToolEndRecord, 'output' | 'blob' | 'head' | 'tail'>;
};

async function end(call: ToolCallPart, ended: Ended, durationMs: number, { log, screen }: TurnPorts): Promise<void> {
  const { status, output, recorded, parts, exitCode } = ended;
  const record: NewRecord = {
    type: 'tool-end',
    callId: call.callId,
    status,
    ...(recorded ?? (output !== undefined && { output })),
    ...(parts && parts.length > 0 && { parts }),
    ...(exitCode !== undefined && { exitCode }),
    durationMs,
  };
  await log.append(record);
  screen.toolEnd({
    call,
    status,
    durationMs,
    ...(exitCode !== undefined && { exitCode }),
    ...(output !== undefined && { note: output }),
  });
}
