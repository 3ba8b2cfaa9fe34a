// What `/help` prints: every command with what it does, fitted to the screen.

export interface HelpEntry {
  usage: string;
  summary: string;
}

const SHELL: readonly HelpEntry[] = [
  { usage: '!COMMAND', summary: 'run a command; it and its output become part of the session' },
  { usage: '!COMMAND &', summary: 'start it in the background; it outlives roo' },
];
const PROMPT: readonly HelpEntry[] = [
  {
    usage: 'anything else',
    summary: 'goes to the model; @FILE adds a file; a line that ends in \\ goes on in the next',
  },
  { usage: 'Esc, Ctrl-C', summary: 'interrupt what runs; what came of it is kept' },
];
const USAGE_COLUMNS = 26;
const INDENT = '    ';
/** Narrower than this, what a command does stands below it. */
const BESIDE_COLUMNS_MIN = 60;

/** No line is wider than the columns, unless a word is. All of it is ASCII or as wide. */
export function slashHelp(commands: readonly HelpEntry[], columns: number): string[] {
  const room = Math.max(1, columns - 1);
  return [...SHELL, ...commands, ...PROMPT].flatMap(({ usage, summary }) => {
    const isBeside = room >= BESIDE_COLUMNS_MIN && usage.length < USAGE_COLUMNS;
    if (!isBeside)
      return [...wrapped(usage, room), ...wrapped(summary, room - INDENT.length).map((line) => INDENT + line)];
    const [first = '', ...rest] = wrapped(summary, room - USAGE_COLUMNS);
    return [usage.padEnd(USAGE_COLUMNS) + first, ...rest.map((line) => ' '.repeat(USAGE_COLUMNS) + line)];
  });
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
