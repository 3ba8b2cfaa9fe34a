// The words of a message, for titles, search, plain transcripts and the story's `content` field.

import { jsonStringIn } from './json.ts';
import type { MessageRecord, Part } from './record.ts';

/** The text of all parts that people read, in order, separated by blank lines. Empty when there is none. */
export function messageText(message: Pick<MessageRecord, 'parts'>): string {
  return message.parts.map(partText).filter(Boolean).join('\n\n');
}

/** What a person would read of one part; tool calls and thinking are shown by their own means and give ''. */
export function partText(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'file':
      return part.text ?? `@${part.path}`;
    case 'image':
      return part.path === undefined ? '' : `@${part.path}`;
    default:
      return '';
  }
}

/** What a user typed, for titles: the text, or the command that was run. Empty when there is neither. */
export function promptText(message: Pick<MessageRecord, 'parts'>): string {
  const text = messageText(message);
  if (text !== '') return text;
  const call = message.parts.find((part) => part.type === 'tool-call');
  const command = call && commandIn(call.input);
  return command === undefined ? '' : `!${command}`;
}

const COMMAND = '{"command":"';

/** The command in the arguments of a call that runs one, which a model may have written as no JSON at all. */
export function commandIn(input: string): string | undefined {
  if (!input.startsWith(COMMAND)) return undefined;
  const end = closingQuote(input, COMMAND.length);
  return end < 0 ? undefined : jsonStringIn(input.slice(COMMAND.length - 1, end + 1));
}

/** Not by a pattern, which runs out of stack in a string of some megabytes. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

/** Collapses white space and cuts at a code point, so that a title never ends in half a character. */
export function oneLine(text: string, charactersMax: number): string {
  // Only the beginning is looked at: a 200 MB prompt must not be copied to make a title.
  const start = text
    .slice(0, charactersMax * 8)
    .replace(/\s{2,}|[^\S ]/g, ' ') // Most white space is single spaces, which are left alone.
    .trim();
  if (start.length <= charactersMax) return start;
  const units = start.codePointAt(charactersMax - 2)! > 0xffff ? charactersMax - 2 : charactersMax - 1;
  return start.slice(0, units).trimEnd() + '…';
}
