// Checks of the machine: node, settings, folders, file system, disk.

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import type { Stats, StatsFs } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { size } from '../output/units.ts';
import type { CommandContext } from './context.ts';
import type { Check } from './doctor.ts';

const NODE_MAJOR_MIN = 24;
const FREE_BYTES_MIN = 1e9;

/** `statfs` types of file systems that other machines can write to; https://man7.org/linux/man-pages/man2/statfs.2.html */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
]);

export function checkNode(): Check {
  const { node } = process.versions;
  const major = Number(node.split('.')[0]);
  if (major >= NODE_MAJOR_MIN) return ok('node', `node ${node}`);
  return { check: 'node', status: 'fail', detail: `node ${node}`, hint: `roo needs node ${NODE_MAJOR_MIN} or newer` };
}

export function checkConfig({ config }: CommandContext): Check {
  const [problem] = config.problems;
  if (problem !== undefined) {
    return { check: 'config', status: 'fail', detail: problem.message, hint: problem.hint ?? null };
  }
  const [unknown] = config.unknown;
  if (unknown !== undefined) return warn('config', unknown.message, unknown.hint ?? 'roo config lists the settings');
  return ok('config', 'every setting is valid');
}

export function checkFolder(name: string, path: string): Check {
  if (!existsSync(path)) return ok(name, `${path} is not there yet; the first session makes it`);
  const stats = look(path);
  if (!stats.isDirectory())
    return { check: name, status: 'fail', detail: `${path} is no folder`, hint: 'move it away' };
  if (process.platform === 'win32') return ok(name, path);
  const user = process.getuid?.();
  if (user !== undefined && stats.uid !== user) {
    return warn(name, `${path} belongs to user ${stats.uid}, not to you`, `chown it, or set ${variableOf(name)}`);
  }
  const mode = stats.mode & 0o777;
  if ((mode & 0o022) !== 0) {
    const detail = `others may change what is in ${path} (mode ${mode.toString(8)})`;
    return { check: name, status: 'fail', detail, hint: `chmod 700 ${path}` };
  }
  if ((mode & 0o077) !== 0)
    return warn(name, `others may look into ${path} (mode ${mode.toString(8)})`, `chmod 700 ${path}`);
  return ok(name, `${path}, only yours`);
}

/** Sessions may lie on a network, where machines see each other by lock files; locks themselves may not. */
export function checkNetwork({ places }: CommandContext): Check {
  const home = networkType(places.home);
  if (home !== null) {
    return {
      check: 'file system',
      status: 'fail',
      detail: `${places.home} is on ${home}, where locks cannot be trusted`,
      hint: 'set ROO_HOME to a folder of this machine; ROO_SESSIONS_DIR may stay where it is',
    };
  }
  const sessions = networkType(places.sessionsDir);
  if (sessions === null) return ok('file system', 'local');
  return ok('file system', `sessions are on ${sessions}: other machines are kept apart by lock files`);
}

export function checkWritable({ places }: CommandContext): Check {
  const path = nearestExisting(join(places.home, 'state', 'locks'));
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw systemError(error, 'write in', path);
  }
  return ok('locks', `${path} can be written`);
}

export function checkDisk({ places }: CommandContext): Check {
  const path = nearestExisting(places.sessionsDir);
  const { bavail, bsize } = statfs(path);
  const free = bavail * bsize;
  const detail = `${size(free)} free for sessions`;
  return free < FREE_BYTES_MIN
    ? warn('disk', detail, 'roo session usage shows what takes the space')
    : ok('disk', detail);
}

export function ok(check: string, detail: string): Check {
  return { check, status: 'ok', detail, hint: null };
}

export function warn(check: string, detail: string, hint: string): Check {
  return { check, status: 'warn', detail, hint };
}

function variableOf(name: string): string {
  return name === 'home' ? 'ROO_HOME' : 'ROO_SESSIONS_DIR';
}

function networkType(path: string): string | null {
  // The numbers are Linux's; elsewhere they mean other things.
  if (process.platform !== 'linux') return null;
  return NETWORK_TYPES.get(statfs(nearestExisting(path)).type) ?? null;
}

/** What a folder that is not there yet will be made in. */
function nearestExisting(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function statfs(path: string): StatsFs {
  try {
    return statfsSync(path);
  } catch (error) {
    throw systemError(error, 'look at', path);
  }
}

function look(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw systemError(error, 'look at', path);
  }
}
