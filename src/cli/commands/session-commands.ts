// The verbs of `roo session`. Each is one file in session/, loaded when it is asked for.

import type { ExportFormat } from '../types/session-types.ts';
import type { CommandTable } from './command.ts';

export const SESSION_COMMANDS = {
  list: {
    summary: 'list sessions, newest first',
    aliases: ['ls'],
    group: 'Look',
    load: () => import('./session/list.ts'),
  },
  find: { summary: 'search everything that was said and done', group: 'Look', load: () => import('./session/find.ts') },
  show: { summary: 'print the transcript of a session', group: 'Look', load: () => import('./session/show.ts') },
  info: { summary: 'describe a session', group: 'Look', load: () => import('./session/info.ts') },
  stats: { summary: 'time, turns, tools, tokens and cost', group: 'Look', load: () => import('./session/stats.ts') },
  usage: {
    summary: 'disk space of the store',
    aliases: ['du'],
    group: 'Look',
    load: () => import('./session/usage.ts'),
  },
  processes: {
    summary: 'background processes and what became of them',
    aliases: ['ps'],
    group: 'Look',
    load: () => import('./session/processes.ts'),
  },
  logs: {
    summary: 'what a background process has said',
    group: 'Look',
    load: () => import('./session/logs.ts'),
  },
  save: { summary: 'name and describe the current session', group: 'Work', load: () => import('./session/save.ts') },
  load: {
    summary: 'go on with a session',
    aliases: ['resume'],
    group: 'Work',
    load: () => import('./session/load.ts'),
  },
  fork: {
    summary: 'start a session that shares the past of another',
    group: 'Work',
    load: () => import('./session/fork.ts'),
  },
  checkpoint: {
    summary: 'record files and conversation, to come back to',
    group: 'Work',
    load: () => import('./session/checkpoint.ts'),
  },
  checkpoints: {
    summary: 'list the points to go back to',
    group: 'Work',
    load: () => import('./session/checkpoints.ts'),
  },
  rewind: {
    summary: 'go back to a checkpoint or message',
    group: 'Work',
    load: () => import('./session/rewind.ts'),
  },
  edit: { summary: 'change name, tags, status, outcome', group: 'Work', load: () => import('./session/edit.ts') },
  link: { summary: 'link two sessions', group: 'Work', load: () => import('./session/link.ts') },
  unlink: { summary: 'remove links between two sessions', group: 'Work', load: () => import('./session/unlink.ts') },
  config: { summary: "show or set a session's preferences", group: 'Work', load: () => import('./session/config.ts') },
  export: { summary: 'write a session as a document', group: 'Move', load: () => import('./session/export.ts') },
  import: { summary: 'bring a session in from a file', group: 'Move', load: () => import('./session/import.ts') },
  discover: {
    summary: "find other agents' sessions on this machine",
    group: 'Move',
    load: () => import('./session/discover.ts'),
  },
  delete: {
    summary: 'move sessions to the trash',
    aliases: ['rm'],
    group: 'Tidy',
    load: () => import('./session/delete.ts'),
  },
  undelete: {
    summary: 'bring sessions back from the trash',
    group: 'Tidy',
    load: () => import('./session/undelete.ts'),
  },
  archive: {
    summary: 'pack sessions small, out of the list',
    group: 'Tidy',
    load: () => import('./session/archive.ts'),
  },
  unarchive: { summary: 'bring archived sessions back', group: 'Tidy', load: () => import('./session/unarchive.ts') },
  cleanup: { summary: 'propose old sessions to tidy away', group: 'Tidy', load: () => import('./session/cleanup.ts') },
  prune: { summary: 'free the space that trash holds', group: 'Tidy', load: () => import('./session/prune.ts') },
  encrypt: {
    summary: 'make sessions readable for some only',
    group: 'Protect',
    load: () => import('./session/encrypt.ts'),
  },
  decrypt: {
    summary: 'make encrypted sessions plain again',
    group: 'Protect',
    load: () => import('./session/decrypt.ts'),
  },
  share: { summary: 'let others read encrypted sessions', group: 'Protect', load: () => import('./session/share.ts') },
  rekey: { summary: 'give encrypted sessions a new key', group: 'Protect', load: () => import('./session/rekey.ts') },
  keys: {
    summary: 'identities, and whom sessions are encrypted for',
    group: 'Protect',
    load: () => import('./session/keys.ts'),
  },
  scrub: {
    summary: 'take secrets out of what was written',
    group: 'Protect',
    load: () => import('./session/scrub.ts'),
  },
  verify: { summary: 'check sessions for damage', group: 'Care', load: () => import('./session/verify.ts') },
  audit: { summary: 'who did what to which session, when', group: 'Care', load: () => import('./session/audit.ts') },
  repair: { summary: 'save what a damaged session holds', group: 'Care', load: () => import('./session/repair.ts') },
  migrate: {
    summary: 'bring files of format 1 to format 2',
    group: 'Care',
    load: () => import('./session/migrate.ts'),
  },
  reindex: { summary: 'rebuild the search index', group: 'Care', load: () => import('./session/reindex.ts') },
} satisfies CommandTable;

/** The story's interface: its commands as functions, for a program that prints what roo prints. */
export interface SessionCommands {
  listSessions(): Promise<void>;
  saveCurrentSession(name?: string): Promise<void>;
  loadSession(sessionId: string): Promise<void>;
  deleteSession(sessionId: string): Promise<void>;
  exportSession(sessionId: string, format?: ExportFormat): Promise<void>;
  cleanupSessions(): Promise<void>;
}

/** Runs the words behind `roo`; what goes wrong is printed, and shows in the exit code. */
export type RunWords = (words: readonly string[]) => Promise<void>;

/** By default in this process, whose exit code becomes that of the last command that failed. */
export function sessionCommands(run: RunWords = runInThisProcess): SessionCommands {
  const session = (...words: string[]): Promise<void> => run(['session', ...words]);
  // Behind `--` an id or a name is never taken for a flag.
  return {
    listSessions: () => session('list'),
    saveCurrentSession: (name) => session('save', '--', ...given(name)),
    loadSession: (sessionId) => session('load', '--', sessionId),
    deleteSession: (sessionId) => session('delete', '--', sessionId),
    exportSession: (sessionId, format) => session('export', '--', sessionId, ...given(format)),
    cleanupSessions: () => session('cleanup'),
  };
}

function given(word: string | undefined): string[] {
  return word === undefined ? [] : [word];
}

async function runInThisProcess(words: readonly string[]): Promise<void> {
  const { runHere } = await import('../run-here.ts');
  const exitCode = await runHere(words);
  if (exitCode !== 0) process.exitCode = exitCode;
}
