// The commands of `roo` itself. `session` is a table of its own; the hidden ones are not listed.

import type { CommandEntry, CommandTable } from './command.ts';
import { SESSION_COMMANDS } from './session-commands.ts';

export const ROOT_COMMANDS = {
  config: {
    summary: 'show and change settings',
    group: 'Setup',
    config: 'tolerant',
    load: () => import('./config.ts'),
  },
  doctor: {
    summary: 'check the installation and the store',
    group: 'Setup',
    config: 'tolerant',
    load: () => import('./doctor.ts'),
  },
  completion: {
    summary: 'print a completion script for your shell',
    group: 'Setup',
    config: 'tolerant',
    load: () => import('./completion.ts'),
  },
} satisfies CommandTable;

/** Tables that hold commands of a second word. */
export const GROUPS: Readonly<Record<string, { summary: string; aliases: readonly string[]; table: CommandTable }>> = {
  session: {
    summary: 'list, find, show, save, load, export … sessions',
    aliases: ['sessions'],
    table: SESSION_COMMANDS,
  },
};

/** Asked by completion scripts, not by people. */
export const HIDDEN_COMMANDS: CommandTable = {
  __complete: { summary: 'propose completions', group: '', config: 'tolerant', load: () => import('./complete.ts') },
};

/** What `roo` without a command does. */
export const BARE_COMMAND: CommandEntry = {
  summary: 'open the interactive command line in a new session',
  group: '',
  load: () => import('./bare.ts'),
};

/** The entry for a word or one of its aliases, with its own name. */
export function findEntry(table: CommandTable, word: string): { name: string; entry: CommandEntry } | null {
  for (const [name, entry] of Object.entries(table)) {
    if (name === word || entry.aliases?.includes(word)) return { name, entry };
  }
  return null;
}
