// What this machine keeps of a session beside its log: the output of its background processes, how its files looked, and
// what was allowed in it. Goes when the session is purged.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { namesIn } from '../../store/session-files.ts';
import { ProcessKeeper } from '../../workspace/processes/process-keeper.ts';

/** Answers what stays, and why, a sentence each. */
export function dropLocalTraces(home: string, sessionId: string, nowMs: () => number): string[] {
  const state = join(home, 'state');
  const remains: string[] = [];
  const processes = join(state, 'processes', sessionId);
  const running = isFolder(processes) ? runningIn(home, sessionId, nowMs) : [];
  if (running.length > 0) {
    remains.push(`what ${running.join(', ')} prints, in ${processes}: it still runs, and is left alone`);
  } else remove(processes);
  for (const path of [join(state, 'files', sessionId), join(state, 'grants', `${sessionId}.json`)]) remove(path);
  for (const path of unfinishedTraces(home, sessionId)) remove(path);
  return remains;
}

/** Files that a crash left on their way to becoming one of these: they hold the same words. */
export function unfinishedTraces(home: string, sessionId: string): string[] {
  const state = join(home, 'state');
  const named = (folder: string, isUnfinished: (name: string) => boolean): string[] =>
    namesIn(join(state, folder)).flatMap((name) => (isUnfinished(name) ? [join(state, folder, name)] : []));
  return [
    ...named('files', (name) => name.startsWith(`${sessionId}.`)),
    ...named('grants', (name) => name.startsWith(`${sessionId}.json.`)),
    ...named(join('processes', sessionId), (name) => name.endsWith('.new')),
  ];
}

function runningIn(home: string, sessionId: string, nowMs: () => number): string[] {
  const keeper = new ProcessKeeper({ home, sessionId, nowMs });
  try {
    return keeper
      .list()
      .filter(({ status }) => status === 'running')
      .map(({ id }) => id);
  } finally {
    keeper.close();
  }
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw systemError(error, 'look into', path);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw systemError(error, 'remove', path);
  }
}
