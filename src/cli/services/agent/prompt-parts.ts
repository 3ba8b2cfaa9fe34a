// A typed prompt as the parts of a message: its text, and the files it mentions with @.

import type { Part } from '../../../core/record.ts';
import { mentionedFiles } from '../../../workspace/mentioned-files.ts';
import type { Mention } from '../../../workspace/mentioned-files.ts';

export interface PromptParts {
  parts: Part[];
  /** In a line each, what could not be added and why. */
  notes: string[];
}

const WHY_NOT: Readonly<Record<Exclude<Mention['status'], 'added'>, string>> = {
  missing: 'there is no such file',
  unreadable: 'it cannot be read',
  'too-large': 'it is too large',
  binary: 'it is no text',
};

export async function partsOfPrompt(text: string, workingDirectory: string): Promise<PromptParts> {
  const { parts, mentions } = await mentionedFiles(text, workingDirectory);
  const notes = mentions.flatMap(({ path, status }) =>
    status === 'added' ? [] : [`@${path} was not added: ${WHY_NOT[status]}`],
  );
  return { parts: [{ type: 'text', text }, ...parts], notes };
}
