// What this machine keeps of a session beside its log: the output of its background processes, how its files looked, and
// what was allowed in it. Goes when the session is purged.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionError, systemError } from '../../core/errors.ts';
import { namesIn } from '../../store/session-files.ts';
import { ProcessFiles } from '../../workspace/processes/process-files.ts';
import { processFromFiles } from '../../workspace/processes/process-observe.ts';

/** Answers what stays, and why, a sentence each. */
export function dropLocalTraces(home: string, sessionId: string): string[] {
  const state = join(home, 'state');
  const remains: string[] = [];
  const processes = join(state, 'processes', sessionId);
  const running = runningIn(processes);
  if (running.length > 0) {
    remains.push(
      `what ${running.join(', ')} prints, in ${processes}: it still runs; remove the folder when it has ended`,
    );
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

/** Only looks: nobody is started who would write into the folder that is about to go. */
function runningIn(folder: string): string[] {
  const files = new ProcessFiles(folder);
  return files.ids().filter((id) => {
    try {
      return processFromFiles(files, id)?.status === 'running';
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return false; // What was written down of it cannot be read, and goes.
    }
  });
}

function remove(path: string): void {
  try {
    // A supervisor that is just ending may still write into it.
    rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
  } catch (error) {
    throw systemError(error, 'remove', path);
  }
}
