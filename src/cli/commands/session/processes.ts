// roo session processes

import { text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import type { Column } from '../../output/column.ts';
import type { StyleName } from '../../output/style.ts';
import { age, size } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import type { SessionProcess } from '../../services/session-processes.ts';
import { defineCommand } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';
import { processesOf } from './session-process.ts';

export const command = defineCommand({
  description: [
    'Background processes go on when roo ends. One is lost where nobody saw how it ended: the machine was started ' +
      'again, or it runs on another one. Nothing is ever run again unless --restart asks for it.',
  ],
  flags: {
    stop: { kind: 'value', placeholder: 'ID', parse: text, summary: 'end this one and all that it started' },
    restart: {
      kind: 'value',
      placeholder: 'ID',
      parse: text,
      summary: 'run the command of this one again, as a new one',
    },
  },
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: 'roo session processes @last', does: 'what runs, and how the others ended' },
    { command: 'roo session processes @last --stop p2', does: 'end one' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    if (flags.stop !== undefined && flags.restart !== undefined) {
      throw usage('--stop and --restart do not go together', 'a restart stops the process first');
    }
    const processes = await processesOf(context, await resolveRef(context, args.ref));
    if (flags.stop !== undefined) await processes.stop(flags.stop);
    if (flags.restart !== undefined) await processes.restart(flags.restart, context.system.env);
    const items = processes.list();
    return {
      data: {},
      list: { key: 'processes', items },
      view: rowsView(columnsAt(context.system.nowMs()), items, 'No background processes.'),
    };
  },
});

const STYLES: Readonly<Record<SessionProcess['status'], StyleName>> = {
  running: 'green',
  exited: 'dim',
  lost: 'yellow',
};

function columnsAt(nowMs: number): Column<SessionProcess>[] {
  return [
    { title: 'ID', value: (one) => one.id, style: () => 'yellow' },
    { title: 'STATUS', value: (one) => one.status, style: (one) => STYLES[one.status] },
    { title: 'PID', value: (one) => one.pid, align: 'right' },
    { title: 'EXIT_CODE', value: (one) => one.exitCode, align: 'right' },
    { title: 'STARTED', value: (one) => one.startedAt, shown: (one) => age(one.startedAt, nowMs) },
    { title: 'ENDED', value: (one) => one.endedAt, shown: (one) => (one.endedAt ? age(one.endedAt, nowMs) : '') },
    { title: 'LOG', value: (one) => one.logBytes, shown: (one) => size(one.logBytes), align: 'right' },
    { title: 'COMMAND', value: (one) => one.command, widthMin: 20 },
    { title: 'REASON', value: (one) => one.reason, widthMin: 10 },
  ];
}
