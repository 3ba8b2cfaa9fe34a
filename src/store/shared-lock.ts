// Where several machines share a sessions folder, the lock of one machine says nothing to the others. A small file
// beside the log names the writer and beats; a foreign writer whose heart still beats is respected.

import { readFileSync, readlinkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, relative } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import { readSafely } from './safe-file.ts';
import type { SessionLock } from './session-lock.ts';
import type { StoreLayout } from './store-layout.ts';
import { overwrite } from './durable-files.ts';

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
  if (!isShared(layout)) return { release() {} };
  const path = layout.sharedLockPath(id);
  const other = foreignHolder(layout, id, clock.now());
  if (other) throw inUseThereError(id, path, other);
  const since = isoTime(clock.now());
  beat(path, since, clock);
  const timer = setInterval(() => {
    try {
      // Another machine that took us for dead writes now; our next append finds the log changed and stops.
      if (isStillOurs(path)) beat(path, since, clock);
      else clearInterval(timer);
    } catch {
      // The folder is out of reach. Others will see the heart stop; our next append fails by itself if it must.
      clearInterval(timer);
    }
  }, BEAT_MS).unref();
  return {
    release() {
      clearInterval(timer);
      if (isStillOurs(path)) rmSync(path, { force: true });
    },
  };
}

/** The process of another machine that writes a session at this moment; null when there is none. */
export function foreignHolder(layout: StoreLayout, id: string, nowMs: number): SharedHolder | null {
  if (!isShared(layout)) return null;
  const holder = readShared(layout.sharedLockPath(id));
  const isFresh = holder !== null && nowMs - Date.parse(holder.beatAt) < STALE_MS;
  return isFresh && !isOfThisMachine(holder) ? holder : null;
}

/** By real paths: a folder that is synced is often a link in the home. */
function isShared({ home, sessionsDir }: StoreLayout): boolean {
  try {
    const way = relative(realpathSync(home), realpathSync(sessionsDir));
    return isAbsolute(way) || way.startsWith('..');
  } catch (error) {
    // Nothing was written there yet, so nobody can have claimed anything.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw systemError(error, 'look at', sessionsDir);
  }
}

/** The file is there whole or not at all: one caught half-written would pass for nobody's. */
function beat(path: string, since: string, clock: Clock): void {
  const beatAt = isoTime(clock.now());
  const holder: SharedHolder = { host: hostname(), machine: machineId(), pid: process.pid, since, beatAt };
  const beside = `${path}.${process.pid}`;
  try {
    overwrite(beside, Buffer.from(JSON.stringify(holder) + '\n'));
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'claim', path);
  }
}

function isStillOurs(path: string): boolean {
  const holder = readShared(path);
  return holder !== null && isOfThisMachine(holder) && holder.pid === process.pid;
}

function isOfThisMachine({ host, machine }: SharedHolder): boolean {
  return host === hostname() && machine === machineId();
}

function inUseThereError(id: string, path: string, holder: SharedHolder): SessionError {
  const { host, pid, since } = holder;
  return new SessionError(
    'SESSION_IN_USE',
    `session ${id} is being written on ${host} (process ${pid}) since ${since}`,
    {
      op: 'lock',
      path,
      hint: `close it there, or go on in a copy: roo session fork ${id}`,
      data: { holder },
    },
  );
}

/** Who claims a session; null when nobody does, or the file says nothing that could be understood. */
export function readShared(path: string): SharedHolder | null {
  try {
    const bytes = readSafely(path);
    const holder = bytes && (JSON.parse(bytes.toString('utf8')) as Partial<SharedHolder> | null);
    return typeof holder?.host === 'string' ? (holder as SharedHolder) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw systemError(error, 'read', path);
  }
}

let thisMachine: string | undefined;

/** This boot of this machine, and this pid namespace; the host name alone where the system does not say. */
function machineId(): string {
  if (process.platform !== 'linux') return hostname();
  thisMachine ??= `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${readlinkSync('/proc/self/ns/pid')}`;
  return thisMachine;
}
