// Which processes there are and who started them, from Linux's /proc. Source of the format: proc_pid_stat(5).

import { promises as fs } from 'node:fs';

export interface ProcessRow {
  pid: number;
  parent: number;
  group: number;
  session: number;
}

/** All that have not ended (a zombie has); null where the system has no /proc. */
export async function processTable(): Promise<ProcessRow[] | null> {
  if (process.platform !== 'linux') return null;
  const names = await fs.readdir('/proc').catch(goneIsNull);
  if (names === null) return null;
  const rows = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(processRow));
  return rows.filter((row) => row !== null);
}

async function processRow(pid: string): Promise<ProcessRow | null> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'latin1').catch(goneIsNull);
  if (stat === null) return null;
  // The name of the program stands in brackets and may hold anything, brackets too.
  const [state, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return null;
  return { pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(session) };
}

function goneIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ESRCH' || error.code === 'EACCES') return null;
  throw error;
}
