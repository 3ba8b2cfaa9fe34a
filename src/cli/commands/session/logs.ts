// roo session logs

import { safeText } from '../../../core/safe-text.ts';
import { count } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import type { Answer, View } from '../../output/answer.ts';
import { csvLines } from '../../output/csv.ts';
import { hasEnvelope } from '../../output/format.ts';
import { textView } from '../../output/views.ts';
import { defineCommand } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';
import { processesOf } from './session-process.ts';

export const command = defineCommand({
  description: [
    'Prints what a background process has said on both its outputs. Of a long log the older half may be gone; a line ' +
      'says so. Colours and cursor movements are left out, except in JSON.',
  ],
  flags: {
    last: { kind: 'value', short: 'n', placeholder: 'N', parse: count, summary: 'only the last N lines' },
    follow: { kind: 'switch', summary: 'go on with what comes, until the process ends or Ctrl-C' },
  },
  arguments: {
    ref: REF_ARGUMENT,
    process: { kind: 'one', summary: 'id of the process, as roo session processes lists it' },
  },
  examples: [
    { command: 'roo session logs @last p1 -n 20', does: 'its last words' },
    { command: 'roo session logs @current p1 --follow', does: 'watch what it says' },
  ],
  exits: [3, 5, 6, 8],
  async run(context, flags, args): Promise<Answer | null> {
    if (flags.follow && hasEnvelope(context.report.format)) {
      throw usage(`--follow has no end, and ${context.report.format} is one document`, 'use -f jsonl');
    }
    const processes = await processesOf(context, await resolveRef(context, args.ref));
    const range = { lastLines: flags.last };
    const lines = flags.follow
      ? processes.follow(args.process, range, context.system.signal)
      : processes.output(args.process, range);
    if (lines === null) {
      context.report.warn({
        code: 'PROCESS_NOT_FOUND',
        message: `no output of ${args.process} is kept on this machine`,
        hint: 'it was started on another one, or its log was dropped for newer ones',
      });
    }
    const items = lines ?? [];
    const process = processes.list().find(({ id }) => id === args.process);
    const answer: Answer = { data: { process }, list: { key: 'lines', items }, view: linesView(items) };
    if (!flags.follow) return answer;
    await context.report.write(answer, 'live');
    return null;
  },
});

function linesView(lines: AsyncIterable<string> | Iterable<string>): View {
  const chunks = async function* (): AsyncIterable<string> {
    for await (const line of lines) yield `${safeText(line.replace(CONTROL_SEQUENCES, '').replace(/\r$/, ''))}\n`;
  };
  return { ...textView(chunks), csv: () => csvLines([{ title: 'LINE', value: (line: string) => line }], lines) };
}

/** Colours, cursor movements and window titles (ECMA-48 CSI and OSC). */
// oxlint-disable-next-line no-control-regex
const CONTROL_SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;
