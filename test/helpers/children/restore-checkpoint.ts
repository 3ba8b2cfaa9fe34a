// Restores a checkpoint, and stops at the n-th call that moves a file until it is killed; 0 runs through.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [home = '', workTree = '', commit = '', stopAt = '0', sessionId = ''] = process.argv.slice(2);
const { renameSync } = fs;
let left = Number(stopAt);
fs.renameSync = (from, to) => {
  const isMove = String(from).includes('.roo-restore-') || String(to).includes('.roo-restore-');
  if (isMove && --left === 0) {
    process.stdout.write('stopped\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  renameSync(from, to);
};
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
