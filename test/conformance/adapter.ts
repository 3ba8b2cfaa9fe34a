// What every adapter promises, as one suite: an adapter's own test names its fixtures and what is in them.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Adapter, ForeignSession } from '../../src/adapters/adapter.ts';
import { loadAdapters } from '../../src/adapters/registry.ts';
import { stringifyJson } from '../../src/core/json.ts';
import { messageText } from '../../src/core/message-text.ts';
import { activePath, callsOf, collect, fixtureHome, inLogOrder, listed, promptsOf } from '../adapters/collected.ts';
import type { Collected, ExpectedCall } from '../adapters/collected.ts';
import { survivesDamage } from '../adapters/damage.ts';

export interface ExpectedSession {
  id: string;
  userPrompts: readonly string[];
  toolCalls: readonly ExpectedCall[];
}
export interface AdapterPromise {
  adapter: Adapter;
  /** Folder of test/fixtures/agents that is a home with the sessions. */
  home: string;
  /** Folder below the home where the agent keeps its sessions. */
  sessionsFolder: string;
  sessions: readonly ExpectedSession[];
  /** One whole turn for a generated session: lines for turn `index`, with `text` in prompt and output. */
  turn(index: number, text: string): unknown[];
}

function main(session: ForeignSession): string {
  return session.paths[0]!;
}

export function conformsToAdapter(promise: AdapterPromise): void {
  const { adapter } = promise;
  const home = fixtureHome(promise.home);
  let folder = '';
  let sessions: ForeignSession[] = [];

  const fileWith = (name: string, content: string | Buffer): string => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const read = (content: string): Promise<Collected> => collect(adapter, [fileWith('session.jsonl', content)]);

  describe(`the ${adapter.title} adapter`, () => {
    before(async () => {
      folder = mkdtempSync(path.join(os.tmpdir(), 'roo-adapter-'));
      sessions = await listed(adapter, home);
    });
    after(() => rmSync(folder, { recursive: true }));

    it('lists the sessions of a home', () => {
      const ids = promise.sessions.map((session) => session.id).sort();
      assert.deepEqual(
        sessions.map((session) => session.id),
        ids,
      );
      for (const session of sessions) {
        assert.equal(session.agent, adapter.name);
        assert.ok(session.sizeBytes > 0 && session.updatedAtMs > 0 && session.title !== undefined);
        assert.equal(session.projectPath, '/home/dev/shop-api');
      }
    });

    it('finds nothing in a home without the agent, and fails on one that cannot be read', async () => {
      const empty = mkdtempSync(path.join(folder, 'home-'));
      assert.deepEqual(await listed(adapter, empty), []);
      const at = path.join(empty, promise.sessionsFolder);
      mkdirSync(path.dirname(at), { recursive: true });
      writeFileSync(at, 'a file where a folder should be');
      await assert.rejects(listed(adapter, empty), { code: 'STORE_UNREADABLE' });
    });

    it('knows its own files from those of every other agent', async () => {
      for await (const other of loadAdapters()) {
        for (const session of await listed(other, fixtureHome(other.name))) {
          const head = readFileSync(main(session)).subarray(0, 65_536).toString('utf8');
          assert.equal(adapter.detect(main(session), head), other.name === adapter.name, main(session));
          if (other.name !== adapter.name)
            await assert.rejects(collect(adapter, session.paths), { code: 'FORMAT_UNKNOWN' });
        }
      }
      for (const text of ['', '{}\n', 'hello\n', '{"type":"session","version":3,"id":"x","cwd":"/"}\n', '[1]\n']) {
        assert.equal(adapter.detect('x.jsonl', text), false);
        await assert.rejects(read(text), { code: 'FORMAT_UNKNOWN' });
      }
    });

    for (const expected of promise.sessions) {
      const get = async (): Promise<Collected> => {
        return collect(adapter, sessions.find((session) => session.id === expected.id)!.paths);
      };

      it(`reads every prompt and tool call of ${expected.id}`, async () => {
        const got = await get();
        assert.deepEqual(promptsOf(got), expected.userPrompts);
        const calls = callsOf(got);
        assert.deepEqual(
          calls.map(({ input, ...call }, index) =>
            expected.toolCalls[index]?.input === undefined ? call : { ...call, input },
          ),
          expected.toolCalls,
        );
        assert.deepEqual(got.unreadables, []);
        assert.equal(got.headers.at(-1)?.id, expected.id);
        assert.equal(got.headers.at(-1)?.project?.path, '/home/dev/shop-api');
        const onPath = activePath(got).filter((message) => message.role === 'user');
        assert.deepEqual(onPath.map(messageText), expected.userPrompts);
      });

      it(`gives the records of ${expected.id} in an order that a log can take`, async () => {
        inLogOrder(await get());
      });

      it(`gives the same of ${expected.id} at every reading`, async () => {
        assert.deepEqual(await get(), await get());
      });
    }

    survivesDamage(adapter, () => sessions.map(main));

    it('holds little of a large session in memory', async () => {
      const file = fileWith('large.jsonl', '');
      const text = 'x'.repeat(40_000);
      let sizeBytes = 0;
      for (let index = 0; sizeBytes < 50e6;) {
        let lines = '';
        for (const stop = index + 50; index < stop; index++) {
          for (const entry of promise.turn(index, text)) lines += `${stringifyJson(entry)}\n`;
        }
        writeFileSync(file, lines, { flag: 'a' });
        sizeBytes += lines.length;
      }
      const start = liveHeapBytes();
      let [prompts, ends, messages, most] = [0, 0, 0, 0];
      await adapter.read([file], {
        header: () => undefined,
        unreadable: (entry) => assert.fail(entry.reason),
        record: (record) => {
          if (record.type === 'message' && ++messages % 200 === 0) most = Math.max(most, liveHeapBytes() - start);
          if (record.type === 'message' && record.role === 'user') prompts++;
          if (record.type === 'tool-end') ends++;
        },
      });
      assert.ok(prompts > 400 && ends === prompts, `${prompts} prompts and ${ends} results were read`);
      assert.ok(most < sizeBytes / 5, `${most} bytes were live for ${sizeBytes} bytes of file`);
    });
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function liveHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
