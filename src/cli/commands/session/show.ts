// roo session show

import { count, text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import type { Answer, View } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { csvLines } from '../../output/csv.ts';
import { plainStyle } from '../../output/style.ts';
import { transcriptMarkdown } from '../../output/transcript-markdown.ts';
import { transcriptText } from '../../output/transcript.ts';
import { textView } from '../../output/views.ts';
import { partText } from '../../../core/message-text.ts';
import type { ShownSession, ShowRange } from '../../types/service-types.ts';
import type { ShownMessage } from '../../types/session-types.ts';
import { defineCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';
import { followMessages } from './show-follow.ts';

const LAST_ON_A_TERMINAL = 50;

export const command = defineCommand({
  description: [
    'Prints who said what and when. Tool results are folded to a few lines; --tools shows them whole, and the thinking ' +
      `of models too. On a terminal the last ${LAST_ON_A_TERMINAL} messages are shown; elsewhere all of them.`,
  ],
  flags: {
    last: { kind: 'value', short: 'n', placeholder: 'N', parse: count, summary: 'only the last N messages' },
    from: { kind: 'value', placeholder: 'MESSAGE', parse: text, summary: 'from this message on: its id or number' },
    to: { kind: 'value', placeholder: 'MESSAGE', parse: text, summary: 'up to this message: its id or number' },
    tools: { kind: 'switch', summary: 'show tool calls and results whole' },
    raw: { kind: 'switch', summary: 'the records of the log as JSON Lines, all branches' },
    follow: { kind: 'switch', summary: 'go on with new messages, whoever writes them, until Ctrl-C' },
  },
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: 'roo session show @last -n 5', does: 'the end of the latest session' },
    { command: 'roo session show 3f2a --tools | less', does: 'everything, page by page' },
    { command: 'roo session show @current --follow', does: 'watch what an agent is doing' },
  ],
  exits: [3, 5, 6, 8],
  async run(context, flags, args): Promise<Answer | null> {
    const range = rangeOf(flags);
    if (flags.raw && (flags.follow || flags.tools || Object.keys(range).length > 0)) {
      throw usage('--raw shows every record and goes with no other choice', 'leave the other flags out');
    }
    const id = await resolveRef(context, args.ref);
    const tools = flags.tools ? 'whole' : 'folded';
    if (flags.raw) return rawRecords(context, id);
    if (flags.follow) {
      await followMessages(context, id, range, (messages) => transcriptView(messages, tools));
      return null;
    }
    const storage = await context.services.storage();
    const shortened = context.report.isTerminal && context.report.format === 'table' && Object.keys(range).length === 0;
    const shown = storage.show(id, shortened ? { last: LAST_ON_A_TERMINAL } : range);
    context.report.warn(...shown.warnings);
    if (shortened && shown.session.messageCount > LAST_ON_A_TERMINAL) {
      const { messageCount } = shown.session;
      context.report.note(
        `the last ${LAST_ON_A_TERMINAL} of ${messageCount} messages; more with --last N, all with --from 1`,
      );
    }
    const messages = withLateWarnings(context, shown);
    return {
      data: { session: shown.session },
      list: { key: 'messages', items: messages },
      view: transcriptView(messages, tools),
    };
  },
});

function rangeOf(flags: { last: number | undefined; from: string | undefined; to: string | undefined }): ShowRange {
  if (flags.last !== undefined && (flags.from !== undefined || flags.to !== undefined)) {
    throw usage('--last does not go with --from and --to', 'use one or the other');
  }
  return {
    ...(flags.last !== undefined && { last: flags.last }),
    ...(flags.from !== undefined && { from: flags.from }),
    ...(flags.to !== undefined && { to: flags.to }),
  };
}

/** Damage deep in a log shows only when its messages are read: what came up since is said behind the last one. */
async function* withLateWarnings(context: CommandContext, shown: ShownSession): AsyncIterable<ShownMessage> {
  const said = new Set(shown.warnings);
  yield* shown.messages;
  context.report.warn(...shown.warnings.filter((warning) => !said.has(warning)));
}

const COLUMNS: Column<ShownMessage>[] = [
  { title: 'ID', value: (message) => message.id },
  { title: 'ROLE', value: (message) => message.role },
  { title: 'AT', value: (message) => message.at },
  { title: 'MODEL', value: (message) => message.model },
  { title: 'TEXT', value: (message) => message.parts.map(wordsOf).filter(Boolean).join('\n\n') },
];

function wordsOf(part: ShownMessage['parts'][number]): string {
  return part.type === 'tool-result' ? part.output : partText(part);
}

function transcriptView(messages: AsyncIterable<ShownMessage>, tools: 'folded' | 'whole'): View {
  return {
    table: ({ style }) => mapped(messages, (one) => transcriptText(one, { style, tools, times: 'local' })),
    plain: () => mapped(messages, (one) => transcriptText(one, { style: plainStyle, tools, times: 'iso' })),
    markdown: () => mapped(messages, (one) => transcriptMarkdown(one, tools)),
    csv: () => csvLines(COLUMNS, messages),
  };
}

async function* mapped(
  messages: AsyncIterable<ShownMessage>,
  text: (message: ShownMessage) => string,
): AsyncIterable<string> {
  for await (const message of messages) yield text(message);
}

async function rawRecords(context: CommandContext, id: string): Promise<Answer> {
  const { jsonText } = await import('../../output/json.ts');
  const storage = await context.services.storage();
  const lines = async function* (): AsyncIterable<string> {
    for await (const record of storage.records(id)) yield `${jsonText(record)}\n`;
  };
  const { session, warnings } = storage.details(id);
  context.report.warn(...warnings);
  return { data: { session }, list: { key: 'records', items: storage.records(id) }, view: textView(lines) };
}
