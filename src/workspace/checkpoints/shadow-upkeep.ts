// Keeps the repositories of checkpoints small. Everything here happens under the lock that checkpoints are taken under,
// so nothing is collected that somebody is about to name.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { folderBytes, namesIn } from './checkpoint-bytes.ts';
import type { ShadowRepository } from './shadow-repository.ts';
import { AUTOMATIC_END, sessionRefs } from './take-checkpoint.ts';

/** Loose objects lie in 256 folders by their hash: one of them tells how many there are. */
const SAMPLE = '17';
const LOOSE_PER_FOLDER_MAX = 8;
const PACKS_MAX = 12;

/** Packs new objects when there are many; cheap when there are not. The caller holds the lock. */
export async function tidy(shadow: ShadowRepository): Promise<void> {
  const objects = join(shadow.gitDir, 'objects');
  if (namesIn(join(objects, SAMPLE)).length < LOOSE_PER_FOLDER_MAX) return;
  const packs = namesIn(join(objects, 'pack')).filter((name) => name.endsWith('.pack')).length;
  if (packs >= PACKS_MAX) return collect(shadow);
  await shadow.git(['repack', '-d', '-q']);
}

/**
 * Frees the oldest automatic checkpoints while the repository is larger than `bytesMax`. Those that somebody asked for
 * stay, and so does the newest of all. The caller holds the lock.
 */
export async function trim(shadow: ShadowRepository, bytesMax: number): Promise<void> {
  if (folderBytes(shadow.gitDir) <= bytesMax) return;
  const refs = await refsOf(shadow, null);
  const loose = refs
    .filter(({ name, commit }) => name.endsWith(AUTOMATIC_END) && commit !== shadow.newest)
    .toSorted((a, b) => a.takenAtMs - b.takenAtMs);
  while (loose.length > 0 && folderBytes(shadow.gitDir) > bytesMax) {
    // What one alone holds is known when it is gone: half of them at a time needs few collections.
    await forget(shadow, loose.splice(0, Math.ceil(loose.length / 2)));
    await collect(shadow);
  }
}

/** One pack, and nothing that no checkpoint needs. The caller holds the lock. */
export async function collect(shadow: ShadowRepository): Promise<void> {
  await shadow.git(['pack-refs', '--all']);
  await shadow.git(['repack', '-a', '-d', '-q']);
  // At once: whoever wrote an object without naming it is dead, or it would hold the lock.
  await shadow.git(['prune', '--expire=now']);
}

/**
 * Forgets a session's checkpoints and frees what only they held. The whole repository goes with the last one. The
 * caller holds the lock.
 */
export async function dropSession(shadow: ShadowRepository, sessionId: string): Promise<void> {
  const refs = await refsOf(shadow, sessionId);
  await forget(shadow, refs);
  const others = await refsOf(shadow, null);
  if (others.length === 0) {
    rmSync(shadow.gitDir, { recursive: true, force: true });
    return;
  }
  if (refs.some(({ commit }) => commit === shadow.newest)) {
    // The index and the comparison hold content too; the next checkpoint makes both again.
    shadow.dropIndex();
    shadow.setNewest(others.toSorted((a, b) => (a.takenAtMs < b.takenAtMs ? 1 : -1))[0]!.commit);
  }
  if (refs.length > 0) await collect(shadow);
}

async function forget(shadow: ShadowRepository, refs: readonly KeptCheckpoint[]): Promise<void> {
  if (refs.length === 0) return;
  const input = Buffer.from(refs.map(({ name }) => `delete ${name}\n`).join(''));
  await shadow.git(['update-ref', '--stdin'], { input });
}

export interface KeptCheckpoint {
  name: string;
  commit: string;
  takenAtMs: number;
  description: string;
}

/** Oldest first; null for those of all sessions. */
export async function refsOf(shadow: ShadowRepository, sessionId: string | null): Promise<KeptCheckpoint[]> {
  const format = '%(refname)%00%(objectname)%00%(contents:subject)';
  const where = sessionId === null ? 'refs/roo/' : sessionRefs(sessionId);
  const output = await shadow.git(['for-each-ref', '--sort=refname', `--format=${format}`, where]);
  return output
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', commit = '', description = ''] = line.split('\0');
      return { name, commit, takenAtMs: Number(/(\d+)-[^/]*$/.exec(name)?.[1]), description };
    });
}
