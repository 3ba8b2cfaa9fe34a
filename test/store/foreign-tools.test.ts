import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { encodeLine } from '../../src/store/frame-lines.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { REFERENCES } from '../helpers/reference-logs.ts';
import { createLog, newSession, readLog, tempStore, userSays } from '../helpers/temp-store.ts';

makeSyncingFree();

const PYTHON = 'import gzip, sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())';

const TOOLS: Record<string, (path: string) => string[]> = {
  'gunzip -c': (path) => ['gunzip', '-c', path],
  zcat: (path) => ['zcat', path],
  'gzip -t': (path) => ['gzip', '-t', path],
  'python3’s gzip': (path) => ['python3', '-c', PYTHON, path],
};

describe('a log without our code', () => {
  for (const [tool, commandFor] of Object.entries(TOOLS)) {
    it(`is read as JSON Lines by ${tool}, without a complaint`, async (t) => {
      if (spawnSync(commandFor('')[0]!, ['--version']).error) return t.skip(`${tool} is not here`);
      const store = tempStore(t);
      const logs = await Promise.all(Object.values(REFERENCES).map(async (write) => (await write(store)).id));
      for (const level of [0, 9]) {
        const session = newSession(store);
        const writer = createLog(store, session, { level });
        await writer.append([userSays(`level ${level}`), userSays('second')]);
        await writer.close();
        logs.push(session.sessionId);
      }
      for (const id of logs) {
        const [command, ...args] = commandFor(store.layout.logPath(id));
        const { status, stdout, stderr } = spawnSync(command!, args);
        assert.deepEqual([status, stderr.toString()], [0, '']);
        const expected = Buffer.concat(readLog(store.layout, id).records.map(encodeLine));
        if (tool !== 'gzip -t') assert.ok(stdout.equals(expected), `${tool} gives something else`);
      }
    });
  }

  it('keeps its name and its form when compression is off', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session, { level: 0 });
    await writer.append([userSays('can be found with grep')]);
    await writer.close();
    assert.ok(readFileSync(store.layout.logPath(session.sessionId)).includes('can be found with grep'));
  });
});
