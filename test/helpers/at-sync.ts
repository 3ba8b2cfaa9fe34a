// Does something to a file between the moment it is written and the moment its sync is over.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let action: (() => void) | null = null;

/** Runs once, in the middle of the next sync of data. */
export function atNextSync(what: () => void): void {
  action = what;
}

const { fdatasync } = fs;
fs.fdatasync = ((fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
  const now = action;
  action = null;
  now?.();
  fdatasync(fd, done);
}) as typeof fs.fdatasync;
syncBuiltinESMExports();
