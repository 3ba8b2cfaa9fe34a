// roo session stats

import type { Column } from '../../output/column.ts';
import { amount, duration, money, plural, size } from '../../output/units.ts';
import { factsView, rowsView } from '../../output/views.ts';
import type { Fact } from '../../output/views.ts';
import type { Answer } from '../../output/answer.ts';
import type { SessionInfo } from '../../types/session-types.ts';
import { defineCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { allSessions, resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: ['Of one session, or without a reference of all sessions of this project; --all adds up every project.'],
  flags: { all: { kind: 'switch', short: 'a', summary: 'sessions of all projects' } },
  arguments: { ref: { ...REF_ARGUMENT, kind: 'optional' } },
  examples: [
    { command: 'roo session stats @last', does: 'what the latest session took' },
    { command: 'roo session stats --all -f json', does: 'everything there is, as JSON' },
  ],
  exits: [3, 5, 6, 8],
  async run(context, flags, args) {
    if (args.ref !== undefined) return ofOne(context, await resolveRef(context, args.ref));
    return ofMany(context, flags.all);
  },
});

interface Totals {
  sessions: number;
  duration: number;
  commandCount: number;
  messageCount: number;
  toolCallCount: number;
  tokens: { input: number; output: number; total: number };
  cost: number;
  size: number;
}

interface ToolUse {
  name: string;
  count: number;
  lastUsed: string;
}

const TOOL_COLUMNS: Column<ToolUse>[] = [
  { title: 'TOOL', value: (tool) => tool.name },
  { title: 'CALLS', value: (tool) => tool.count, shown: (tool) => amount(tool.count), align: 'right' },
];

async function ofOne(context: CommandContext, id: string): Promise<Answer> {
  const storage = await context.services.storage();
  const { session, fold, warnings } = storage.details(id);
  context.report.warn(...warnings);
  const tools = Object.entries(fold.tools)
    .map(([name, tool]): ToolUse => ({ name, count: tool.usageCount, lastUsed: tool.lastUsed }))
    .sort((a, b) => b.count - a.count);
  const totals = totalsOf([session]);
  const facts = factsView(factsOf(totals));
  const table = rowsView(TOOL_COLUMNS, tools, '');
  return {
    data: { session: { id: session.id, name: session.name }, totals, tools, usage: fold.usage, memory: memory() },
    view: {
      ...facts,
      async *table(screen) {
        yield* facts.table(screen);
        if (tools.length === 0) return;
        yield '\n';
        yield* table.table(screen);
      },
    },
  };
}

async function ofMany(context: CommandContext, all: boolean): Promise<Answer> {
  const storage = await context.services.storage();
  const filter = { archived: 'include' as const, ...(!all && { project: context.places.projectPath }) };
  const totals = totalsOf(allSessions(storage, filter, context));
  return { data: { totals, memory: memory() }, view: factsView(factsOf(totals)) };
}

function totalsOf(sessions: Iterable<SessionInfo>): Totals {
  const totals: Totals = {
    sessions: 0,
    duration: 0,
    commandCount: 0,
    messageCount: 0,
    toolCallCount: 0,
    tokens: { input: 0, output: 0, total: 0 },
    cost: 0,
    size: 0,
  };
  for (const one of sessions) {
    totals.sessions++;
    for (const key of ['duration', 'commandCount', 'messageCount', 'toolCallCount', 'cost', 'size'] as const)
      totals[key] += one[key];
    for (const key of ['input', 'output', 'total'] as const) totals.tokens[key] += one.tokens[key];
  }
  return totals;
}

function factsOf(totals: Totals): Fact[] {
  const { input, output, total } = totals.tokens;
  return [
    { key: 'sessions', label: 'Sessions', value: totals.sessions, shown: plural(totals.sessions, 'session') },
    { key: 'duration', label: 'Working time', value: totals.duration, shown: duration(totals.duration) },
    { key: 'commandCount', label: 'Prompts', value: totals.commandCount, shown: amount(totals.commandCount) },
    { key: 'messageCount', label: 'Messages', value: totals.messageCount, shown: amount(totals.messageCount) },
    { key: 'toolCallCount', label: 'Tool calls', value: totals.toolCallCount, shown: amount(totals.toolCallCount) },
    {
      key: 'tokens',
      label: 'Tokens',
      value: total,
      shown: `${amount(total)} (${amount(input)} in, ${amount(output)} out)`,
    },
    { key: 'cost', label: 'Cost', value: totals.cost, shown: money(totals.cost) },
    { key: 'size', label: 'Size', value: totals.size, shown: size(totals.size) },
    {
      key: 'peakMemoryBytes',
      label: 'Peak memory',
      value: memory().peakBytes,
      shown: `${size(memory().peakBytes)}, for this answer`,
    },
  ];
}

/** Of this process so far: what the operation needed at most. */
function memory(): { peakBytes: number } {
  return { peakBytes: process.resourceUsage().maxRSS * 1024 };
}
