// What the model is told of changes that others made: short, in a fixed order, and bounded, because it is paid for.

import type { FileChange } from '../../core/record.ts';
import { changeWords, restWords } from '../../core/restore-files.ts';
import { oneLine } from '../../core/message-text.ts';

const LISTED_MAX = 50;
const PATH_CHARACTERS_MAX = 500;

/** `missed`: by others, while nobody watched. `command`: while a command of the session ran, which need not have done it. */
export type ChangeCause = 'others' | 'missed' | 'command';

const CAUSES: Readonly<Record<ChangeCause, string>> = {
  others: 'were changed by somebody else since the last turn',
  missed: 'were changed by somebody else while the session was away',
  command: 'changed while a command of this session ran',
};

/** Text for the next turn; '' where nothing changed. */
export function describeChanges(changes: readonly FileChange[], cause: ChangeCause): string {
  if (changes.length === 0) return '';
  const lines = changes.slice(0, LISTED_MAX).map((change) => `- ${changeLine(change)}`);
  const rest = changes.slice(LISTED_MAX);
  if (rest.length > 0) lines.push(`- and ${rest.length} more: ${restWords(rest)}`);
  return [`Watched files ${CAUSES[cause]}; read them again before relying on them:`, ...lines].join('\n');
}

function changeLine(change: FileChange): string {
  const path = oneLine(change.path, PATH_CHARACTERS_MAX);
  if (path.endsWith('/')) return `${path} (many files)`;
  return `${path} (${oneLine(changeWords(change), PATH_CHARACTERS_MAX)})`;
}
