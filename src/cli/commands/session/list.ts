// roo session list

import { count, momentOf, choices, text, when } from '../../args/values.ts';
import { rowsView } from '../../output/views.ts';
import type { SessionFilter } from '../../types/session-types.ts';
import { defineCommand, NO_ARGUMENTS } from '../command.ts';
import { sessionColumns } from './session-columns.ts';
import { STATUSES } from './session-flags.ts';

const SORTS = ['updated', 'created', 'name', 'size', 'messages'] as const;
const ORIGINS = ['human', 'headless', 'subagent', 'import', 'fork'] as const;
const LIMIT_DEFAULT = 50;

export const command = defineCommand({
  description: [
    'Shows the sessions of this project; --all shows those of every project. Archived sessions and the trash are ' +
      'left out unless asked for.',
  ],
  flags: {
    all: { kind: 'switch', short: 'a', summary: 'sessions of all projects' },
    tag: { kind: 'list', placeholder: 'TAG', parse: text, summary: 'only with this tag; repeat for all of several' },
    status: {
      kind: 'list',
      placeholder: 'STATUS',
      ...choices(STATUSES),
      summary: `only ${STATUSES.join(', ')}`,
    },
    since: { kind: 'value', placeholder: 'TIME', parse: when, summary: 'changed since: an age (7d, 12h) or a date' },
    until: { kind: 'value', placeholder: 'TIME', parse: when, summary: 'changed until: an age or a date' },
    origin: {
      kind: 'list',
      placeholder: 'ORIGIN',
      parse: text,
      complete: ORIGINS,
      summary: `how it began: ${ORIGINS.join(', ')}`,
    },
    archived: { kind: 'switch', summary: 'only archived sessions' },
    trash: { kind: 'switch', summary: 'only what is in the trash' },
    damaged: { kind: 'switch', summary: 'only sessions with damage' },
    limit: {
      kind: 'value',
      short: 'n',
      placeholder: 'N',
      parse: count,
      summary: `at most N sessions (${LIMIT_DEFAULT})`,
    },
    sort: {
      kind: 'value',
      placeholder: 'KEY',
      ...choices(SORTS),
      summary: `order by ${SORTS.join(', ')} (updated)`,
    },
    cursor: {
      kind: 'value',
      placeholder: 'CURSOR',
      parse: text,
      summary: 'go on from nextCursor of an earlier answer',
    },
  },
  arguments: NO_ARGUMENTS,
  examples: [
    { command: 'roo session list --since 7d', does: 'this week, in this project' },
    { command: 'roo session list --all --tag release --sort size', does: 'the largest release sessions anywhere' },
    { command: "roo session list -f json | jq -r '.data.sessions[].id'", does: 'ids, for a script' },
  ],
  exits: [5],
  async run(context, flags) {
    const nowMs = context.system.nowMs();
    const filter: SessionFilter = {
      ...(!flags.all && { project: context.places.projectPath }),
      ...(flags.tag.length > 0 && { tags: flags.tag }),
      ...(flags.status.length > 0 && { status: flags.status }),
      ...(flags.origin.length > 0 && { origin: flags.origin }),
      ...(flags.since && { since: momentOf(flags.since, 'since', nowMs) }),
      ...(flags.until && { until: momentOf(flags.until, 'until', nowMs) }),
      ...(flags.archived && { archived: 'only' }),
      ...(flags.trash && { trash: 'only' }),
      ...(flags.damaged && { damaged: 'only' }),
      ...(flags.sort && { sort: flags.sort }),
      ...(flags.cursor !== undefined && { cursor: flags.cursor }),
      limit: flags.limit ?? LIMIT_DEFAULT,
    };
    const storage = await context.services.storage();
    const { sessions, nextCursor, warnings } = storage.list(filter);
    context.report.warn(...warnings);
    if (nextCursor !== null) {
      context.report.note(`${sessions.length} shown; more with --limit N, or --cursor ${nextCursor}`);
    }
    const empty = flags.all ? 'No sessions.' : 'No such sessions in this project; --all looks in every project.';
    return {
      data: { nextCursor },
      list: { key: 'sessions', items: sessions },
      view: rowsView(sessionColumns(context, sessions), sessions, empty),
    };
  },
});
