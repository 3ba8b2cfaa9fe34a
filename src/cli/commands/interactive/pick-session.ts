// The picker of sessions: type to search, arrows and Enter to choose. It is built on our own keyboard and not on
// @inquirer/search, whose source is asked again only when the words change (so no key could show all projects), which
// has no Esc, and which prints what it is given.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionError } from '../../../core/errors.ts';
import { usage } from '../../args/parse-args.ts';
import { styleFor } from '../../output/style.ts';
import { textWidthFor } from '../../output/text-width.ts';
import type { TextWidth } from '../../output/text-width.ts';
import type { ISessionStorage } from '../../types/service-types.ts';
import type { SessionFilter, SessionInfo } from '../../types/session-types.ts';
import type { CommandContext } from '../context.ts';
import { keyboardOf } from './keyboard.ts';
import type { Key } from './keyboard.ts';
import { pickerLines } from './picker-view.ts';
import type { PickerScope, PickerState } from './picker-view.ts';
import { SessionSearch } from './session-search.ts';
import { screenSize } from './screen-size.ts';

/** So many are shown before the others are read: reading ten thousand takes as long as a glance. */
const AT_ONCE = 200;
const ALTERNATE_ON = '\u001b[?1049h';
const ALTERNATE_OFF = '\u001b[?1049l';

interface Searched {
  search: SessionSearch;
  sessions: readonly SessionInfo[];
  text: TextWidth;
  /** False for the newest ones of a longer list. */
  isWhole: boolean;
}

/**
 * Id of the chosen session; null where the user left without one. Throws USAGE without a terminal, SESSION_NOT_FOUND
 * where there is none to choose from.
 */
export async function pickSession(context: CommandContext): Promise<string | null> {
  const { system, services, places } = context;
  const keyboard = keyboardOf(system);
  if (keyboard === null)
    throw usage('-r needs a session where there is no terminal to ask on', 'for example: roo -r @last');
  const storage = await services.storage();
  const filters = { project: { project: places.projectPath }, all: {} };
  const load = (of: PickerScope, limit: number): Promise<Searched> =>
    searched(storage, { ...filters[of], limit }, system.nowMs());
  const known: Record<PickerScope, Searched | null> = { project: await load('project', AT_ONCE), all: null };
  const scope: PickerScope = known.project!.sessions.length > 0 ? 'project' : 'all';
  const start = (known[scope] ??= await load(scope, AT_ONCE));
  if (start.sessions.length === 0) throw noSession();
  const style = styleFor(system.stdout, system.env, false);
  const state: PickerState = { words: '', scope, found: start.sessions, selected: 0, total: start.sessions.length };

  const paint = (): void => {
    const { text } = known[state.scope]!;
    const look = { ...screenSize(system), nowMs: system.nowMs(), style, text };
    const { lines, cursorColumn } = pickerLines(state, look);
    system.stdout.write(`\u001b[H\u001b[J${lines.join('\r\n')}\u001b[1;${cursorColumn + 1}H`);
  };
  const find = (): void => {
    const { search, sessions } = known[state.scope]!;
    state.found = search.find(state.words);
    state.total = sessions.length;
    state.selected = 0;
  };
  let isOver = false;
  /** The rest of a long list, while the newest ones are looked at. */
  const loadRest = async (): Promise<void> => {
    const of = state.scope;
    if (known[of]!.isWhole) return;
    await nextTurn();
    if (isOver) return;
    known[of] = await load(of, Infinity);
    if (isOver || state.scope !== of) return;
    const { selected } = state;
    find();
    state.selected = Math.min(selected, Math.max(0, state.found.length - 1));
    paint();
  };
  const toggle = async (): Promise<void> => {
    const other = state.scope === 'project' ? 'all' : 'project';
    known[other] ??= await load(other, AT_ONCE);
    state.scope = other;
    find();
    paint();
    await loadRest();
  };
  const leaveScreen = (): void => void system.stdout.write(ALTERNATE_OFF);
  process.on('exit', leaveScreen);
  try {
    return await new Promise<string | null>((resolve, reject) => {
      const release = keyboard.read({
        key(key) {
          if (isLeaving(key)) end(null);
          else if (key.name === 'return' || key.name === 'enter') {
            const chosen = state.found[state.selected];
            if (chosen !== undefined) end(chosen.id);
          } else if (key.name === 'tab') toggle().catch(fail);
          else if (key.ctrl && key.name === 'z') {
            leaveScreen();
            keyboard.suspend();
          } else {
            const words = editedWords(state.words, key);
            if (words === state.words) state.selected = movedSelection(state, key, screenSize(system).rows);
            else {
              state.words = words;
              find();
            }
            paint();
          }
          return true;
        },
        repaint() {
          system.stdout.write(ALTERNATE_ON);
          paint();
        },
        ended: () => end(null),
      });
      const end = (id: string | null): void => {
        isOver = true;
        release();
        resolve(id);
      };
      const fail = (error: unknown): void => {
        isOver = true;
        release();
        reject(error as Error);
      };
      system.stdout.write(ALTERNATE_ON);
      paint();
      loadRest().catch(fail);
    });
  } finally {
    process.off('exit', leaveScreen);
    leaveScreen();
  }
}

async function searched(storage: ISessionStorage, filter: SessionFilter, nowMs: number): Promise<Searched> {
  const { sessions, nextCursor } = storage.list(filter);
  const text = await textWidthFor(sessions.map(({ name, tags, project }) => `${name}${tags.join('')}${project}`));
  return { search: await SessionSearch.of(sessions, nowMs), sessions, text, isWhole: nextCursor === null };
}

function isLeaving({ name, ctrl }: Key): boolean {
  return name === 'escape' || (ctrl && (name === 'c' || name === 'd'));
}

/** The words after a key; the same where it is no key of theirs. */
function editedWords(words: string, key: Key): string {
  if (key.name === 'backspace') return words.replace(/.$/su, '');
  if (key.ctrl && key.name === 'u') return '';
  if (key.ctrl && key.name === 'w') return words.replace(/\S*\s*$/, '');
  if (key.ctrl || key.meta || key.text === '') return words;
  return words + key.text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200);
}

function movedSelection({ selected, found }: PickerState, { name, ctrl }: Key, rows: number): number {
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -(rows - 5),
    pagedown: rows - 5,
    home: -Infinity,
    end: Infinity,
    ...(ctrl && { p: -1, n: 1 }),
  };
  return Math.max(0, Math.min(found.length - 1, selected + (steps[name] ?? 0)));
}

function noSession(): SessionError {
  return new SessionError('SESSION_NOT_FOUND', 'there is no session yet', {
    op: 'resume',
    hint: 'roo begins one; roo session discover finds those of other agents',
  });
}
