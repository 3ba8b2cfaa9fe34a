// Takes the lock of a session, says `held` or the code of the refusal, and keeps it until it is killed or told to go on.
// Arguments: home, session.

import { writeSync } from 'node:fs';
import { tryLock } from '../../../src/store/session-lock.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';

const [home, id] = process.argv.slice(2);
const lock = tryLock(storeLayout(home!), id!, new Date().toISOString());
writeSync(1, lock ? 'held\n' : 'refused\n');
if (lock) {
  // Shows that it lives: a stopped process says nothing.
  setInterval(() => writeSync(1, 'alive\n'), 20);
}
