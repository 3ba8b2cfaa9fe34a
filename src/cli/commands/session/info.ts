// roo session info

import { factsView } from '../../output/views.ts';
import type { Fact } from '../../output/views.ts';
import { age, amount, duration, localTime, money, plural, size } from '../../output/units.ts';
import { isReadOnly } from '../../../core/read-only.ts';
import { displayPath } from '../../../core/project-path.ts';
import { openCallsOf, processWords } from '../../services/open-calls.ts';
import type { OpenCallInfo } from '../../services/open-calls.ts';
import type { SessionDetails } from '../../types/service-types.ts';
import { defineCommand, NO_FLAGS } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: ['Metadata, statistics, state, links and health. No message is read.'],
  flags: NO_FLAGS,
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: 'roo session info @last', does: 'the latest session of this project' },
    { command: 'roo session info 3f2a -f json', does: 'the same as JSON' },
  ],
  exits: [3, 5, 6, 8],
  async run(context, _flags, args) {
    const storage = await context.services.storage();
    const details = storage.details(await resolveRef(context, args.ref));
    context.report.warn(...details.warnings);
    const { session, fold, config, holder } = details;
    const openCalls = openCallsOf(fold);
    return {
      data: {
        session,
        state: fold.state,
        config,
        readOnly: isReadOnly(fold),
        checkpoints: fold.checkpoints.length,
        quarantined: fold.counts.quarantined,
        interruptedCalls: Object.keys(fold.openCalls).length,
        openCalls,
        holder,
      },
      view: factsView(factsOf(details, openCalls, context.system.nowMs(), context.system.userFolder)),
    };
  },
});

function factsOf(
  details: SessionDetails,
  openCalls: readonly OpenCallInfo[],
  nowMs: number,
  userFolder: string,
): Fact[] {
  const { session, fold, holder, recipients } = details;
  const moment = (iso: string): string => `${localTime(iso)}, ${age(iso, nowMs)}`;
  return [
    { key: 'id', label: 'Session', value: session.id, style: 'yellow' },
    { key: 'name', label: 'Name', value: session.name, style: 'bold' },
    { key: 'description', label: 'Description', value: session.description },
    { key: 'status', label: 'Status', value: session.status },
    { key: 'outcome', label: 'Outcome', value: session.outcome },
    { key: 'tags', label: 'Tags', value: session.tags.join(','), shown: session.tags.join(', ') },
    {
      key: 'project',
      label: 'Project',
      value: session.project,
      shown: displayPath(session.project, userFolder, 'sensitive'),
    },
    {
      key: 'workingDirectory',
      label: 'Folder',
      value: session.workingDirectory,
      shown:
        session.workingDirectory === session.project
          ? ''
          : displayPath(session.workingDirectory, userFolder, 'sensitive'),
    },
    { key: 'createdAt', label: 'Created', value: session.createdAt, shown: moment(session.createdAt) },
    { key: 'updatedAt', label: 'Updated', value: session.updatedAt, shown: moment(session.updatedAt) },
    { key: 'lastAccessedAt', label: 'Opened', value: session.lastAccessedAt, shown: moment(session.lastAccessedAt) },
    { key: 'agent', label: 'Agent', value: session.agent, shown: `${session.agent} (${session.origin})` },
    { key: 'origin', label: 'Origin', value: session.origin, shown: '' },
    { key: 'model', label: 'Model', value: fold.model ?? null },
    { key: 'duration', label: 'Working time', value: session.duration, shown: duration(session.duration) },
    {
      key: 'messageCount',
      label: 'Messages',
      value: session.messageCount,
      shown: amount(session.messageCount),
    },
    { key: 'commandCount', label: 'Prompts', value: session.commandCount, shown: amount(session.commandCount) },
    { key: 'toolCallCount', label: 'Tool calls', value: session.toolCallCount, shown: toolCalls(details) },
    {
      key: 'openCalls',
      label: holder === null ? 'Interrupted' : 'Running',
      value: openCalls.map(({ callId }) => callId).join(','),
      shown: openCalls.map(openCallLine).join('\n'),
    },
    { key: 'tokens', label: 'Tokens', value: session.tokens.total, shown: amount(session.tokens.total) },
    { key: 'cost', label: 'Cost', value: session.cost, shown: session.cost === 0 ? '' : money(session.cost) },
    { key: 'size', label: 'Size', value: session.size, shown: size(session.size) },
    { key: 'encrypted', label: 'Encrypted', value: session.encrypted, shown: session.encrypted ? 'yes' : '' },
    { key: 'recipients', label: 'Readable by', value: recipients.join(','), shown: recipients.join('\n') },
    {
      key: 'readOnly',
      label: 'Read-only',
      value: isReadOnly(fold),
      shown: isReadOnly(fold) ? `yes; roo session edit ${session.id} --writable changes that` : '',
    },
    { key: 'archived', label: 'Archived', value: session.archived, shown: session.archived ? 'yes' : '' },
    { key: 'health', label: 'Health', value: session.health, style: healthStyle(session.health) },
    {
      key: 'links',
      label: 'Links',
      value: session.links.map((link) => `${link.kind}:${link.sessionId}`).join(','),
      shown: session.links.map((link) => `${link.kind} ${link.sessionId}`).join('\n'),
    },
    {
      key: 'openFiles',
      label: 'Open files',
      value: fold.state.openFiles.join(','),
      shown: fold.state.openFiles.join('\n'),
    },
    {
      key: 'holder',
      label: 'In use by',
      value: holder === null ? null : `${holder.pid}@${holder.host}`,
      shown: holder === null ? '' : `process ${holder.pid} on ${holder.host}, since ${age(holder.since, nowMs)}`,
    },
  ];
}

function openCallLine({ name, input, process }: OpenCallInfo): string {
  return [`${name} ${input}`, ...(process ? [processWords(process)] : [])].join('; ');
}

export function healthStyle(health: string): 'green' | 'yellow' | 'red' {
  return health === 'ok' ? 'green' : health === 'torn' ? 'yellow' : 'red';
}

function toolCalls({ session, fold }: SessionDetails): string {
  const open = Object.keys(fold.openCalls).length;
  const counted = amount(session.toolCallCount);
  return open === 0 ? counted : `${counted}, ${plural(open, 'call')} without an end`;
}
