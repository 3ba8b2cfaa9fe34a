// Takes secrets out of what a background process prints before it touches the disk. The supervisor has the environment
// that the process was started with, and so the secrets that it may print.

import { dirname } from 'node:path';
import { machineRedactor } from '../secrets/machine-redactor.ts';
import type { ByteFilter } from './byte-filter.ts';

/** `folder` is the session's folder of processes, below ROO_HOME/state. */
export function secretFilter(folder: string, workingDirectory: string | null): ByteFilter {
  const redactor = machineRedactor({
    home: dirname(dirname(dirname(folder))),
    environment: process.env,
    folders: workingDirectory === null ? [] : [workingDirectory],
    userFolder: process.env['HOME'] ?? null,
  });
  const stream = redactor.byteStream();
  return {
    // At once what is safe: whoever follows the log waits for it.
    push: (bytes) => Buffer.concat([stream.write(bytes), stream.flushSafe()]),
    flush: () => stream.end(),
  };
}
