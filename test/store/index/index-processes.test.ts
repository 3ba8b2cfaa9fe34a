import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FakeLogs, sessionId } from './fake-logs.ts';

const SESSIONS = 200;
const CHILD = fileURLToPath(new URL('./index-process.ts', import.meta.url));

/** What a process that lists and searches the store sees, as JSON; rejects when it fails or complains. */
async function look(home: string): Promise<unknown> {
  const child = spawn(process.execPath, [CHILD, home], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const [status] = (await once(child, 'close')) as [number];
  assert.equal(status, 0, err);
  return JSON.parse(out);
}

test('processes that find no index make one together, and all see the same', async () => {
  const logs = new FakeLogs();
  for (let i = 0; i < SESSIONS; i++) {
    logs.write(
      sessionId(i),
      {},
      Array.from({ length: 20 }, (_, t) => ({ text: `common words ${i} ${t}` })),
    );
  }
  const seen = await Promise.all([1, 2, 3, 4].map(() => look(logs.home)));
  for (const answer of seen) assert.deepEqual(answer, { listed: SESSIONS, found: SESSIONS, warnings: [] });
  const index = logs.index();
  assert.equal((await index.find('common', { limit: 1000 })).found.length, SESSIONS);
  assert.equal(await index.fillSubstrings(60_000), 0);
  logs.remove();
});
