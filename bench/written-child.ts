// The process that written-bench.ts traces: one session, turns of four messages, then closed and listed once.

import { SessionStorage } from '../src/cli/services/SessionStorage.ts';
import { filler, seeded } from './build-session.ts';

const [home = '', appends = '0', payloadBytes = '0'] = process.argv.slice(2);
const storage = new SessionStorage({ home });
const record = storage.newSessionRecord({ project: { path: '/project' }, origin: { kind: 'human', agent: 'roo' } });
const writer = storage.writers.create(record);
const random = seeded(7);
for (let i = 0; i < Number(appends); i++) {
  const text = filler(Number(payloadBytes), random);
  await writer.append([{ type: 'message', role: i % 4 === 0 ? 'user' : 'assistant', parts: [{ type: 'text', text }] }]);
}
await storage.writers.close(writer);
storage.list({});
await storage.close();
