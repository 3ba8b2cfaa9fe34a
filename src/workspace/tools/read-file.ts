// read_file: text as it stands, so that a model can quote it back to edit_file; pictures as pictures. Never more of a
// file in memory than is shown.

import type { FileHandle } from 'node:fs/promises';
import type { Tool, ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { IMAGE_BYTES_MAX, SNIFF_BYTES, contentOf } from '../file-content.ts';
import { openRegularFile, readUpTo } from '../regular-file.ts';
import { LineWindow } from './line-window.ts';
import { OUTPUT_CHARACTERS_MAX, Refusal, answered } from './tool-answers.ts';
import { optionalCount } from './tool-input.ts';
import { absolutePath, pathSubject, withNearNames } from './tool-path.ts';

const LINES_MAX = 2000;
const LINE_BYTES_MAX = 4096;
/** A file that is mostly holes can be endless in practice: after so much, the search for a line is given up. */
const SCAN_BYTES_MAX = 1024 ** 3;
const CHUNK_BYTES = 256 * 1024;

export const readFile: Tool = {
  name: 'read_file',
  effect: 'read',
  description:
    `Reads a text file, or looks at an image (PNG, JPEG, GIF or WebP, up to 5 MB). Answers the text as it stands, ` +
    `without line numbers, at most ${LINES_MAX} lines or ${OUTPUT_CHARACTERS_MAX / 1000} KB at once. When something is left ` +
    `out, a first line in square brackets says so and which first_line reads on; that line is not part of the file.`,
  inputSchema: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'File to read, absolute or relative to the working directory.' },
      first_line: { type: 'integer', minimum: 1, description: 'Line to begin at, counted from 1. Default: 1.' },
      line_count: {
        type: 'integer',
        minimum: 1,
        maximum: LINES_MAX,
        description: `Number of lines. Default: ${LINES_MAX}.`,
      },
    },
    required: ['path'],
    additionalProperties: false,
  },
  subject: (input) => pathSubject(input),
  run: (input, call) => answered(call, () => read(input, call)),
};

async function read(input: ToolInput, call: ToolCall): Promise<ToolOutcome> {
  const path = absolutePath(input, call);
  const firstLine = optionalCount(input, 'first_line', Number.MAX_SAFE_INTEGER) ?? 1;
  const linesMax = optionalCount(input, 'line_count', LINES_MAX) ?? LINES_MAX;
  const file = await withNearNames(path, () => openRegularFile(path));
  try {
    const start = await readUpTo(file, SNIFF_BYTES);
    const content = contentOf(start);
    if (content.kind === 'image') return await image(file, start, path, content.mediaType);
    const { size } = await file.stat();
    if (content.kind === 'binary') throw new Refusal(`${path} is a binary file (${size} bytes); it is not shown.`);
    const limits = { firstLine, linesMax, bytesMax: OUTPUT_CHARACTERS_MAX, lineBytesMax: LINE_BYTES_MAX };
    const window = await fill(new LineWindow(limits), file, start, call.signal);
    return { status: 'ok', output: shown(window, firstLine, size) };
  } finally {
    await file.close();
  }
}

async function fill(window: LineWindow, file: FileHandle, start: Buffer, signal: AbortSignal): Promise<LineWindow> {
  let scannedBytes = start.length;
  for (let chunk = start; chunk.length > 0; chunk = await readUpTo(file, CHUNK_BYTES)) {
    signal.throwIfAborted();
    if (!window.take(chunk)) return window;
    scannedBytes += chunk.length;
    if (scannedBytes > SCAN_BYTES_MAX) throw new Refusal('The line is more than 1 GiB into the file; it was not read.');
  }
  window.end();
  return window;
}

function shown(window: LineWindow, firstLine: number, sizeBytes: number): string {
  const { lines, line, endsWithBreak, hasBrokenText, isFull } = window;
  if (lines.length === 0) {
    if (firstLine === 1) return '[The file is empty.]';
    throw new Refusal(`The file has only ${line - 1} lines.`);
  }
  const last = firstLine + lines.length - 1;
  const notes: string[] = [];
  if (firstLine > 1 || isFull) notes.push(`Lines ${firstLine} to ${last}.`);
  if (isFull) notes.push(`The file goes on (${sizeBytes} bytes in all): read on with first_line ${last + 1}.`);
  if (hasBrokenText) notes.push('Some bytes are no UTF-8 text and are shown as \ufffd.');
  const header = notes.length === 0 ? '' : `[${notes.join(' ')}]\n`;
  return `${header}${lines.join('\n')}${endsWithBreak ? '\n' : ''}`;
}

async function image(file: FileHandle, start: Buffer, path: string, mediaType: string): Promise<ToolOutcome> {
  const rest = await readUpTo(file, IMAGE_BYTES_MAX + 1 - start.length);
  const bytes = Buffer.concat([start, rest]);
  if (bytes.length > IMAGE_BYTES_MAX) {
    throw new Refusal(`${path} is an image of more than 5 MB. Make a smaller copy and read that.`);
  }
  return {
    status: 'ok',
    output: `${path}: ${mediaType}, ${bytes.length} bytes`,
    parts: [{ type: 'image', mediaType, data: bytes.toString('base64'), path }],
  };
}
