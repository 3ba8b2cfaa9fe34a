// The supervisor as a program of its own: `node supervisor.cjs FOLDER`. Started by the shell that starts a process, so
// that it comes back by itself when it is killed.

import { ProcessFiles } from './process-files.ts';
import { secretFilter } from './secret-filter.ts';
import { BUSY } from './start-script.ts';
import { supervise } from './supervisor.ts';

// A closed terminal, or Ctrl-C in it, is no reason to stop.
for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => {});

const folder = process.argv[2]!;
const filterFor = (id: string): ReturnType<typeof secretFilter> =>
  secretFilter(folder, new ProcessFiles(folder).start(id));

void supervise(folder, { filterFor, nowMs: Date.now }).then(
  (result) => (process.exitCode = result === 'busy' ? BUSY : 0),
);
