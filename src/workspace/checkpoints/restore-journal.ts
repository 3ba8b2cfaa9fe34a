// What a restore is about to do, written down before it does it, so that one which is killed half-way is undone by the
// next command: old files are only moved aside, so undoing needs no space.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionError } from '../../core/errors.ts';
import type { BytePath } from './byte-path.ts';
import { textIfThere, writeDurably } from './shadow-files.ts';
import type { ShadowRepository } from './shadow-repository.ts';

export interface Move {
  path: BytePath;
  /** Something is there and is moved aside first. */
  hasOld: boolean;
  /** Something takes its place. */
  hasNew: boolean;
  /** Permission bits before, where only these change. */
  oldMode?: number;
  newMode?: number;
}

export interface Journal {
  /** Name of the folder at the top of the work tree with `old/<n>` and `new/<n>`, by place in `moves`. */
  stage: string;
  moves: Move[];
  /** Folders that were not there before, outermost first. */
  newFolders: BytePath[];
  /** Folders that hold nothing but what goes, innermost first, with their permission bits. */
  oldFolders: { path: BytePath; mode: number }[];
}

function journalPath(shadow: ShadowRepository): string {
  return join(shadow.gitDir, 'restore.json');
}

export function writeJournal(shadow: ShadowRepository, journal: Journal): void {
  writeDurably(journalPath(shadow), JSON.stringify(journal));
}

/** Null when no restore was cut short. */
export function readJournal(shadow: ShadowRepository): Journal | null {
  const path = journalPath(shadow);
  const text = textIfThere(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Journal;
  } catch (cause) {
    throw new SessionError('CHECKPOINT_FAILED', 'the journal of a restore that was cut short cannot be read', {
      op: 'restore',
      path,
      cause,
      hint: `look into the ${shadow.workTree} folder that begins with .roo-restore-, then remove the journal`,
    });
  }
}

export function removeJournal(shadow: ShadowRepository): void {
  rmSync(journalPath(shadow), { force: true });
}
