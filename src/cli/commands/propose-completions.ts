// What could stand at the end of a command line. Reads the same tables that the parser does.

import { flagWord } from '../args/flag.ts';
import type { Arguments, Completable, Flag, Flags } from '../args/flag.ts';
import { CONFIG_KEYS } from '../config/config-keys.ts';
import { BARE_FLAGS } from './bare-flags.ts';
import { GLOBAL_FLAGS } from './command.ts';
import type { CommandEntry, CommandTable } from './command.ts';
import { findEntry, GROUPS, ROOT_COMMANDS } from './root-commands.ts';

export interface Proposal {
  word: string;
  description: string;
}

/** Looks sessions up: newest first, a bounded number. */
export type RefLookup = () => Promise<readonly Proposal[]>;

/** Proposals for the last word, which may be ''. Empty means that the shell should propose files. */
export async function proposeCompletions(words: readonly string[], refs: RefLookup): Promise<Proposal[]> {
  const partial = words.at(-1) ?? '';
  const scope = await scopeOf(words.slice(0, -1));
  const inline = /^--([a-z-]+)=(.*)$/.exec(partial);
  if (inline) {
    const flag = flagOf(scope.flags, `--${inline[1]}`);
    if (flag === undefined) return [];
    const values = await valuesOf(flag.complete, refs);
    return matching(values, inline[2]!).map((one) => ({ ...one, word: `--${inline[1]}=${one.word}` }));
  }
  if (scope.pending !== null) return matching(await valuesOf(scope.pending.complete, refs), partial);
  if (partial.startsWith('-')) return matching(flagProposals(scope.flags), partial);
  const commands = scope.tables.flatMap(commandProposals);
  const argument = argumentAt(scope.arguments, scope.positionals);
  return matching([...commands, ...(await valuesOf(argument, refs))], partial);
}

interface Scope {
  flags: Flags;
  arguments: Arguments;
  /** Words that are commands here. */
  tables: readonly (CommandTable | typeof GROUPS)[];
  /** Arguments that stand there already. */
  positionals: number;
  /** Flag whose value comes next. */
  pending: { complete?: Completable | undefined } | null;
}

/** Walks the finished words: which command it is, how many arguments it has, whether a flag waits for its value. */
async function scopeOf(words: readonly string[]): Promise<Scope> {
  let scope: Scope = {
    flags: { ...BARE_FLAGS, ...GLOBAL_FLAGS },
    arguments: {},
    tables: [ROOT_COMMANDS, GROUPS],
    positionals: 0,
    pending: null,
  };
  for (const word of words) {
    if (scope.pending !== null && !word.startsWith('-')) {
      scope = { ...scope, pending: null };
      continue;
    }
    if (word.startsWith('-')) {
      const flag = flagOf(scope.flags, word);
      scope = { ...scope, pending: flag && flag.kind !== 'switch' && !word.includes('=') ? flag : null };
      continue;
    }
    const group = scope.tables.includes(GROUPS) ? groupOf(word) : null;
    if (group !== null) {
      scope = { ...scope, tables: [group], flags: GLOBAL_FLAGS };
      continue;
    }
    const entry = entryOf(scope.tables, word);
    if (entry !== null) {
      const { command } = await entry.load();
      scope = {
        flags: { ...command.flags, ...GLOBAL_FLAGS },
        arguments: command.arguments,
        tables: [],
        positionals: 0,
        pending: null,
      };
    } else scope = { ...scope, positionals: scope.positionals + 1 };
  }
  return scope;
}

function groupOf(word: string): CommandTable | null {
  return (
    Object.entries(GROUPS).find(([name, { aliases }]) => name === word || aliases.includes(word))?.[1].table ?? null
  );
}

function entryOf(tables: Scope['tables'], word: string): CommandEntry | null {
  for (const table of tables) {
    const found = table === GROUPS ? null : findEntry(table as CommandTable, word);
    if (found !== null) return found.entry;
  }
  return null;
}

function flagOf(flags: Flags, word: string): (Flag & { complete?: Completable }) | undefined {
  const name = word.replace(/=.*$/, '');
  return Object.entries(flags).find(([key, flag]) => `--${flagWord(key)}` === name || `-${flag.short}` === name)?.[1];
}

function argumentAt(args: Arguments, position: number): Completable | undefined {
  const list = Object.values(args);
  const last = list.at(-1);
  return (list[position] ?? (last?.kind === 'rest' ? last : undefined))?.complete;
}

async function valuesOf(complete: Completable | undefined, refs: RefLookup): Promise<readonly Proposal[]> {
  if (complete === 'ref') return refs();
  if (complete === 'config-key') return CONFIG_KEYS.map(({ key, summary }) => ({ word: key, description: summary }));
  if (complete === undefined || typeof complete === 'string') return [];
  return complete.map((word) => ({ word, description: '' }));
}

function commandProposals(table: CommandTable | typeof GROUPS): Proposal[] {
  return Object.entries(table).map(([word, { summary }]) => ({ word, description: summary }));
}

function flagProposals(flags: Flags): Proposal[] {
  return Object.entries(flags)
    .filter(([, flag]) => flag.hidden === undefined)
    .map(([name, flag]) => ({ word: `--${flagWord(name)}`, description: flag.summary }));
}

function matching(proposals: readonly Proposal[], partial: string): Proposal[] {
  return proposals.filter(({ word }) => word.startsWith(partial));
}
