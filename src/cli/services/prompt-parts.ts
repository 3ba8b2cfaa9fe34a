// A typed prompt as the parts of a message: its text, and the files it mentions with @.

import type { Part } from '../../core/record.ts';
import { mentionedFiles } from '../../workspace/mentioned-files.ts';

export interface PromptParts {
  parts: Part[];
  /** In a line each, what could not be added and why. */
  notes: string[];
}

export async function partsOfPrompt(text: string, workingDirectory: string): Promise<PromptParts> {
  const { parts, mentions } = await mentionedFiles(text, workingDirectory);
  const notes = mentions
    .filter(({ status }) => status === 'too-large' || status === 'binary')
    .map(({ path, status }) => `@${path} was not added: it is ${status === 'binary' ? 'no text' : 'too large'}`);
  return { parts: [{ type: 'text', text }, ...parts], notes };
}
