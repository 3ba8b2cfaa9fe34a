// The process that written-bench.ts traces: one session, turns of four messages, then closed and listed once.

import { randomBytes } from 'node:crypto';
import { SessionStorage } from '../src/cli/services/SessionStorage.ts';

const [home = '', appends = '0', payloadBytes = '0'] = process.argv.slice(2);
const storage = new SessionStorage({ home });
const record = storage.newSessionRecord({ project: { path: '/project' }, origin: { kind: 'human', agent: 'roo' } });
const writer = storage.writers.create(record);
for (let i = 0; i < Number(appends); i++) {
  const text = randomBytes(Math.ceil((Number(payloadBytes) * 3) / 4))
    .toString('base64')
    .slice(0, Number(payloadBytes));
  await writer.append([{ type: 'message', role: i % 4 === 0 ? 'user' : 'assistant', parts: [{ type: 'text', text }] }]);
}
await storage.writers.close(writer);
storage.list({});
await storage.close();
