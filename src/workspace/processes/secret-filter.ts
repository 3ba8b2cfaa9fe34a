// Takes secrets out of what a background process prints before it touches the disk. What secrets it may print stands in
// the environment that it was started with; the supervisor may have been started from another one.

import { dirname } from 'node:path';
import { machineRedactor } from '../secrets/machine-redactor.ts';
import type { ByteFilter } from './byte-filter.ts';
import type { ProcessFiles } from './process-files.ts';
import { environmentOf } from './process-identity.ts';

/** Something of every kind of rule. */
const WARM_UP = [
  'line 1',
  'NAME=value --flag value',
  '{"name": "value"}',
  'https://user@example.org/path?key=value',
  'Authorization: Basic',
].join('\n');

/** For a process that has its number. Its files are below ROO_HOME/state. */
export function secretFilter(files: ProcessFiles, id: string): ByteFilter {
  const start = files.start(id);
  const waiter = files.pid(id)?.waiter.pid;
  // Of the shell that waits for it, which lives until its output is in the log.
  const environment = (waiter === undefined ? null : environmentOf(waiter)) ?? process.env;
  const workingDirectory = environment['PWD'] ?? start?.workingDirectory;
  const redactor = machineRedactor({
    home: dirname(dirname(dirname(files.folder))),
    environment,
    folders: workingDirectory === undefined ? [] : [workingDirectory],
    userFolder: environment['HOME'] ?? null,
    ...start?.redaction,
  });
  // A supervisor that is killed between reading and writing loses a piece: the first one must not wait for the engine.
  redactor.redactText(WARM_UP);
  const stream = redactor.byteStream();
  return {
    // At once what is safe: whoever follows the log waits for it.
    push: (bytes) => Buffer.concat([stream.write(bytes), stream.flushSafe()]),
    flush: () => stream.end(),
  };
}
