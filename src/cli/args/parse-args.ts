// Takes a command's words apart by its description. node:util splits `-n5`, `-yn 5` and `--limit=5`; what it does not
// do is done here: optional values, lists, typed values, and mistakes worded for people.

import { parseArgs } from 'node:util';
import { SessionError } from '../../core/errors.ts';
import { didYouMeanText } from '../did-you-mean.ts';
import { argumentUsage, flagWord } from './flag.ts';
import type { Argument, Arguments, Flag, Flags } from './flag.ts';
import { ValueMistake } from './values.ts';

export interface CommandSyntax {
  /** As typed, for messages: `roo session list`. */
  name: string;
  flags: Flags;
  arguments: Arguments;
  /** Set where an argument may be a word like `-not`: then only exact flags are flags. */
  dashWords?: 'allowed';
}

export interface ParsedWords {
  flags: Record<string, unknown>;
  args: Record<string, string | string[] | undefined>;
}

/** A character that no command line can hold; in front of a word it keeps node:util from taking it for a flag. */
const KEEP = '\0';

/** Throws USAGE. Flags and arguments may stand in any order; all after `--` are arguments. */
export function parseWords(syntax: CommandSyntax, words: readonly string[]): ParsedWords {
  const known = new Map<string, { name: string; flag: Flag }>();
  for (const [name, flag] of Object.entries(syntax.flags)) known.set(flagWord(name), { name, flag });
  const { tokens } = parseArgs({
    args: prepare(syntax, words),
    options: optionsOf(syntax.flags),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags: Record<string, unknown> = {};
  for (const { name, flag } of known.values())
    flags[name] = flag.kind === 'switch' ? false : flag.kind === 'list' ? [] : undefined;
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(withoutMark(token.value));
    if (token.kind !== 'option') continue;
    const found = known.get(token.name);
    if (found === undefined) throw unknownFlag(syntax, token.rawName, known.keys());
    setFlag(flags, found.name, found.flag, token);
  }
  return { flags, args: takeArguments(syntax, positionals) };
}

type OptionToken = { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined };

function setFlag(flags: Record<string, unknown>, name: string, flag: Flag, token: OptionToken): void {
  if (flag.kind === 'switch') {
    if (token.value !== undefined) throw usage(`${token.rawName} takes no value`);
    flags[name] = true;
    return;
  }
  const value = token.value === undefined ? undefined : withoutMark(token.value);
  const looksLikeFlag = value !== undefined && !token.inlineValue && value.length > 1 && value.startsWith('-');
  if (value === undefined || looksLikeFlag) {
    throw usage(
      `${token.rawName} needs a value: ${flag.placeholder}`,
      looksLikeFlag ? `if ${value} is the value, write --${flagWord(name)}=${value}` : undefined,
    );
  }
  if (flag.kind === 'list') (flags[name] as unknown[]).push(...value.split(',').map((one) => read(flag, token, one)));
  else flags[name] = read(flag, token, value);
}

function read(flag: { parse: (text: string) => unknown }, token: OptionToken, value: string): unknown {
  try {
    return flag.parse(value);
  } catch (error) {
    if (error instanceof ValueMistake) throw usage(`${token.rawName}: ${JSON.stringify(value)} ${error.message}`);
    throw error;
  }
}

function takeArguments(syntax: CommandSyntax, positionals: string[]): ParsedWords['args'] {
  const args: ParsedWords['args'] = {};
  let next = 0;
  for (const [name, argument] of Object.entries(syntax.arguments)) {
    if (argument.kind === 'rest') {
      args[name] = positionals.slice(next);
      next = positionals.length;
      if (args[name].length < (argument.min ?? 0)) throw missing(syntax, name, argument);
    } else {
      if (argument.kind === 'one' && next >= positionals.length) throw missing(syntax, name, argument);
      args[name] = positionals[next++];
    }
  }
  if (next < positionals.length) {
    throw usage(`${syntax.name}: ${JSON.stringify(positionals[next])} is one argument too many`, helpHint(syntax));
  }
  return args;
}

/** Gives a lone optional-value flag its value, and marks dash words, which only the description can tell from flags. */
function prepare(syntax: CommandSyntax, words: readonly string[]): string[] {
  const bare = new Map<string, string>();
  const exact = new Set<string>();
  for (const [name, flag] of Object.entries(syntax.flags)) {
    if (flag.short !== undefined) exact.add(`-${flag.short}`);
    if (flag.kind !== 'value' || flag.bare === undefined) continue;
    const whole = `--${flagWord(name)}=${flag.bare}`;
    bare.set(`--${flagWord(name)}`, whole);
    if (flag.short !== undefined) bare.set(`-${flag.short}`, whole);
  }
  const end = words.indexOf('--');
  const limit = end < 0 ? words.length : end;
  return words.map((word, i) => {
    if (i >= limit) return word;
    const whole = bare.get(word);
    if (whole !== undefined && (i + 1 >= limit || words[i + 1]!.startsWith('-'))) return whole;
    if (syntax.dashWords && /^-[^-]/.test(word) && !exact.has(word)) return KEEP + word;
    return word;
  });
}

function withoutMark(word: string): string {
  return word.startsWith(KEEP) ? word.slice(1) : word;
}

function optionsOf(flags: Flags): Record<string, { type: 'boolean' | 'string'; short?: string; multiple: true }> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      flagWord(name),
      {
        type: flag.kind === 'switch' ? 'boolean' : 'string',
        ...(flag.short !== undefined && { short: flag.short }),
        multiple: true,
      },
    ]),
  );
}

function unknownFlag(syntax: CommandSyntax, rawName: string, known: Iterable<string>): SessionError {
  const hint = rawName.startsWith('--') ? didYouMeanText(rawName.slice(2), known, '--') : '';
  return usage(`${syntax.name} has no flag ${rawName}`, hint === '' ? helpHint(syntax) : hint);
}

function missing(syntax: CommandSyntax, name: string, argument: Argument): SessionError {
  return usage(`${syntax.name} needs ${argumentUsage(name, argument)}: ${argument.summary}`, helpHint(syntax));
}

function helpHint(syntax: CommandSyntax): string {
  return `see ${syntax.name} --help`;
}

export function usage(message: string, hint?: string): SessionError {
  return new SessionError('USAGE', message, { op: 'parse', hint });
}
