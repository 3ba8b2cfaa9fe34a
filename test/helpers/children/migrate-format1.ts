// Brings a document of format 1 over, again and again from the beginning, until it is killed: says `begin` before and
// `done` after each time. Arguments: home, session, file with the document.

import { copyFileSync, renameSync, writeSync } from 'node:fs';
import { migrateFormat1 } from '../../../src/store/format1-migrate.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';
import { testClock } from '../clock.ts';

const [home, id, document] = process.argv.slice(2);
const layout = storeLayout(home!);
const path = layout.logPath(id!);
for (let number = process.pid; ; number++) {
  writeSync(1, 'begin\n');
  migrateFormat1(layout, id!, testClock(number));
  writeSync(1, 'done\n');
  copyFileSync(document!, `${path}.again`);
  renameSync(`${path}.again`, path);
}
