// Restores a checkpoint, and stops at the n-th call that moves a file until it is killed; 0 runs through. `full` finds
// the disk full at the second file.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [home = '', workTree = '', commit = '', stopAt = '0', sessionId = ''] = process.argv.slice(2);
const { renameSync } = fs;
let left = stopAt === 'full' ? 0 : Number(stopAt);
fs.renameSync = (from, to) => {
  const isMove = String(from).includes('.roo-restore-') || String(to).includes('.roo-restore-');
  if (isMove && --left === 0) {
    process.stdout.write('stopped\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  renameSync(from, to);
};
const { writeFile } = fs.promises;
let files = 0;
fs.promises.writeFile = (async (...args: Parameters<typeof writeFile>) => {
  if (stopAt === 'full' && ++files === 2) throw Object.assign(new Error('injected'), { code: 'ENOSPC' });
  return writeFile(...args);
}) as typeof writeFile;
syncBuiltinESMExports();
const { Checkpoints } = await import('../../../src/workspace/checkpoints/checkpoints.ts');
const checkpoints = new Checkpoints({ home, workTree });
try {
  await checkpoints.restore(commit, { sessionId, description: 'before', nowMs: Date.now() });
  process.stdout.write('done\n');
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  process.stdout.write(`${code}: ${message}\n`);
}
