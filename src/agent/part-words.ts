// Parts of a message as plain text, for where a wire format has no other place for them.

import type { ImagePart, Part, ToolCallPart } from '../core/record.ts';
import { parseToolInput } from './tool-input.ts';

/** What providers take for white space; Python's idea of it is a little wider than JavaScript's. */
const VISIBLE = /[^\s\u001c-\u001f\u0085]/;

/** True for texts that a provider refuses as empty. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text);
}

/** Empty for what no model is told: thinking, and entries of other clients. Calls are told with their results. */
export function partInWords(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text.toWellFormed();
    case 'file':
      return fileInWords(part.path, part.text);
    case 'image':
      return imageInWords(part);
    default:
      return '';
  }
}

/** For an image that cannot be sent. */
export function imageInWords(part: ImagePart): string {
  const name = part.path === undefined ? '' : ` ${part.path}`;
  return `[image${name} (${part.mediaType}), not shown here]`.toWellFormed();
}

function fileInWords(path: string, text: string | undefined): string {
  if (text === undefined) return `[file ${path}, content not included]`.toWellFormed();
  const lineBreak = text.endsWith('\n') ? '' : '\n';
  return `<file path="${path}">\n${text}${lineBreak}</file>`.toWellFormed();
}

/** A call that the user made, such as `!cmd`: providers take calls of the assistant only. */
export function userCallInWords(call: ToolCallPart, result: string): string {
  const command = parseToolInput(call.input)?.['command'];
  const what = typeof command === 'string' ? `the command:\n$ ${command}` : `the tool ${call.name}:\n${call.input}`;
  return `I ran ${what}\nIt gave:\n${result}`.toWellFormed();
}

/** Head and tail with what was left out between them; cut at whole characters. */
export function shorten(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const half = Math.floor(charactersMax / 2);
  const head = text.slice(0, half).replace(/[\ud800-\udbff]$/, '');
  const tail = text.slice(-half).replace(/^[\udc00-\udfff]/, '');
  return `${head}\n[… ${text.length - head.length - tail.length} characters left out …]\n${tail}`;
}
