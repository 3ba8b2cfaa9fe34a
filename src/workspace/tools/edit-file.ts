// edit_file: one piece of a file for another. Everything that was not named stays as it is, to the byte: line ends, the
// byte order mark, the mode. An edit that could mean two places, or meets a file that somebody else just changed, is
// refused.

import type { Tool, ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { contentOf } from '../file-content.ts';
import { readWhole } from '../regular-file.ts';
import { nearestLines } from './nearest-lines.ts';
import { replaceFile, writeTarget } from './replace-file.ts';
import { replaced } from './text-replacement.ts';
import { Refusal, answered } from './tool-answers.ts';
import { optionalBoolean, requiredText } from './tool-input.ts';
import { absolutePath, pathSubject, withNearNames } from './tool-path.ts';
import { requireWellFormed } from './write-file.ts';

const FILE_BYTES_MAX = 16 * 1024 * 1024;
const PLACES_SHOWN_MAX = 20;

export const editFile: Tool = {
  name: 'edit_file',
  effect: 'write',
  description:
    'Replaces a piece of a text file by another. old_text must stand in the file exactly as given, with its ' +
    'indentation, and only once: take in lines around it until it does, or set replace_all. Line ends stay as the ' +
    'file has them. An empty new_text deletes the piece.',
  inputSchema: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'File to change, absolute or relative to the working directory.' },
      old_text: { type: 'string', description: 'The piece to replace, as read_file shows it.' },
      new_text: { type: 'string', description: 'What shall stand there instead.' },
      replace_all: { type: 'boolean', description: 'Replace the piece wherever it stands. Default: false.' },
    },
    required: ['path', 'old_text', 'new_text'],
    additionalProperties: false,
  },
  subject: (input) => pathSubject(input),
  run: (input, call) => answered(call, () => edit(input, call)),
};

async function edit(input: ToolInput, call: ToolCall): Promise<ToolOutcome> {
  const path = absolutePath(input, call);
  const oldText = requiredText(input, 'old_text');
  const newText = requiredText(input, 'new_text');
  const isAll = optionalBoolean(input, 'replace_all');
  requireWellFormed(newText, 'new_text');
  if (oldText === '') throw new Refusal('old_text is empty. To make or fill a file, use write_file.');
  if (oldText === newText) throw new Refusal('old_text and new_text are the same: there is nothing to change.');

  const before = await withNearNames(path, () => readForEdit(path));
  const { text, lines } = replaced(textOf(before, path), oldText, newText);
  if (lines.length === 0) throw new Refusal(notFoundWords(path, before.toString('utf8'), oldText));
  if (lines.length > 1 && !isAll) {
    throw new Refusal(
      `old_text stands in ${path} ${lines.length} times, at lines ${listed(lines)}. ` +
        'Take in lines around the one that is meant, or set replace_all.',
    );
  }
  const target = await writeTarget(path);
  call.signal.throwIfAborted();
  await replaceFile(target, Buffer.from(text, 'utf8'), async () => {
    const now = await readWhole(target.path, FILE_BYTES_MAX);
    if (now === null || !now.equals(before)) {
      throw new Refusal(`${path} was changed by somebody else just now. Read it again, then edit it.`);
    }
  });
  const places = lines.length === 1 ? `line ${lines[0]}` : `${lines.length} places, lines ${listed(lines)}`;
  return { status: 'ok', output: `Edited ${path} at ${places}.` };
}

async function readForEdit(path: string): Promise<Buffer> {
  const bytes = await readWhole(path, FILE_BYTES_MAX);
  if (bytes === null) throw new Refusal(`${path} is larger than 16 MiB; change it with a command.`);
  return bytes;
}

/** With its byte order mark, which is a character like any other here. Other encodings would be spoiled by writing. */
function textOf(bytes: Buffer, path: string): string {
  if (contentOf(bytes).kind !== 'text') throw new Refusal(`${path} is a binary file; it cannot be edited as text.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(`${path} is not UTF-8 text, and writing it would spoil it; change it with a command.`);
  }
}

function notFoundWords(path: string, text: string, oldText: string): string {
  const nearest = nearestLines(text, oldText);
  if (nearest === null) return `old_text is not in ${path}, nor anything like it. Read the file again.`;
  const { firstLine, lines, isSameButSpace } = nearest;
  const what = isSameButSpace ? 'The same text but for white space' : 'The nearest text';
  return `old_text is not in ${path}. ${what} begins at line ${firstLine}:\n${lines.join('\n')}`;
}

function listed(lines: readonly number[]): string {
  const shown = lines.slice(0, PLACES_SHOWN_MAX).join(', ');
  return lines.length > PLACES_SHOWN_MAX ? `${shown} …` : shown;
}
