// How a session looks as a row: the same columns in `list` and `find`, for people and for scripts.

import { displayPath } from '../../../core/project-path.ts';
import type { Column } from '../../output/column.ts';
import { age, amount, size } from '../../output/units.ts';
import type { SessionInfo } from '../../types/session-types.ts';
import type { CommandContext } from '../context.ts';
import { idShortener } from '../refs.ts';

/** In the order that docs/cli-json.md promises to scripts: new ones only at the end. */
export function sessionColumns(context: CommandContext, sessions: readonly SessionInfo[]): Column<SessionInfo>[] {
  const nowMs = context.system.nowMs();
  const shortId = idShortener(
    context,
    sessions.map((session) => session.id),
  );
  const projects = new Set(sessions.map((session) => session.project));
  const severalProjects = projects.size > 1 || !projects.has(context.places.projectPath);
  return [
    { title: 'ID', value: (one) => one.id, shown: (one) => shortId(one.id), style: () => 'yellow' },
    { title: 'NAME', value: (one) => one.name, shown: nameAndMarks, widthMin: 16 },
    {
      title: 'STATUS',
      value: (one) => one.status,
      style: (one) => (one.status === 'active' ? 'green' : undefined),
      dropOrder: 3,
    },
    { title: 'UPDATED', value: (one) => one.updatedAt, shown: (one) => age(one.updatedAt, nowMs) },
    {
      title: 'MESSAGES',
      value: (one) => one.messageCount,
      shown: (one) => amount(one.messageCount),
      align: 'right',
      dropOrder: 4,
    },
    { title: 'SIZE', value: (one) => one.size, shown: (one) => size(one.size), align: 'right', dropOrder: 5 },
    { title: 'AGENT', value: (one) => one.agent, dropOrder: 2 },
    {
      title: 'PROJECT',
      value: (one) => one.project,
      shown: (one) => displayPath(one.project, context.system.userFolder, 'sensitive'),
      widthMin: 10,
      dropOrder: 6,
      ...(!severalProjects && { hidden: 'in-tables' as const }),
    },
    {
      title: 'TAGS',
      value: (one) => one.tags.join(','),
      shown: (one) => one.tags.join(', '),
      style: () => 'cyan',
      widthMin: 6,
      dropOrder: 1,
      ...(!sessions.some((one) => one.tags.length > 0) && { hidden: 'in-tables' as const }),
    },
    { title: 'HEALTH', value: (one) => one.health, hidden: 'in-tables' },
    { title: 'ARCHIVED', value: (one) => one.archived, hidden: 'in-tables' },
    { title: 'CREATED', value: (one) => one.createdAt, hidden: 'in-tables' },
    { title: 'ENCRYPTED', value: (one) => one.encrypted, hidden: 'in-tables' },
  ];
}

/** What a person must not miss stands before the name, where no narrow terminal cuts it off. */
function nameAndMarks(session: SessionInfo): string {
  const marks = [
    ...(session.health === 'ok' || session.health === 'torn' ? [] : [session.health]),
    ...(session.archived ? ['archived'] : []),
    ...(session.encrypted ? ['encrypted'] : []),
  ];
  const name = session.name === '' ? '(no name)' : session.name;
  return marks.length === 0 ? name : `[${marks.join(', ')}] ${name}`;
}
