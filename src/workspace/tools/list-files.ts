// list_files: what is in a folder, as far as git would care.

import { relative, sep } from 'node:path';
import type { Tool, ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { safeLine } from '../../core/safe-text.ts';
import { OUTPUT_CHARACTERS_MAX, answered } from './tool-answers.ts';
import { optionalBoolean } from './tool-input.ts';
import { absolutePath, pathSubject, withNearNames } from './tool-path.ts';
import { walkFiles } from './walk-files.ts';
import type { Entry } from './walk-files.ts';

const ENTRIES_SHOWN_MAX = 1000;
/** Beyond the shown ones they are only counted, and a disk is not walked for a number. */
const ENTRIES_COUNTED_MAX = 100_000;

const MARKS: Readonly<Record<Entry['kind'], string>> = {
  file: '',
  folder: '/',
  link: ' (symbolic link)',
  other: ' (pipe, socket or device)',
  unreadable: '/ (not readable)',
};

export const listFiles: Tool = {
  name: 'list_files',
  effect: 'read',
  description:
    'Lists a folder: one name a line, relative to that folder, folders with a / at their end. Leaves out what ' +
    `.gitignore names, .git and node_modules (name such a folder as path to see into it). Shows ${ENTRIES_SHOWN_MAX} ` +
    'names at most, those nearest to the top, and says how many more there are.',
  inputSchema: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        description: 'Folder, absolute or relative to the working directory. Default: the working directory.',
      },
      recursive: { type: 'boolean', description: 'Also list what is in the folders below. Default: false.' },
    },
    additionalProperties: false,
  },
  subject: (input) => pathSubject(input, '.'),
  run: (input, call) => answered(call, () => list(input, call)),
};

async function list(input: ToolInput, call: ToolCall): Promise<ToolOutcome> {
  const folder = absolutePath(input, call, '.');
  const isRecursive = optionalBoolean(input, 'recursive');
  const shown: string[] = [];
  let count = 0;
  let shownCount = 0;
  let characters = 0;
  let hasRoom = true;
  await withNearNames(folder, async () => {
    for await (const { path, kind } of walkFiles(folder, { isRecursive, signal: call.signal })) {
      if (kind !== 'unreadable') count += 1;
      const line = lineOf(relative(folder, path), kind);
      hasRoom &&= shown.length < ENTRIES_SHOWN_MAX && characters + line.length < OUTPUT_CHARACTERS_MAX;
      if (hasRoom) {
        shown.push(line);
        // A folder that may not be listed was named before; now it is said why nothing of it follows.
        if (kind !== 'unreadable') shownCount += 1;
        characters += line.length + 1;
      }
      if (count >= ENTRIES_COUNTED_MAX) return;
    }
  });
  if (shown.length === 0) return { status: 'ok', output: '[The folder is empty, or all in it is ignored.]' };
  const more = count - shownCount;
  const many = count >= ENTRIES_COUNTED_MAX ? `At least ${more}` : String(more);
  if (more > 0) shown.push(`[${many} more are not shown. List a folder below, or use search_files.]`);
  return { status: 'ok', output: `${shown.join('\n')}\n` };
}

/** Names may hold line breaks; one of them must not read as two. */
function lineOf(below: string, kind: Entry['kind']): string {
  return safeLine(below.split(sep).join('/')) + MARKS[kind];
}
