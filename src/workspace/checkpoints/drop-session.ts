// Takes a session's checkpoints out of whichever repositories hold some: when a session is purged, its log may be
// damaged and its project may have moved or be gone.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn, shadowFolder } from './checkpoint-bytes.ts';
import { textIfThere } from './shadow-files.ts';
import { dropShadowLock } from './shadow-lock.ts';
import { ShadowRepository } from './shadow-repository.ts';
import { dropSession } from './shadow-upkeep.ts';

/** Frees what only this session's checkpoints hold. Runs no git where there are none. */
export async function dropFromAll(home: string, sessionId: string): Promise<void> {
  const folder = shadowFolder(home);
  for (const name of namesIn(folder)) {
    const gitDir = join(folder, name);
    if (name.endsWith('.lock') || !holds(gitDir, sessionId)) continue;
    const shadow = new ShadowRepository({ home, workTree: folder, gitDir });
    await shadow.locked(async () => {
      await dropSession(shadow, sessionId);
      // Its name is that of the project.
      if (!shadow.exists) dropShadowLock(`${gitDir}.lock`);
    });
  }
}

function holds(gitDir: string, sessionId: string): boolean {
  if (existsSync(join(gitDir, 'refs', 'roo', sessionId))) return true;
  return textIfThere(join(gitDir, 'packed-refs'))?.includes(` refs/roo/${sessionId}/`) === true;
}
