// For tests that try thousands of states of a file and are not about power loss: what a sync makes durable is tested
// where syncs count.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Makes syncing free in this test process. */
export function makeSyncingFree(): void {
  Object.assign(fs, { fsyncSync() {}, fdatasyncSync() {}, fdatasync });
  syncBuiltinESMExports();
}

function fdatasync(_fd: number, done: fs.NoParamCallback): void {
  setImmediate(done, null);
}
