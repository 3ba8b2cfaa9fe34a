// Takes secrets out of what was written before there was a door, or by another program: out of the log, its large parts
// and all that lies beside it. A session and its forks are done together: they share their past and their large parts.

import { basename, join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import { assertSessionId } from '../../core/session-file-name.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import { familyOf, sweepBlobs } from '../../store/blob-family.ts';
import { migrateFormat1 } from '../../store/format1-migrate.ts';
import { isOldDocument } from '../../store/format1-source.ts';
import { LogReader } from '../../store/log-reader.ts';
import { LogSource } from '../../store/log-source.ts';
import { namesIn } from '../../store/session-files.ts';
import type { SessionLock } from '../../store/session-lock.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import { listTrash, trashedLayout } from '../../store/trash.ts';
import type { MachineRedactor } from '../../workspace/secrets/machine-redactor.ts';
import type { ScrubReport } from '../types/storage-types.ts';
import type { ISessionScrub } from '../types/service-types.ts';
import type { RedactionDoor } from './RedactionDoor.ts';
import type { ScrubPlace } from './scrub/scrub-files.ts';
import { removeFile } from './scrub/scrub-files.ts';
import type { LogLook } from './scrub/scrub-log.ts';
import { scrubLog } from './scrub/scrub-log.ts';
import type { ScrubPlan } from './scrub/scrub-plan.ts';
import { planScrub, reportOf } from './scrub/scrub-plan.ts';
import type { Audit } from './session-audit.ts';
import type { CatalogueHooks } from './session-maintenance.ts';

export interface ScrubOptions {
  layout: StoreLayout;
  clock: Clock;
  settings: Readonly<Record<string, unknown>>;
  door: RedactionDoor | null;
  audit: Audit;
  lock(id: string): SessionLock;
  catalogue: Pick<CatalogueHooks, 'afterWrite' | 'erase'>;
}

const LEVEL = 6;
const ARCHIVE_LEVEL = 9;

export class SessionScrub implements ISessionScrub {
  readonly #options: ScrubOptions;
  /** As `families` found them: a session stays in its family. */
  readonly #families = new Map<string, string>();

  constructor(options: ScrubOptions) {
    this.#options = options;
  }

  /** Each of the sessions with those that must be scrubbed with it, in store and trash. Throws SESSION_NOT_FOUND. */
  families(ids: readonly string[] | 'all'): string[][] {
    const members = Map.groupBy(this.#places(), ({ id, layout }) => {
      const family = familyOf(layout, id);
      if (family !== null) this.#families.set(id, family);
      // What cannot be read shares nothing that could be named.
      return family ?? id;
    });
    const idsOf = (family: string): string[] => members.get(family)!.map(({ id }) => id);
    if (ids === 'all') return [...members.keys()].map(idsOf);
    const there = new Set([...members.values()].flatMap((places) => places.map(({ id }) => id)));
    const named = ids.map((id) => (there.has(id) ? (this.#families.get(id) ?? id) : notThere(id)));
    return [...new Set(named)].map(idsOf);
  }

  /** What scrubbing these would do. Changes nothing. Throws what `scrub` throws, but for sessions that are in use. */
  async preview(ids: readonly string[], originals: 'remove' | 'keep'): Promise<ScrubReport[]> {
    const places = this.#placesOf(ids);
    const redactor = await this.#redactor(places);
    const reports: ScrubReport[] = [];
    for (const place of places) reports.push(reportOf(await planScrub(place, redactor), 'found', originals));
    return reports;
  }

  /**
   * Scrubs one family. Every session of it is looked through before the first is changed. Throws SESSION_IN_USE,
   * SESSION_READ_ONLY, LOG_DAMAGED and FORMAT_NEWER, with nothing changed. Cut short, it is finished by scrubbing again.
   */
  async scrub(ids: readonly string[], originals: 'remove' | 'keep'): Promise<ScrubReport[]> {
    const { clock, catalogue, audit } = this.#options;
    const locks: SessionLock[] = [];
    const plans: ScrubPlan[] = [];
    const remains = new Set<string | null>();
    const written = new Set<string>();
    try {
      const places = this.#placesOf(ids);
      for (const { id } of places) locks.push(this.#options.lock(id));
      for (const { id, layout: its } of places) {
        if (!isOldDocument(its, id)) continue;
        migrateFormat1(its, id, clock);
        written.add(id);
      }
      const redactor = await this.#redactor(places);
      for (const place of places) plans.push(await planScrub(place, redactor));
      for (const plan of plans) remains.add(await this.#carryOut(plan, redactor, originals));
      remains.add(this.#sweep(plans));
    } finally {
      for (const lock of locks) lock.release();
      for (const { place, look, files } of plans) if (isRewritten(look) || files.isListed) written.add(place.id);
      for (const id of written) await catalogue.afterWrite(id);
    }
    for (const { place, tally, originals: kept } of plans) {
      if (tally.total > 0 || (originals === 'remove' && kept.paths.length > 0)) audit.note('scrub', place.id);
    }
    const everywhere = [...remains].filter((reason) => reason !== null);
    return plans.map((plan) => {
      const report = reportOf(plan, 'scrubbed', originals);
      return { ...report, remains: [...everywhere, ...report.remains] };
    });
  }

  /** Answers what may still hold words of it, null for nothing. */
  async #carryOut(
    { place, look, files, originals }: ScrubPlan,
    redactor: MachineRedactor,
    what: 'remove' | 'keep',
  ): Promise<string | null> {
    const { clock, catalogue, settings } = this.#options;
    const isIndexed = isRewritten(look) || files.isListed;
    // While the log still has the words: only then can they be found in the index.
    let remains = isIndexed ? await catalogue.erase(place.id) : null;
    if (isRewritten(look)) {
      const { archived, config } = look.fold;
      const level = archived ? ARCHIVE_LEVEL : effectiveConfig(settings, config).compressionEnabled ? LEVEL : 0;
      await scrubLog(place.layout, place.id, look, { clock, level, redactor });
    }
    for (const change of files.changes) await change.apply();
    // A search that came in between has taken them in again.
    if (isIndexed) remains ??= await catalogue.erase(place.id);
    if (what === 'remove') for (const path of originals.paths) removeFile(path);
    return remains;
  }

  /** Frees the large parts as they were. Answers why they had to stay. */
  #sweep(plans: readonly ScrubPlan[]): string | null {
    const held = new Set(plans.map(({ place }) => place.id));
    for (const [directory, family] of Map.groupBy(plans, ({ look }) => look.blobs.directory)) {
      // Asking all sessions of the store what they name takes its time: only where something may be to free.
      if (!family.some(({ look }) => isRewritten(look)) && !hasUnnamed(directory, family)) continue;
      const { kept } = sweepBlobs(this.#options.layout, basename(directory), null, { held, families: this.#families });
      if (kept !== null) return `large parts in ${directory} that nothing may name any more: ${kept}`;
    }
    return null;
  }

  /** The rules with the secrets of the projects that the sessions are of. */
  async #redactor(places: readonly ScrubPlace[]): Promise<MachineRedactor> {
    const { door } = this.#options;
    if (!door) {
      throw new SessionError('NOT_SUPPORTED', 'this store was opened without what finds secrets', {
        op: 'scrub',
        hint: 'open it with a door',
      });
    }
    return door.redactorFor(places.flatMap(({ id, layout }) => projectOf(layout, id)));
  }

  #placesOf(ids: readonly string[]): ScrubPlace[] {
    const all = new Map([...this.#places()].map((place) => [place.id, place]));
    return ids.map((id) => all.get(id) ?? notThere(id));
  }

  *#places(): Generator<ScrubPlace> {
    const { layout } = this.#options;
    for (const id of new LogSource(layout).ids()) yield { id, layout, trashFolder: null };
    for (const { id } of listTrash(layout)) {
      yield { id, layout: trashedLayout(layout, id), trashFolder: join(layout.trashDir, id) };
    }
  }
}

function isRewritten({ records, found }: LogLook): boolean {
  return records.size > 0 || found.size > 0;
}

/** Something that none of the family's logs names, as an earlier scrub leaves it that was cut short. */
function hasUnnamed(directory: string, family: readonly ScrubPlan[]): boolean {
  const named = new Set(family.flatMap(({ look }) => [...look.named]));
  const open = new Set(
    family.flatMap(({ look }) => Object.keys(look.fold.openCalls).map((id) => look.blobs.partialName(id))),
  );
  return namesIn(directory).some((name) => !named.has(name) && !open.has(name));
}

function projectOf(layout: StoreLayout, id: string): string[] {
  if (isOldDocument(layout, id)) return [];
  const reader = LogReader.open(layout, id);
  try {
    const { project, state } = reader.fold();
    return [project.path, state.workingDirectory].filter((folder) => folder !== '');
  } finally {
    reader.close();
  }
}

function notThere(id: string): never {
  assertSessionId(id, 'scrub');
  throw new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`, { op: 'scrub' });
}
