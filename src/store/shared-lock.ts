// Where several machines share a sessions folder, the lock of one machine says nothing to the others. A small file
// beside the log names the writer and beats; a foreign writer whose heart still beats is respected.

import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { relative } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import type { SessionLock } from './session-lock.ts';
import type { StoreLayout } from './store-layout.ts';
import { FILE_MODE } from './store-layout.ts';

export interface SharedHolder {
  host: string;
  /** Tells two boots and two containers of one host name apart. */
  machine: string;
  pid: number;
  since: string;
  beatAt: string;
}

const BEAT_MS = 10_000;
/** A sleeping laptop misses beats; it finds its log changed when it wakes, and stops. */
const STALE_MS = 60_000;

/**
 * Claims a session against other machines; does nothing where the sessions folder is inside ROO_HOME, which is of one
 * machine. Throws SESSION_IN_USE when another machine's heart beats. The caller holds the local lock.
 */
export function claimShared(layout: StoreLayout, id: string, clock: Clock): SessionLock {
  if (!relative(layout.home, layout.sessionsDir).startsWith('..')) return { release() {} };
  const path = layout.sharedLockPath(id);
  const machine = machineId();
  const other = readShared(path);
  const isForeign = other !== null && (other.host !== hostname() || other.machine !== machine);
  if (isForeign && clock.now() - Date.parse(other.beatAt) < STALE_MS) {
    throw new SessionError(
      'SESSION_IN_USE',
      `session ${id} is being written on ${other.host} (process ${other.pid}) since ${other.since}`,
      {
        op: 'lock',
        path,
        hint: `close it there, or go on in a copy: roo session fork ${id}`,
        data: { holder: other },
      },
    );
  }
  const since = isoTime(clock.now());
  const beat = (): void => {
    const holder: SharedHolder = { host: hostname(), machine, pid: process.pid, since, beatAt: isoTime(clock.now()) };
    try {
      writeFileSync(path, JSON.stringify(holder) + '\n', { mode: FILE_MODE });
    } catch (error) {
      throw systemError(error, 'claim', path);
    }
  };
  beat();
  const timer = setInterval(() => {
    try {
      beat();
    } catch {
      // The folder is out of reach. Others will see the heart stop; our next append fails by itself if it must.
      clearInterval(timer);
    }
  }, BEAT_MS).unref();
  return {
    release() {
      clearInterval(timer);
      rmSync(path, { force: true });
    },
  };
}

/** Who claims a session; null when nobody does or the file was caught half-written. */
export function readShared(path: string): SharedHolder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SharedHolder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw systemError(error, 'read', path);
  }
}

/** This boot of this machine, and this pid namespace; the host name alone where the system does not say. */
function machineId(): string {
  if (process.platform !== 'linux') return hostname();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}:${readlinkSync('/proc/self/ns/pid')}`;
}
