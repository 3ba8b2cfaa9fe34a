// Tells a process from a later one that got the same number: the boot, the namespace that counts the numbers, the
// number, and the moment of its start. Without all of them nothing is ever taken for ours.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessIdentity } from '../../core/record.ts';

/** What numbers of processes on this machine mean, until it is started again. */
export type Machine = Pick<ProcessIdentity, 'bootId' | 'pidNamespace'>;

/** A process as the system lists it. */
export interface ProcessEntry {
  pid: number;
  /** Its process group, which signals reach as a whole. */
  groupId: number;
  startTicks: string;
  /** Over, but not yet collected by its parent. In a container nobody may ever do so. */
  isZombie: boolean;
}

/** Null where the system does not say: on Windows. */
export function thisMachine(): Machine | null {
  if (process.platform === 'linux') {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { bootId, pidNamespace: readlinkSync('/proc/self/ns/pid') };
  }
  if (process.platform !== 'darwin') return null;
  return { bootId: outputOf('sysctl', '-n', 'kern.bootsessionuuid'), pidNamespace: '' };
}

/** Who has this number now; null when nobody has, or where the system does not say. */
export function processIdentity(pid: number): ProcessIdentity | null {
  const machine = thisMachine();
  const entry = machine && processEntry(pid);
  return machine && entry && { ...machine, startTicks: entry.startTicks };
}

/** True while this very process runs. Of another boot or namespace nothing can be seen from here, so it is false. */
export function isRunning(pid: number, identity: ProcessIdentity): boolean {
  const machine = thisMachine();
  if (machine?.bootId !== identity.bootId || machine.pidNamespace !== identity.pidNamespace) return false;
  const entry = processEntry(pid);
  return entry !== null && !entry.isZombie && entry.startTicks === identity.startTicks;
}

/** Null when no process has this number. */
export function processEntry(pid: number): ProcessEntry | null {
  if (process.platform !== 'linux') return entriesOf(outputOf('ps', '-o', PS_COLUMNS, '-p', String(pid)))[0] ?? null;
  try {
    return entriesOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))[0] ?? null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: it went between the opening of the file and the reading of it.
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

/** The variables that a process was started with; null where the system does not say, or no longer. */
export function environmentOf(pid: number): Record<string, string> | null {
  if (process.platform !== 'linux') return null;
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return Object.fromEntries(Array.from(text.matchAll(/([^=\0]+)=([^\0]*)\0/g), ([, name, value]) => [name!, value!]));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}

/** True while somebody in the group runs. The kernel counts zombies as members, and would say so for ever. */
export function isGroupRunning(groupId: number): boolean {
  const entries =
    process.platform === 'linux'
      ? readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (processEntry(Number(name)) ?? []) : []))
      : entriesOf(outputOf('ps', '-A', '-o', PS_COLUMNS));
  return entries.some((entry) => entry.groupId === groupId && !entry.isZombie);
}

/** What `ps` is asked for where there is no /proc; the columns have no titles. */
export const PS_COLUMNS = 'pid=,pgid=,state=,lstart=';

const STAT_FIELDS_BEHIND_NAME = { state: 0, groupId: 2, startTicks: 19 };

/**
 * Entries from one or more `/proc/PID/stat` files (proc(5)) or lines of `ps`. The second field of stat is the program's
 * name, which may hold anything: what counts begins behind the last parenthesis of its entry.
 */
export function entriesOf(text: string): ProcessEntry[] {
  if (!text.includes('(')) return text.split('\n').flatMap(psEntry);
  return Array.from(text.matchAll(/^(\d+) \((?:.|\n)*?\) ([A-Za-z](?: -?\d+){40,})$/gm), ([, pid, rest]) => {
    const fields = rest!.split(' ');
    return {
      pid: Number(pid),
      groupId: Number(fields[STAT_FIELDS_BEHIND_NAME.groupId]),
      startTicks: fields[STAT_FIELDS_BEHIND_NAME.startTicks]!,
      isZombie: /[ZXx]/.test(fields[STAT_FIELDS_BEHIND_NAME.state]!),
    };
  });
}

function psEntry(line: string): ProcessEntry[] {
  const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line);
  if (!found) return [];
  const [, pid, groupId, state, startTicks] = found;
  return [{ pid: Number(pid), groupId: Number(groupId), startTicks: startTicks!, isZombie: state!.startsWith('Z') }];
}

/** Empty when the program says by its exit code that it found nothing. */
function outputOf(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).trim();
  } catch (error) {
    if ((error as { status?: number | null }).status === 1) return '';
    throw error;
  }
}
