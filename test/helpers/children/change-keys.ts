// Makes or rotates the identity of a home, and is killed at its n-th step on the disk. Says `done` when it got through.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [home = '', deed = '', diesAt = ''] = process.argv.slice(2);
let steps = 0;
for (const name of ['fsyncSync', 'renameSync', 'rmSync'] as const) {
  const real = fs[name] as (...words: unknown[]) => void;
  Object.assign(fs, {
    [name](...words: unknown[]) {
      if (++steps === Number(diesAt)) process.kill(process.pid, 'SIGKILL');
      real(...words);
    },
  });
}
syncBuiltinESMExports();
const { SessionKeys } = await import('../../../src/cli/services/SessionKeys.ts');
const options = { home, environment: {}, clock: { now: () => 0 }, askPassphrase: async () => null };
const keys = new SessionKeys({ ...options, openKeychain: async () => null });
if (deed === 'create') await keys.create({ protection: 'key-file' });
else await keys.rotate();
process.stdout.write('done\n');
