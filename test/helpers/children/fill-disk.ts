// Fills the small disk that the store is on, in the middle of an append, and says what came of it: one JSON object.
// Arguments: home.

import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionError } from '../../../src/core/errors.ts';
import { noise } from '../reference-logs.ts';
import { createLog, newSession, readLog, userSays } from '../temp-store.ts';
import type { TempStore } from '../temp-store.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';
import { testClock } from '../clock.ts';

const [home] = process.argv.slice(2);
const store: TempStore = { directory: home!, layout: storeLayout(home!), clock: testClock() };
const ballast = join(home!, 'ballast');
writeFileSync(ballast, Buffer.alloc(600_000));
const session = newSession(store);
const writer = createLog(store, session);
const acknowledged: string[] = [];
const refusal = await fill();
const whenFull = readLog(store.layout, session.sessionId);
rmSync(ballast);
const [later] = await writer.append([userSays('there is room again')]);
await writer.close();
const after = readLog(store.layout, session.sessionId);
const idsOf = ({ records }: typeof after): string[] => records.map(({ id }) => id);
const { code, path, hint } = refusal;
const report = {
  refusal: { code, path, hint },
  acknowledged,
  whenFull: { ids: idsOf(whenFull), health: whenFull.health },
  after: { ids: idsOf(after), health: after.health, later: later!.id },
};
writeSync(1, `${JSON.stringify(report)}\n`);

async function fill(): Promise<SessionError> {
  for (let i = 1; ; i++) {
    try {
      const [record] = await writer.append([userSays(noise(i, 30_000))]);
      acknowledged.push(record!.id);
    } catch (error) {
      return error as SessionError;
    }
  }
}
