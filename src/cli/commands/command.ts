// What a command is: its words, its help, and what it does. One file per command exports one of these.

import type { Arguments, ArgumentValues, Flag, Flags, FlagValues } from '../args/flag.ts';
import { choices, text } from '../args/values.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Answer } from '../output/answer.ts';
import { OUTPUT_FORMATS } from '../output/format.ts';
import type { CommandContext } from './context.ts';

export interface Example {
  command: string;
  does: string;
}

export interface Command {
  /** Paragraphs behind the summary, one string each. */
  description: readonly string[];
  flags: Flags;
  arguments: Arguments;
  examples: readonly Example[];
  /** Exit codes that this command gives, beside 0, 1, 2 and 130. */
  exits: readonly ExitCode[];
  /** Set where arguments may be words like `-not`. */
  dashWords?: 'allowed';
  /** Null when the command has written its answer itself. Throws SessionError. */
  run(context: CommandContext, flags: unknown, args: unknown): Promise<Answer | null>;
}

interface CommandOf<F extends Flags, A extends Arguments> extends Omit<Command, 'flags' | 'arguments' | 'run'> {
  flags: F;
  arguments: A;
  run(context: CommandContext, flags: FlagValues<F>, args: ArgumentValues<A>): Promise<Answer | null>;
}

/** Gives `run` the types that follow from flags and arguments. */
export function defineCommand<const F extends Flags, const A extends Arguments>(command: CommandOf<F, A>): Command {
  return command as unknown as Command;
}

/** A line of a verb table. The code behind it is loaded when it is asked for. */
export interface CommandEntry {
  summary: string;
  aliases?: readonly string[];
  /** Part of the help page it is listed under. */
  group: string;
  /** Works with a broken config file, which may be why it is run. */
  config?: 'tolerant';
  load(): Promise<{ command: Command }>;
}
export type CommandTable = Readonly<Record<string, CommandEntry>>;

/** Understood by every command, before and behind its words. */
export const GLOBAL_FLAGS = {
  format: {
    kind: 'value',
    short: 'f',
    placeholder: 'FORMAT',
    ...choices(OUTPUT_FORMATS),
    summary: `output: ${OUTPUT_FORMATS.join(', ')}`,
  },
  directory: {
    kind: 'value',
    short: 'C',
    placeholder: 'DIR',
    parse: text,
    complete: 'folder',
    summary: 'run as if started in DIR',
  },
  noColor: { kind: 'switch', summary: 'no colours' },
  help: { kind: 'switch', short: 'h', summary: 'show this help' },
} as const satisfies Record<string, Flag>;

export type GlobalValues = FlagValues<typeof GLOBAL_FLAGS>;
export const NO_FLAGS = {} as const;
export const NO_ARGUMENTS = {} as const;
