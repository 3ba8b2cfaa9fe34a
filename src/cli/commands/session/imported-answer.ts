// What `import` and `discover --import` say about the sessions that came in.

import type { Answer } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { plural } from '../../output/units.ts';
import { deedsView } from '../../output/views.ts';
import type { ImportedSession } from '../../types/storage-types.ts';
import type { CommandContext } from '../context.ts';
import { idShortener } from '../refs.ts';

const COLUMNS: Column<ImportedSession>[] = [
  { title: 'ID', value: (one) => one.id },
  { title: 'STATUS', value: (one) => one.status },
  { title: 'AGENT', value: (one) => one.agent },
  { title: 'NAME', value: (one) => one.name },
  { title: 'MESSAGES', value: (one) => one.messages },
  { title: 'TOOL_CALLS', value: (one) => one.toolCalls },
  { title: 'QUARANTINED', value: (one) => one.quarantined },
];

export function importedAnswer(
  context: CommandContext,
  imported: readonly ImportedSession[],
  verb: 'imported' | 'would import',
): Answer {
  const shortId = idShortener(
    context,
    imported.map((one) => one.id),
  );
  return {
    data: {},
    list: { key: 'imported', items: imported },
    view: deedsView(COLUMNS, imported, (one) => {
      const what =
        one.status === 'unchanged' ? 'unchanged' : one.status === 'updated' ? `${verb} what is new in` : verb;
      const kept =
        one.quarantined === 0
          ? ''
          : `, ${plural(one.quarantined, 'entry').replace(/entrys$/, 'entries')} not understood and kept`;
      const counts = `${plural(one.messages, 'message')}, ${plural(one.toolCalls, 'tool call')}${kept}`;
      return `${what} ${shortId(one.id)}  ${one.name}  (${one.agent}; ${counts})`;
    }),
  };
}
