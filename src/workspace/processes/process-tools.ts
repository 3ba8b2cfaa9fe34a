// What a model can do with the background processes that it started: read what they print, and end them.

import { SessionError } from '../../core/errors.ts';
import type { Tool, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { answered, OUTPUT_CHARACTERS_MAX, Refusal } from '../tools/tool-answers.ts';
import { optionalCount, requiredText, textOrEmpty } from '../tools/tool-input.ts';
import { outputLines } from './output-lines.ts';
import type { ProcessKeeper } from './process-keeper.ts';

const LINES = 100;
const LINES_MAX = 2000;

const ID = { type: 'string', description: 'As it was told when the process was started: p1, p2 …' };

/** The keeper is made when a tool is first called. */
export function processTools(keeper: () => Promise<ProcessKeeper>): Tool[] {
  return [
    {
      name: 'read_process_output',
      effect: 'read',
      description:
        'Answers whether a background process still runs, how it ended, and the last lines that it printed. Processes ' +
        'are started by execute_command with background.',
      inputSchema: {
        type: 'object',
        properties: {
          id: ID,
          last_lines: {
            type: 'integer',
            minimum: 1,
            maximum: LINES_MAX,
            description: `Lines to show. Default: ${LINES}.`,
          },
        },
        required: ['id'],
        additionalProperties: false,
      },
      subject: (input) => textOrEmpty(input, 'id'),
      run: (input, call) => answered(call, async () => outputOf(await keeper(), input)),
    },
    {
      name: 'stop_process',
      effect: 'run',
      description: 'Ends a background process and all that it started.',
      inputSchema: { type: 'object', properties: { id: ID }, required: ['id'], additionalProperties: false },
      subject: (input) => textOrEmpty(input, 'id'),
      run: (input, call) =>
        answered(call, async () => {
          const { id, status, exitCode } = await known(async () => (await keeper()).stop(requiredText(input, 'id')));
          return { status: 'ok', output: `${id}: ${stateWords(status, exitCode)}.` };
        }),
    },
  ];
}

async function outputOf(keeper: ProcessKeeper, input: ToolInput): Promise<ToolOutcome> {
  const id = requiredText(input, 'id');
  const lastLines = optionalCount(input, 'last_lines', LINES_MAX) ?? LINES;
  return known(async () => {
    const found = keeper.list().find((one) => one.id === id);
    const lines: string[] = [];
    for await (const line of outputLines(keeper.output(id, { lastLines }))) lines.push(line);
    const text = lines.join('\n').slice(-OUTPUT_CHARACTERS_MAX);
    const state = found ? stateWords(found.status, found.exitCode) : 'not known';
    return { status: 'ok', output: `[${id}: ${state}]\n${text}` };
  });
}

/** A process that is not there is something that the model can act on. */
async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SessionError && error.code === 'PROCESS_NOT_FOUND') throw new Refusal(`${error.message}.`);
    throw error;
  }
}

function stateWords(status: string, exitCode: number | null): string {
  if (status === 'running') return 'it runs';
  return exitCode === null ? status : `it has ended with exit code ${exitCode}`;
}
