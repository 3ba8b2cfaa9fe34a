// roo session find

import { count, text } from '../../args/values.ts';
import { safeLine } from '../../../core/safe-text.ts';
import type { Screen } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { age } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import { textWidthFor } from '../../output/text-width.ts';
import type { FoundMessage, FoundSession } from '../../types/session-types.ts';
import { defineCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { idShortener } from '../refs.ts';

const LIMIT_DEFAULT = 20;
/** What stands around the matched words of a snippet; see FoundMessage. */
const MARKS = /[\u0001\u0002]/g;

export const command = defineCommand({
  description: [
    'Searches messages, tool calls and their results in this project; --all searches every project. The best sessions ' +
      'come first, each with the places where it matched.',
    'Words must all occur; "a phrase" is taken as it stands; -word must not occur. Parts of words, identifiers and CJK ' +
      'text match too. tag: project: tool: role: file: status: before: and after: narrow the search.',
  ],
  flags: {
    all: { kind: 'switch', short: 'a', summary: 'sessions of all projects' },
    regex: { kind: 'switch', summary: 'the query is a regular expression' },
    limit: {
      kind: 'value',
      short: 'n',
      placeholder: 'N',
      parse: count,
      summary: `at most N sessions (${LIMIT_DEFAULT})`,
    },
    cursor: {
      kind: 'value',
      placeholder: 'CURSOR',
      parse: text,
      summary: 'go on from nextCursor of an earlier answer',
    },
  },
  arguments: {
    query: { kind: 'rest', min: 1, summary: 'words, "phrases", -not, tag:x tool:x role:x file:x after:x …' },
  },
  dashWords: 'allowed',
  examples: [
    { command: "roo session find 'connection refused' -docker", does: 'both words, without docker' },
    { command: 'roo session find --all tool:bash "npm publish" after:2026-01-01', does: 'commands of this year' },
    { command: "roo session find --regex 'E[A-Z]+: .*denied'", does: 'by a regular expression' },
  ],
  exits: [5],
  async run(context, flags, args) {
    const storage = await context.services.storage();
    const { sessions, nextCursor, truncated, warnings } = await storage.find(queryOf(args.query), {
      ...(!flags.all && { project: context.places.projectPath }),
      ...(flags.cursor !== undefined && { cursor: flags.cursor }),
      limit: flags.limit ?? LIMIT_DEFAULT,
      mode: flags.regex ? 'regex' : 'words',
    });
    context.report.warn(...warnings);
    if (truncated) context.report.note('only the newest hits were ranked; more words narrow the search');
    if (nextCursor !== null) context.report.note(`more with --limit N, or --cursor ${nextCursor}`);
    const hits = sessions.flatMap((session) => session.hits.map((hit): Hit => ({ session, hit })));
    const empty = flags.all ? 'Nothing found.' : 'Nothing found in this project; --all searches every project.';
    return {
      data: { nextCursor, truncated },
      list: { key: 'sessions', items: sessions },
      view: {
        ...rowsView(HIT_COLUMNS, hits, empty),
        table: (screen) => (sessions.length === 0 ? [`${empty}\n`] : blocks(context, sessions, screen)),
      },
    };
  },
});

interface Hit {
  session: FoundSession;
  hit: FoundMessage;
}

const HIT_COLUMNS: Column<Hit>[] = [
  { title: 'ID', value: ({ session }) => session.id },
  { title: 'NAME', value: ({ session }) => session.name },
  { title: 'ROLE', value: ({ hit }) => hit.role },
  { title: 'AT', value: ({ hit }) => hit.at },
  { title: 'MESSAGE', value: ({ hit }) => hit.messageId },
  { title: 'SNIPPET', value: ({ hit }) => hit.snippet.replace(MARKS, '') },
];

/** The shell took quotes away; a word with blanks gets them back, so that it stays the phrase it was. */
function queryOf(words: readonly string[]): string {
  if (words.length === 1) return words[0]!;
  return words.map((word) => (/\s/.test(word) && !word.includes('"') ? quoted(word) : word)).join(' ');
}

function quoted(word: string): string {
  const [, prefix = '', phrase = ''] = /^(-?(?:[a-z]+:)?)([^]*)$/.exec(word)!;
  return `${prefix}"${phrase}"`;
}

async function* blocks(context: CommandContext, sessions: FoundSession[], screen: Screen): AsyncIterable<string> {
  const { style } = screen;
  const nowMs = context.system.nowMs();
  const shortId = idShortener(
    context,
    sessions.map((session) => session.id),
  );
  for (const [i, session] of sessions.entries()) {
    const name = safeLine(session.name === '' ? '(no name)' : session.name);
    if (i > 0) yield '\n';
    yield `${style('yellow', shortId(session.id))}  ${style('bold', name)}  ${style('dim', age(session.updatedAt, nowMs))}\n`;
    for (const hit of session.hits) {
      const label = `  ${safeLine(hit.role)}: `;
      yield `${style('dim', label)}${await snippetLine(hit.snippet, screen, label.length)}\n`;
    }
  }
}

/** Cut to the line; the marks have no width and become bold only after the cut. */
async function snippetLine(snippet: string, { columns, style }: Screen, indent: number): Promise<string> {
  const pieces = snippet.split(MARKS).map((piece) => safeLine(piece));
  const text = await textWidthFor(pieces);
  let left = columns - indent;
  let line = '';
  for (const [i, piece] of pieces.entries()) {
    const cut = text.truncate(piece, Math.max(0, left));
    left -= text.width(cut);
    line += i % 2 === 1 ? style('bold', cut) : cut;
    if (cut !== piece) break;
  }
  return line;
}
