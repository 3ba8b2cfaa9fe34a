// The row of a text in the index of words: its words, and before them the tools and paths it names, each of their
// words marked by a character that texts do not use. A column of its own for them would cost two bytes more a word.

import type { IndexedText } from './index-source.ts';
import { indexedForm } from './text-form.ts';

/** Letters to the tokenizer, and reserved for private use in Unicode. */
const TOOL_MARK = '\ue0f0';
const FILE_MARK = '\ue0f1';
const MARKS = /[\ue0f0\ue0f1]/g;

export type MarkedField = 'tool' | 'file';

/** What is written into the row of a text: the same again takes it out. */
export function wordsOf({ text, tools, files }: IndexedText): string {
  const words = indexedForm(text.replace(MARKS, ' '));
  if (tools.length + files.length === 0) return words;
  return `${markedWords('tool', tools.join(' '))} ${markedWords('file', files.join(' '))} ${words}`;
}

/** The words of a tool's name or of a path, as they stand in rows: `src/a.ts` is three words in a row. */
export function markedWords(field: MarkedField, text: string): string {
  const mark = field === 'tool' ? TOOL_MARK : FILE_MARK;
  const words = indexedForm(text.replace(MARKS, ' ')).split(/[^\p{L}\p{N}\p{M}]+/u);
  return words.flatMap((word) => (word === '' ? [] : [mark + word])).join(' ');
}

/** Words that a person looks for never reach the marked ones. */
export function withoutMarks(text: string): string {
  return text.replace(MARKS, ' ');
}
