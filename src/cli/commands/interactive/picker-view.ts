// What the session picker shows: the words typed, how many fit, a row for each session, and the chosen one in full.

import { basename } from 'node:path';
import { safeLine } from '../../../core/safe-text.ts';
import type { Style } from '../../output/style.ts';
import type { TextWidth } from '../../output/text-width.ts';
import { age, amount, plural, size } from '../../output/units.ts';
import type { SessionInfo } from '../../types/session-types.ts';

export type PickerScope = 'project' | 'all';

export interface PickerState {
  words: string;
  scope: PickerScope;
  found: readonly SessionInfo[];
  /** Place in `found`. */
  selected: number;
  /** Sessions that were searched. */
  total: number;
}

export interface PickerLook {
  columns: number;
  rows: number;
  nowMs: number;
  style: Style;
  text: TextWidth;
}

const PROMPT = 'resume> ';
const ID_CHARACTERS = 8;
/** Rows that are no sessions: the words, the count, the chosen one, the keys. */
const AROUND = 4;
const TAGS_PART = 0.3;
const CELL_CHARACTERS_MAX = 500;
const GAP = '  ';
/** Narrower screens show messages and size of the chosen session only. */
const WIDE_COLUMNS = 60;
const PROJECT_COLUMNS = 70;

/** At most `rows` lines, none wider than the screen; and where the cursor stands in the first one. */
export function pickerLines(state: PickerState, look: PickerLook): { lines: string[]; cursorColumn: number } {
  const { columns, rows, style, text } = look;
  const room = columns - 1;
  const words = safeLine(state.words);
  const shownWords = text.width(words) <= room - PROMPT.length ? words : `…${words.slice(-(room - PROMPT.length) / 2)}`;
  const listRows = Math.max(1, rows - AROUND);
  const first = Math.max(0, Math.min(state.selected - Math.floor(listRows / 2), state.found.length - listRows));
  const list = state.found.slice(first, first + listRows).map((session, i) => {
    const isSelected = first + i === state.selected;
    const row = `${isSelected ? '> ' : '  '}${sessionRow(session, state.scope, look, room - 2)}`;
    return isSelected ? style('cyan', row) : row;
  });
  const chosen = state.found[state.selected];
  const cut = (line: string): string => text.truncate(line, room);
  const where = state.scope === 'project' ? 'this project' : 'all projects';
  const other = state.scope === 'project' ? 'all projects' : 'this project';
  const lines = [
    `${style('bold', PROMPT)}${shownWords}`,
    style('dim', cut(`${amount(state.found.length)} of ${plural(state.total, 'session')}, ${where}`)),
    ...(list.length > 0 ? list : [cut('  no session fits')]),
    style('dim', cut(chosen === undefined ? '' : `  ${sessionFacts(chosen)}`)),
    style('dim', cut(`Enter goes on  Tab ${other}  Esc leaves`)),
  ];
  return { lines: lines.slice(0, rows), cursorColumn: PROMPT.length + text.width(shownWords) };
}

/** Cells of fixed width and then the title, so that the eye runs down straight columns. */
function sessionRow(
  session: SessionInfo,
  scope: PickerScope,
  { columns, nowMs, text }: PickerLook,
  room: number,
): string {
  const isWide = columns >= WIDE_COLUMNS;
  const since = age(session.updatedAt, nowMs);
  const cells = [session.id.slice(0, ID_CHARACTERS), isWide ? since.padStart(8) : shortAge(since).padStart(4)];
  if (isWide) cells.push(amount(session.messageCount).padStart(6), size(session.size).padStart(7));
  if (columns >= PROJECT_COLUMNS && scope === 'all') {
    const project = text.truncate(safeLine(basename(session.project)), 12);
    cells.push(text.pad(project, 12, 'left'));
  }
  const left = cells.join(GAP) + GAP;
  const rest = Math.max(0, room - text.width(left));
  const tags = safeLine(
    session.tags
      .map((tag) => `#${tag}`)
      .join(' ')
      .slice(0, CELL_CHARACTERS_MAX),
  );
  const shownTags = tags === '' ? '' : GAP + text.truncate(tags, Math.floor(rest * TAGS_PART));
  const title = text.truncate(safeLine(session.name.slice(0, CELL_CHARACTERS_MAX)), rest - text.width(shownTags));
  return text.truncate(left + title + shownTags, room);
}

/** `3h` for `3h ago`. */
function shortAge(since: string): string {
  return since.replace('just now', 'now').replace(' ago', '');
}

function sessionFacts({ project, agent, status, messageCount, size: bytes, tags }: SessionInfo): string {
  const facts = [plural(messageCount, 'message'), size(bytes), status, agent, ...tags.map((tag) => `#${tag}`), project];
  return safeLine(
    facts
      .filter((fact) => fact !== '')
      .join(' · ')
      .slice(0, CELL_CHARACTERS_MAX),
  );
}
