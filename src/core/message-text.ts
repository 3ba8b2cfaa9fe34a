// The words of a message, for titles, search, plain transcripts and the story's `content` field.

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
  const command = call && /^\{"command":("(?:[^"\\]|\\.)*")/.exec(call.input)?.[1];
  return command === undefined ? '' : `!${JSON.parse(command) as string}`;
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
