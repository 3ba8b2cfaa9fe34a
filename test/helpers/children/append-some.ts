// Appends ten records one after the other and says of each `ok <id>` or the code of its refusal; then closes.
// Arguments: home, session.

import { writeSync } from 'node:fs';
import type { SessionError } from '../../../src/core/errors.ts';
import { openOrCreate } from './child-store.ts';

const [home, id] = process.argv.slice(2);
const writer = openOrCreate(home!, id!, 1, Infinity);
const codeOf = (error: unknown): string => (error as SessionError).code ?? String(error);

for (let i = 0; i < 10; i++) {
  const text = `record ${i} ${'x'.repeat(i)}`;
  await writer.append([{ type: 'message', role: 'user', parts: [{ type: 'text', text }] }]).then(
    ([record]) => writeSync(1, `ok ${record!.id}\n`),
    (error: unknown) => writeSync(1, `${codeOf(error)}\n`),
  );
}
await writer.close().catch((error: unknown) => writeSync(1, `closing: ${codeOf(error)}\n`));
