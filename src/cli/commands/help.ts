// Help pages, made from the same descriptions that the parser reads.

import { argumentUsage, flagWord } from '../args/flag.ts';
import type { Flag, Flags } from '../args/flag.ts';
import { EXIT_MEANINGS } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { plainStyle } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { BARE_FLAGS } from './bare-flags.ts';
import { GLOBAL_FLAGS } from './command.ts';
import type { Command, CommandTable } from './command.ts';
import { GROUPS, ROOT_COMMANDS } from './root-commands.ts';

const COLUMNS_MAX = 100;

export interface Page {
  columns: number;
  style: Style;
}
export const plainPage: Page = { columns: 80, style: plainStyle };

export function commandHelp(path: readonly string[], summary: string, command: Command, page: Page): string {
  const name = ['roo', ...path].join(' ');
  const usage = [
    name,
    ...Object.entries(command.arguments).map(([word, argument]) => argumentUsage(word, argument)),
    ...(Object.keys(command.flags).length > 0 ? ['[flags]'] : []),
  ].join(' ');
  const args = Object.entries(command.arguments).map(([word, one]): Row => [word, one.summary]);
  const exits = [...new Set<ExitCode>([0, 1, 2, ...command.exits, 130])].sort((a, b) => a - b);
  return sections(page, [
    ['', paragraphs([sentence(summary), ...command.description], page)],
    ['USAGE', [`  ${usage}`]],
    ['ARGUMENTS', rows(args, page)],
    ['FLAGS', flagRows(command.flags, page)],
    ['GLOBAL FLAGS', flagRows(GLOBAL_FLAGS, page)],
    ['EXAMPLES', command.examples.flatMap((one) => [page.style('dim', `  # ${one.does}`), `  $ ${one.command}`])],
    [
      'EXIT STATUS',
      rows(
        exits.map((code): Row => [String(code), EXIT_MEANINGS[code]]),
        page,
      ),
    ],
  ]);
}

export function groupHelp(group: string, page: Page): string {
  const { table } = GROUPS[group]!;
  return sections(page, [
    ['', paragraphs(['Keep, find, tidy and bring back sessions.'], page)],
    ['USAGE', [`  roo ${group} <command> [flags]`]],
    ...tableSections(table, page),
    ['REFERENCES', paragraphs([REFERENCES], page, '  ')],
    ['GLOBAL FLAGS', flagRows(GLOBAL_FLAGS, page)],
    ['EXAMPLES', examples(GROUP_EXAMPLES, page)],
    ['', [`See roo ${group} <command> --help for flags, examples and exit status of a command.`]],
  ]);
}

export function rootHelp(page: Page): string {
  const groups = Object.entries(GROUPS).map(([name, { summary }]): Row => [name, summary]);
  return sections(page, [
    ['', paragraphs(['roo keeps everything that an agent session did, finds it again, and takes you back.'], page)],
    ['USAGE', ['  roo [flags]', '  roo <command> [flags]']],
    [
      'COMMANDS',
      rows([...groups, ...Object.entries(ROOT_COMMANDS).map(([name, one]): Row => [name, one.summary])], page),
    ],
    ['FLAGS', flagRows(BARE_FLAGS, page)],
    ['GLOBAL FLAGS', flagRows(GLOBAL_FLAGS, page)],
    ['EXAMPLES', examples(ROOT_EXAMPLES, page)],
    ['ENVIRONMENT', rows(VARIABLES, page)],
    ['', ['See roo <command> --help for more on a command.']],
  ]);
}

const REFERENCES =
  'A session is named by its id, the beginning of its id (4 characters or more), its exact name, its id in the agent ' +
  "it came from, @last (this project's latest) or @current.";
const ROOT_EXAMPLES = [
  ['roo', 'a new session in this folder'],
  ['roo -c', 'go on where you left off'],
  ['roo session discover --import', 'bring in the sessions of your other agents'],
  ['roo session find "connection refused"', 'find where that came up'],
] as const;
const GROUP_EXAMPLES = [
  ['roo session list --since 7d', 'what was done this week'],
  ['roo session show @last', 'read the latest session again'],
  ['roo session export @last markdown -o notes.md', 'hand it to somebody'],
] as const;
const VARIABLES: readonly Row[] = [
  ['ROO_HOME', 'folder of settings and machine-local state (~/.roo)'],
  ['ROO_SESSIONS_DIR', 'folder of the sessions ($ROO_HOME/sessions)'],
  ['ROO_SESSION', 'the current session; set for every command that roo runs'],
  ['ROO_OUTPUT_FORMAT', 'output format when no --format is given'],
  ['ROO_MODEL', 'model to ask'],
  ['ROO_DEBUG', '1 prints stacks, timings and peak memory'],
];

type Row = [term: string, text: string];
type Section = [title: string, lines: string[]];

function sections(page: Page, parts: readonly Section[]): string {
  return `${parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => (title === '' ? lines : [page.style('bold', title), ...lines]).join('\n'))
    .join('\n\n')}\n`;
}

function tableSections(table: CommandTable, page: Page): Section[] {
  const groups = new Map<string, Row[]>();
  const width = Math.max(...Object.keys(table).map((name) => name.length));
  for (const [name, entry] of Object.entries(table)) {
    const text = entry.aliases === undefined ? entry.summary : `${entry.summary} (also ${entry.aliases.join(', ')})`;
    groups.set(entry.group, [...(groups.get(entry.group) ?? []), [name.padEnd(width), text]]);
  }
  return [...groups].map(([group, list]): Section => [group.toUpperCase(), rows(list, page)]);
}

function flagRows(flags: Flags, page: Page): string[] {
  const shown = Object.entries(flags).filter(([, flag]) => flag.hidden === undefined);
  return rows(
    shown.map(([name, flag]): Row => [flagTerm(name, flag), flag.summary]),
    page,
  );
}

function flagTerm(name: string, flag: Flag): string {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  const value =
    flag.kind === 'switch'
      ? ''
      : flag.kind === 'value' && flag.bare !== undefined
        ? ` [${flag.placeholder}]`
        : ` ${flag.placeholder}`;
  return `${short}--${flagWord(name)}${value}`;
}

function examples(list: readonly (readonly [string, string])[], page: Page): string[] {
  return list.flatMap(([command, does]) => [page.style('dim', `  # ${does}`), `  $ ${command}`]);
}

function rows(list: readonly Row[], page: Page): string[] {
  const width = list.reduce((widest, [term]) => Math.max(widest, term.length), 0);
  return list.flatMap(([term, text]) => {
    const [first = '', ...rest] = wrap(text, Math.min(page.columns, COLUMNS_MAX) - width - 4);
    return [`  ${term.padEnd(width)}  ${first}`.trimEnd(), ...rest.map((line) => `${' '.repeat(width + 4)}${line}`)];
  });
}

function paragraphs(texts: readonly string[], page: Page, indent = ''): string[] {
  const width = Math.min(page.columns, COLUMNS_MAX) - indent.length;
  return texts.flatMap((text, i) => [...(i > 0 ? [''] : []), ...wrap(text, width).map((line) => indent + line)]);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, width)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

function sentence(summary: string): string {
  return `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
}
