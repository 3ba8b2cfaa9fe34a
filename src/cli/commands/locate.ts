// Finds which command a command line means. Flags may stand before the command's words, as in `roo -C dir session list`.

import type { Flags } from '../args/flag.ts';
import { flagWord } from '../args/flag.ts';
import { usage } from '../args/parse-args.ts';
import { didYouMeanText } from '../did-you-mean.ts';
import { GLOBAL_FLAGS } from './command.ts';
import type { CommandEntry, CommandTable } from './command.ts';
import { BARE_FLAGS } from './bare-flags.ts';
import { BARE_COMMAND, findEntry, GROUPS, HIDDEN_COMMANDS, ROOT_COMMANDS } from './root-commands.ts';

export type Located =
  /** `path` are the command's own names, `['session', 'list']`; `words` is all else that was typed. */
  | { kind: 'command'; path: string[]; entry: CommandEntry; words: string[] }
  /** Help of a table: of `roo` itself (empty path) or of a group. */
  | { kind: 'table-help'; path: string[] }
  | { kind: 'command-help'; path: string[]; entry: CommandEntry };

/** Throws USAGE for a word that is no command. */
export function locate(words: readonly string[]): Located {
  const help = asksForHelp(words);
  const at = firstWordIndex(words, { ...GLOBAL_FLAGS, ...BARE_FLAGS });
  if (at < 0) {
    if (help) return { kind: 'table-help', path: [] };
    return { kind: 'command', path: [], entry: BARE_COMMAND, words: [...words] };
  }
  const word = words[at]!;
  const rest = [...words.slice(0, at), ...words.slice(at + 1)];
  if (word === 'help') return locate([...rest, '--help']);
  const group = Object.entries(GROUPS).find(([name, { aliases }]) => name === word || aliases.includes(word));
  if (group) return locateVerb(group[0], group[1].table, rest, help);
  const found = findEntry(ROOT_COMMANDS, word) ?? findEntry(HIDDEN_COMMANDS, word);
  if (found === null)
    throw unknownCommand('roo', word, [...Object.keys(ROOT_COMMANDS), ...Object.keys(GROUPS), 'help']);
  return asked([found.name], found.entry, rest, help);
}

function locateVerb(group: string, table: CommandTable, words: string[], help: boolean): Located {
  const at = firstWordIndex(words, GLOBAL_FLAGS);
  if (at < 0) {
    const flag = words.find((word) => word.startsWith('-') && !isGlobalFlag(word));
    if (flag !== undefined && !help) throw usage(`roo ${group} has no flag ${flag}`, `see roo ${group} --help`);
    return { kind: 'table-help', path: [group] };
  }
  const word = words[at]!;
  const rest = [...words.slice(0, at), ...words.slice(at + 1)];
  if (word === 'help') return locateVerb(group, table, [...rest, '--help'], true);
  const found = findEntry(table, word);
  if (found === null) throw unknownCommand(`roo ${group}`, word, Object.keys(table));
  return asked([group, found.name], found.entry, rest, help);
}

function asked(path: string[], entry: CommandEntry, words: string[], help: boolean): Located {
  return help ? { kind: 'command-help', path, entry } : { kind: 'command', path, entry, words };
}

export function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === '-h' || word === '--help');
}

/** Index of the first word that is neither a flag nor the value of one; -1 when there is none. */
function firstWordIndex(words: readonly string[], flags: Flags): number {
  const valued = new Map<string, 'always' | 'unless-flag-follows'>();
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.kind === 'switch') continue;
    const takes = flag.kind === 'value' && flag.bare !== undefined ? 'unless-flag-follows' : 'always';
    valued.set(`--${flagWord(name)}`, takes);
    if (flag.short !== undefined) valued.set(`-${flag.short}`, takes);
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') return -1;
    if (!word.startsWith('-') || word === '-') return i;
    const takes = valued.get(word);
    if (takes === 'always' || (takes !== undefined && !(words[i + 1] ?? '-').startsWith('-'))) i++;
  }
  return -1;
}

function isGlobalFlag(word: string): boolean {
  return Object.entries(GLOBAL_FLAGS).some(
    ([name, flag]) => word.startsWith(`--${flagWord(name)}`) || ('short' in flag && word.startsWith(`-${flag.short}`)),
  );
}

function unknownCommand(where: string, word: string, known: readonly string[]): Error {
  const asVerb = where === 'roo' ? findEntry(GROUPS['session']!.table, word) : null;
  const guess = asVerb ? `did you mean roo session ${asVerb.name}?` : didYouMeanText(word, known);
  return usage(`${JSON.stringify(word)} is no command of ${where}`, guess === '' ? `see ${where} --help` : guess);
}
