// What Tab proposes in the interactive command line: its `/` commands, sessions, verbs with their flags, and files.

import { readdirSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { resolve } from 'node:path';
import { isUnsafe } from '../../../core/safe-text.ts';
import type { ISessionStorage } from '../../types/service-types.ts';
import { proposeCompletions } from '../propose-completions.ts';
import type { Proposal, RefLookup } from '../propose-completions.ts';
import type { Complete, Completion } from './complete-input.ts';

const SESSIONS_MAX = 100;
const FILES_MAX = 200;
const ID_CHARACTERS = 8;
/** A folder that cannot be looked into has nothing to propose; that is no news at a prompt. */
const CLOSED_FOLDERS = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

export interface CompletionWorld {
  /** Names without `/`, with what they do. */
  commands: readonly Proposal[];
  refs: RefLookup;
  /** Asked each time, because a session may go elsewhere. */
  workingDirectory(): string;
  userFolder: string;
}

export function lineCompleter(world: CompletionWorld): Complete {
  return async (text) => {
    const last = text.length - /\S*$/.exec(text)![0].length;
    const word = text.slice(last);
    const command = /^\/(\S+)\s+(?=(.*)$)/s.exec(text);
    if (text.startsWith('/') && command === null) {
      const names = world.commands.map(({ word: name, description }) => ({ word: `/${name}`, description }));
      return { start: 0, proposals: names.filter((name) => name.word.startsWith(text)) };
    }
    if (command?.[1] === 'resume') {
      const start = command[0].length;
      return { start, proposals: beginningWith(text.slice(start), await world.refs()) };
    }
    if (command?.[1] === 'session') return verbs(['session'], text, command[0].length, world);
    if (command?.[1] === 'config') return verbs(['session', 'config', '@current'], text, command[0].length, world);
    if (command === null && /^@./.test(word)) return files(word.slice(1), last + 1, world);
    if (command === null && word === '@') return files('', last + 1, world);
    if (text.startsWith('!')) return files(word.replace(/^!/, ''), last + (last === 0 ? 1 : 0), world);
    return { start: text.length, proposals: [] };
  };
}

/** This project's sessions, newest first; all projects' where it has none. */
export async function sessionProposals(storage: ISessionStorage, projectPath: string): Promise<Proposal[]> {
  const here = storage.list({ project: projectPath, limit: SESSIONS_MAX }).sessions;
  const sessions = here.length > 0 ? here : storage.list({ limit: SESSIONS_MAX }).sessions;
  return [
    { word: '@last', description: "this project's latest session" },
    ...sessions.map(({ id, name }) => ({
      word: id.includes('~') ? id : id.slice(0, ID_CHARACTERS),
      description: name,
    })),
  ];
}

/** The same proposals as in a shell. Where the words are in quotes there are none. */
async function verbs(path: string[], text: string, start: number, { refs }: CompletionWorld): Promise<Completion> {
  const rest = text.slice(start);
  if (/["'\\]/.test(rest)) return { start: text.length, proposals: [] };
  const words = rest.split(/\s+/);
  const proposals = await proposeCompletions([...path, ...words], refs);
  return { start: text.length - words.at(-1)!.length, proposals };
}

function beginningWith(partial: string, proposals: readonly Proposal[]): Proposal[] {
  return proposals.filter(({ word }) => word.startsWith(partial));
}

/** Names with white space, or that cannot be shown as they are, are left out: no word of a line could be one. */
function files(partial: string, start: number, { workingDirectory, userFolder }: CompletionWorld): Completion {
  const [, folder = '', name = ''] = /^(.*\/)?([^/]*)$/s.exec(partial)!;
  const path = folder.startsWith('~/') ? resolve(userFolder, folder.slice(2)) : resolve(workingDirectory(), folder);
  const proposals = entriesOf(path)
    .filter((entry) => entry.name.startsWith(name) && (name.startsWith('.') || !entry.name.startsWith('.')))
    .filter((entry) => !isUnsafe(entry.name) && !/\s/.test(entry.name))
    .map((entry) => ({ word: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`, description: '' }))
    .toSorted((a, b) => (a.word < b.word ? -1 : 1));
  return { start, proposals: proposals.slice(0, FILES_MAX) };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (CLOSED_FOLDERS.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
