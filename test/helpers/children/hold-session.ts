// Goes on with a session and holds it: says `open` or the code of the refusal, then the id of every record that it took
// in from others. Appends a message for every second of its life when told so. Arguments: home, session, `append`.

import { writeSync } from 'node:fs';
import { SessionError } from '../../../src/core/errors.ts';
import { openSessions } from '../../../src/cli/services/open-sessions.ts';

const [home, id, task] = process.argv.slice(2);
const { manager } = openSessions({ home: home!, environment: {} });
try {
  const live = await manager.resume(id!);
  live.on('changed', (records) => writeSync(1, records.map((record) => `${record.id}\n`).join('')));
  writeSync(1, 'open\n');
  process.once('SIGTERM', () => {
    clearInterval(alive);
    void manager.close().then(() => writeSync(1, 'closed\n'));
  });
} catch (error) {
  writeSync(1, `${error instanceof SessionError ? error.code : String(error)}\n`);
  await manager.close();
  process.exit();
}
let number = 0;
const alive = setInterval(() => {
  if (task !== 'append') return;
  const parts = [{ type: 'text' as const, text: `${number++}` }];
  void manager.resume(id!).then((live) => live.append({ type: 'message', role: 'user', parts }));
}, 20);
