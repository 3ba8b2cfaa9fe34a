// Appends to a session until it is killed, and says the id of every record that was acknowledged.
// Arguments: home, session, number of this run, bytes of a part.

import { writeSync } from 'node:fs';
import { openOrCreate } from './child-store.ts';

const [home, id, number, partBytesMax] = process.argv.slice(2);
const writer = openOrCreate(home!, id!, Number(number), Number(partBytesMax));

for (let i = 0; ; i++) {
  // Mostly short, now and then too long for a line; two at a time every so often.
  const texts = Array.from({ length: 1 + (i % 3) }, (_, n) => 'x'.repeat(i % 17 === 5 ? 300_000 + i : 10 + 37 * n + i));
  const written = await Promise.all(
    texts.map((text) => writer.append([{ type: 'message', role: 'user', parts: [{ type: 'text', text }] }])),
  );
  writeSync(1, written.flatMap((records) => records.map((record) => `${record.id}\n`)).join(''));
}
