// The tools that every session has. Their order is part of the request, and a provider's cache of it: by name.

import type { Tool } from '../../core/tool.ts';
import { editFile } from './edit-file.ts';
import { executeCommand } from './execute-command.ts';
import type { StartBackground } from './execute-command.ts';
import { listFiles } from './list-files.ts';
import { readFile } from './read-file.ts';
import { searchFiles } from './search-files.ts';
import { writeFile } from './write-file.ts';

export interface BuiltInToolOptions {
  /** Where it is absent, commands cannot be started in the background and the model is not told of it. */
  startBackground?: StartBackground;
}

export function builtInTools({ startBackground }: BuiltInToolOptions = {}): Tool[] {
  return [editFile, executeCommand(startBackground), listFiles, readFile, searchFiles, writeFile];
}
