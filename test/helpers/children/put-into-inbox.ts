// Puts changes into the inbox of a session, one after the other, and says the id of each when it is durable.
// Arguments: home, session, how many.

import { writeSync } from 'node:fs';
import { putIntoInbox } from '../../../src/store/inbox.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';
import { SYSTEM_CLOCK } from '../../../src/cli/services/SessionStorage.ts';

const [home, id, count] = process.argv.slice(2);
const layout = storeLayout(home!);
for (let i = 0; i < Number(count); i++) {
  const [record] = putIntoInbox(layout, id!, [{ type: 'meta', name: `change ${i}` }], SYSTEM_CLOCK);
  writeSync(1, `${record!.id}\n`);
}
