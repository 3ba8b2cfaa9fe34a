// write_file: a whole file, made or replaced.

import { promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import type { Tool, ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { replaceFile, writeTarget } from './replace-file.ts';
import { Refusal, answered } from './tool-answers.ts';
import { requiredText } from './tool-input.ts';
import { absolutePath, pathSubject } from './tool-path.ts';

export const writeFile: Tool = {
  name: 'write_file',
  effect: 'write',
  description:
    'Writes a whole file: makes it, with the folders above it, or replaces all of its content. To change a part of a ' +
    'file that is there, use edit_file.',
  inputSchema: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'File to write, absolute or relative to the working directory.' },
      content: { type: 'string', description: 'All of the new content, exactly as it shall stand in the file.' },
    },
    required: ['path', 'content'],
    additionalProperties: false,
  },
  subject: (input) => pathSubject(input),
  run: (input, call) => answered(call, () => write(input, call)),
};

async function write(input: ToolInput, call: ToolCall): Promise<ToolOutcome> {
  const path = absolutePath(input, call);
  const content = requiredText(input, 'content');
  requireWellFormed(content, 'content');
  const target = await writeTarget(path);
  if (target.stats === null) await fs.mkdir(dirname(target.path), { recursive: true });
  call.signal.throwIfAborted();
  await replaceFile(target, Buffer.from(content, 'utf8'));
  const verb = target.stats === null ? 'Created' : 'Overwrote';
  return { status: 'ok', output: `${verb} ${path}: ${countLines(content)} lines.` };
}

/** Half a character cannot be written as UTF-8: what would stand in the file is not what was asked for. */
export function requireWellFormed(text: string, key: string): void {
  if (!text.isWellFormed()) throw new Refusal(`The argument "${key}" holds half a character (a lone surrogate).`);
}

/** As people count them: a break at the end begins no new line. */
function countLines(text: string): number {
  if (text === '') return 0;
  let count = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
