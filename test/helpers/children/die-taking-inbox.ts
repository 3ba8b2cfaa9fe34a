// Takes in what waits for a session, and dies when the first entry is to be removed: the records are in the log then,
// and the entries are still there. Arguments: home, session.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { rmSync } = fs;
fs.rmSync = (path, options) => {
  if (String(path).includes('.inbox')) process.kill(process.pid, 'SIGKILL');
  rmSync(path, options);
};
syncBuiltinESMExports();
const { openSessions } = await import('../../../src/cli/services/open-sessions.ts');

const [home, id] = process.argv.slice(2);
const { manager } = openSessions({ home: home!, environment: {} });
await manager.resume(id!);
fs.writeSync(1, 'it did not die\n');
