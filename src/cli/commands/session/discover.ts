// roo session discover

import { displayPath } from '../../../core/project-path.ts';
import { text } from '../../args/values.ts';
import type { Answer } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { age, size } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import type { DiscoveredSession } from '../../types/service-types.ts';
import type { ImportedSession } from '../../types/storage-types.ts';
import { defineCommand, NO_ARGUMENTS } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { importedAnswer } from './imported-answer.ts';

export const command = defineCommand({
  description: [
    'Looks for the sessions that other agents keep on this machine. --import brings them in; run again, it brings only ' +
      'what is new. The originals are read and never changed.',
  ],
  flags: {
    import: { kind: 'switch', summary: 'bring in what is new or has grown' },
    agent: { kind: 'list', placeholder: 'AGENT', parse: text, summary: 'only sessions of this agent' },
  },
  arguments: NO_ARGUMENTS,
  examples: [
    { command: 'roo session discover', does: 'what there is' },
    { command: 'roo session discover --import --agent claude-code', does: 'bring in the sessions of one agent' },
  ],
  exits: [5, 6, 7],
  async run(context, flags) {
    const found = await discovered(context, flags.agent);
    return flags.import ? importAll(context, found) : listing(context, found);
  },
});

async function discovered(context: CommandContext, agents: readonly string[]): Promise<DiscoveredSession[]> {
  const serializer = await context.services.serializer();
  const progress = context.report.progress('looking for sessions');
  const found: DiscoveredSession[] = [];
  const discovery = serializer.discover(context.system.userFolder);
  for await (const one of discovery) {
    if (agents.length > 0 && !agents.includes(one.agent)) continue;
    found.push(one);
    progress.step(found.length, 0);
  }
  progress.end();
  context.report.warn(...discovery.warnings);
  return found.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
}

function listing(context: CommandContext, found: readonly DiscoveredSession[]): Answer {
  const nowMs = context.system.nowMs();
  const { userFolder } = context.system;
  const columns: Column<DiscoveredSession>[] = [
    { title: 'STATUS', value: (one) => one.status, style: (one) => (one.status === 'unchanged' ? 'dim' : 'green') },
    { title: 'AGENT', value: (one) => one.agent },
    { title: 'ID', value: (one) => one.id, hidden: 'in-tables' },
    { title: 'TITLE', value: (one) => one.title, widthMin: 16 },
    { title: 'UPDATED', value: (one) => one.updatedAt, shown: (one) => age(one.updatedAt, nowMs) },
    { title: 'SIZE', value: (one) => one.sizeBytes, shown: (one) => size(one.sizeBytes), align: 'right', dropOrder: 2 },
    {
      title: 'PROJECT',
      value: (one) => one.project,
      shown: (one) => displayPath(one.project, userFolder, 'sensitive'),
      widthMin: 10,
      dropOrder: 1,
    },
    { title: 'PATH', value: (one) => one.path, hidden: 'in-tables' },
    { title: 'IMPORTED_AS', value: (one) => one.importedAs, hidden: 'in-tables' },
  ];
  const fresh = found.filter((one) => one.status !== 'unchanged').length;
  if (fresh > 0) context.report.note(`${fresh} to bring in: roo session discover --import`);
  return {
    data: {},
    list: { key: 'discovered', items: found },
    view: rowsView(columns, found, 'No sessions of other agents found.'),
  };
}

async function importAll(context: CommandContext, found: readonly DiscoveredSession[]): Promise<Answer> {
  const serializer = await context.services.serializer();
  const wanted = found.filter((one) => one.status !== 'unchanged');
  const progress = context.report.progress('importing');
  const imported: ImportedSession[] = [];
  for (const [i, one] of wanted.entries()) {
    progress.step(i, wanted.length);
    if (context.system.signal.aborted) break;
    try {
      const result = await serializer.importDiscovered(one);
      imported.push(...result.imported);
      context.report.warn(...result.warnings);
    } catch (error) {
      // One session that cannot be read must not keep the others out; it is reported and shows in the exit code.
      context.report.fail(error);
    }
  }
  progress.end();
  const answer = importedAnswer(context, imported, 'imported');
  const unchanged = found.length - wanted.length;
  if (imported.length === 0)
    context.report.note(found.length === 0 ? 'no sessions of other agents found' : 'nothing new');
  return { ...answer, data: { found: found.length, unchanged } };
}
