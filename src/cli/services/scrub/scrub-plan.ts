// What scrubbing one session means, before it is done: a preview prints this value, and scrubbing carries it out.

import type { MachineRedactor } from '../../../workspace/secrets/machine-redactor.ts';
import { isOldDocument } from '../../../store/format1-source.ts';
import type { ScrubReport } from '../../types/storage-types.ts';
import { lookThroughDocument } from './scrub-document.ts';
import type { ScrubPlace } from './scrub-files.ts';
import { ScrubFiles } from './scrub-files.ts';
import type { LogLook } from './scrub-log.ts';
import { lookThroughLog } from './scrub-log.ts';
import type { Originals } from './scrub-originals.ts';
import { originalsOf } from './scrub-originals.ts';
import { ScrubTally } from './scrub-tally.ts';

export interface ScrubPlan {
  place: ScrubPlace;
  /** Without what was found in it. */
  name: string;
  tally: ScrubTally;
  look: LogLook;
  files: ScrubFiles;
  originals: Originals;
}

/** Looks through everything there is of a session. Throws what `lookThroughLog` throws. */
export async function planScrub(place: ScrubPlace, redactor: MachineRedactor): Promise<ScrubPlan> {
  const { id, layout } = place;
  const tally = new ScrubTally();
  const look = isOldDocument(layout, id)
    ? lookThroughDocument(layout, id, redactor, tally)
    : await lookThroughLog(layout, id, redactor, tally);
  const files = new ScrubFiles(place, redactor, tally);
  await files.look(look);
  const { name, firstPrompt } = look.fold;
  const title = redactor.redactText(name ?? firstPrompt ?? `session ${id.slice(0, 8)}`).text;
  return { place, name: title, tally, look, files, originals: originalsOf(place, look) };
}

export function reportOf(plan: ScrubPlan, done: 'found' | 'scrubbed', what: 'remove' | 'keep'): ScrubReport {
  const { place, name, tally, look, files, originals } = plan;
  return {
    id: place.id,
    name,
    trashed: place.trashFolder !== null,
    status: tally.total === 0 ? 'clean' : done,
    replaced: tally.replaced,
    records: look.records.size,
    blobs: look.found.size,
    files: files.changes.map(({ path }) => path),
    removed: what === 'remove' ? originals.paths : [],
    remains: remainsOf(plan, what),
  };
}

function remainsOf({ place, tally, look, files, originals }: ScrubPlan, what: 'remove' | 'keep'): string[] {
  const { fold, lost } = look;
  const remains = [...lost.values()].map((path) => `a large part that is missing or damaged: ${path}`);
  remains.push(...files.remains);
  if (what === 'keep') remains.push(...originals.paths.map((path) => `the kept original ${path}`));
  remains.push(...originals.strange.map((path) => `${path}, which is no file of roo's`));
  if (fold.checkpoints.some(({ commit }) => commit !== undefined)) {
    const folder = `${place.layout.stateDir}/checkpoints`;
    remains.push(
      `its checkpoints in ${folder}, which hold the project's files as they were, and the words they were given`,
    );
  }
  // What was clean has left nothing anywhere else.
  if (tally.total === 0) return remains;
  if (look.hasPictures) remains.push('its pictures, which are not looked into');
  return [...remains, ...ELSEWHERE];
}

/** What no program on this machine can promise to have reached. */
const ELSEWHERE = [
  'what was sent to a model, exported or shared before: change the secrets',
  'copies in backups, file system snapshots and synced folders',
  'blocks that an SSD or a copy-on-write file system has not reused yet',
];
