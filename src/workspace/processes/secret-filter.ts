// Takes secrets out of what a background process prints before it touches the disk. The supervisor has the environment
// that the process was started with, and so the secrets that it may print.

import { dirname } from 'node:path';
import { machineRedactor } from '../secrets/machine-redactor.ts';
import type { ByteFilter } from './byte-filter.ts';
import type { StartFile } from './process-files.ts';

/** Something of every kind of rule. */
const WARM_UP = [
  'line 1',
  'NAME=value --flag value',
  '{"name": "value"}',
  'https://user@example.org/path?key=value',
  'Authorization: Basic',
].join('\n');

/** `folder` is the session's folder of processes, below ROO_HOME/state; `start` what is known of the process. */
export function secretFilter(folder: string, start: StartFile | null): ByteFilter {
  const redactor = machineRedactor({
    home: dirname(dirname(dirname(folder))),
    environment: process.env,
    folders: start === null ? [] : [start.workingDirectory],
    userFolder: process.env['HOME'] ?? null,
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
