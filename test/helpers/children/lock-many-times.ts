// Takes and gives back a lock many times over. While it holds it, it alone may make a folder: says `overlap` when that
// is there already. Arguments: home, session, folder, times.

import { mkdirSync, rmdirSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { tryLock } from '../../../src/store/session-lock.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';

const [home, id, folder, times] = process.argv.slice(2);
const layout = storeLayout(home!);
for (let taken = 0; taken < Number(times);) {
  const lock = tryLock(layout, id!, '');
  if (!lock) continue;
  try {
    mkdirSync(folder!);
    if (taken % 10 === 0) await wait(1);
    rmdirSync(folder!);
  } catch (error) {
    writeSync(1, `overlap ${String(error)}\n`);
  }
  lock.release();
  taken++;
  writeSync(1, 'taken\n');
}
