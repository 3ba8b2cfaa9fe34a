// What the model is told of changes that others made: short, in a fixed order, and bounded, because it is paid for.

import type { FileChange } from '../../core/record.ts';
import { changeWords, restWords } from '../../core/restore-files.ts';
import { oneLine } from '../../core/message-text.ts';

const LISTED_MAX = 50;
const PATH_CHARACTERS_MAX = 500;

/** Text for the next turn; '' where nothing changed. `missed`: while nobody watched. */
export function describeChanges(changes: readonly FileChange[], when: 'live' | 'missed' = 'live'): string {
  if (changes.length === 0) return '';
  const whose = when === 'live' ? 'since the last turn' : 'while the session was away';
  const lines = changes.slice(0, LISTED_MAX).map((change) => `- ${changeLine(change)}`);
  const rest = changes.slice(LISTED_MAX);
  if (rest.length > 0) lines.push(`- and ${rest.length} more: ${restWords(rest)}`);
  return [
    `Watched files were changed by somebody else ${whose}; read them again before relying on them:`,
    ...lines,
  ].join('\n');
}

function changeLine(change: FileChange): string {
  const path = oneLine(change.path, PATH_CHARACTERS_MAX);
  if (path.endsWith('/')) return `${path} (many files)`;
  return `${path} (${oneLine(changeWords(change), PATH_CHARACTERS_MAX)})`;
}
