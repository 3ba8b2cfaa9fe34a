// Asks over and over whether a session is locked. Arguments: home, session.

import { writeSync } from 'node:fs';
import { isLocked } from '../../../src/store/session-lock.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';

const [home, id] = process.argv.slice(2);
const layout = storeLayout(home!);
writeSync(1, 'looking\n');
for (;;) isLocked(layout, id!);
