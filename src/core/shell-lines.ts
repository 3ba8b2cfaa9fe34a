// Lines for a shell's `eval`, for what a child process cannot do to the shell that started it. Values come from a log
// that a stranger may have written: whatever they hold, a shell must read one word and run nothing.

import { SessionError } from './errors.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'pwsh'] as const;
export type Shell = (typeof SHELLS)[number];

interface Dialect {
  quote(value: string): string;
  cd(quoted: string): string;
  set(name: string, quoted: string): string;
}

/** In single quotes nothing is special but the quote itself, newlines included. */
const posix: Dialect = {
  quote: (value) => `'${value.replaceAll("'", `'\\''`)}'`,
  // `--` ends the options; `builtin` passes by functions and aliases of the name.
  cd: (quoted) => `builtin cd -- ${quoted}`,
  set: (name, quoted) => `export ${name}=${quoted}`,
};

const DIALECTS: Readonly<Record<Shell, Dialect>> = {
  bash: posix,
  zsh: posix,
  fish: {
    // In fish's single quotes a backslash escapes itself and the quote.
    quote: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`,
    // `eval (roo …)` joins lines by spaces, so each ends in a semicolon.
    cd: (quoted) => `builtin cd -- ${quoted};`,
    set: (name, quoted) => `set -gx ${name} ${quoted};`,
  },
  pwsh: {
    // PowerShell takes the typographic quotes for the straight one, and doubles each to escape it.
    quote: (value) => `'${value.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`,
    // -LiteralPath: no wildcards.
    cd: (quoted) => `Microsoft.PowerShell.Management\\Set-Location -LiteralPath ${quoted}`,
    set: (name, quoted) => `$env:${name} = ${quoted}`,
  },
};

/** What POSIX calls a name; anything else could be code. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface ShellState {
  /** Absolute; null to stay. */
  folder: string | null;
  environment: Readonly<Record<string, string>>;
}

/**
 * The lines, each with its end; a value with newlines takes several. Throws USAGE for a name that is no variable's, a
 * relative folder (`cd -` goes elsewhere, CDPATH too), or a zero byte, which no shell can hold.
 */
export function shellLines(shell: Shell, { folder, environment }: ShellState): string {
  const dialect = DIALECTS[shell];
  const lines: string[] = [];
  if (folder !== null) {
    if (!/^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(folder)) throw unsafe(`${folder} is no absolute folder`);
    lines.push(dialect.cd(quoted(dialect, folder)));
  }
  for (const [name, value] of Object.entries(environment)) {
    if (!NAME.test(name)) throw unsafe(`${name} is no name of a variable`);
    lines.push(dialect.set(name, quoted(dialect, value)));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function quoted({ quote }: Dialect, value: string): string {
  if (value.includes('\0')) throw unsafe('a value with a zero byte cannot be given to a shell');
  return quote(value);
}

function unsafe(message: string): SessionError {
  return new SessionError('USAGE', message, { op: 'load', hint: 'go on without --shell: roo -r REF' });
}
