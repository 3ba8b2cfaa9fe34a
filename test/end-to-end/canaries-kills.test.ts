// Canaries in what is on its way when everything is killed, and in what the verbs are handed: the pieces that a crash
// leaves, what goes on from them, and what stands beside the sessions.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../helpers/built-roo.ts';
import { kill, place, records, roo, rooAsync, started } from '../helpers/built-roo.ts';
import { Canaries } from '../helpers/canaries.ts';
import { canariesBelow, canariesIn, waysNotTaken } from '../helpers/canary-search.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { runs } from '../helpers/slow.ts';

const KILLS = runs(1, 6);
const LINES = 24;

async function placeWithModel(t: TestContext, turns: Turn[]): Promise<Place> {
  const at = place(t);
  const server = await startModelServer({ scenario: { turns }, cwd: at.cwd });
  t.after(() => server.close());
  Object.assign(at.env, { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'key', ROO_MODEL: 'openai/scripted' });
  return at;
}

test('killed in the middle of an answer or of output, a session keeps no half of a secret', async (t) => {
  const canaries = new Canaries(4);
  const turns: Turn[] = [];
  for (let i = 0; i < KILLS; i++) {
    const spoken = { think: canaries.lines('thinking', LINES), text: `begun ${canaries.lines('an answer', LINES)}` };
    turns.push({ prompt: `Answer ${i}.`, steps: [{ ...spoken, eventDelayMs: 12 }] });
  }
  const at = await placeWithModel(t, turns);
  writeFileSync(join(at.cwd, 'lines.txt'), `begun\n${canaries.lines('output', LINES)}`);
  const slowly =
    'while IFS= read -r line; do printf %.20s "$line"; sleep 0.03; printf "%s\\n" "${line#????????????????????}"; done <lines.txt';
  for (let i = 0; i < KILLS; i++) {
    for (const line of [`Answer ${i}.`, `!${slowly}`]) {
      const child = await started(t, at, `${line}\n`, 'begun', i > 0 || line.startsWith('!') ? ['-c'] : []);
      // Longer than what is held for half a second, at another place each time.
      await sleep(600 + 37 * i);
      await kill(child);
      assert.deepEqual(canariesBelow(at.home, canaries.planted), []);
    }
  }
  const types = new Set(records(at).map(({ type }) => type));
  assert.ok(types.has('partial') && types.has('tool-output'), 'what was on its way was recorded in pieces');
  await rooAsync(at, ['-c'], 'And now?\n');
  assert.deepEqual(canariesBelow(at.home, canaries.planted), []);
  assert.deepEqual(waysNotTaken(at.home, canaries.planted), []);
});

test('what verbs are handed comes clean into the session, the list, the trash and what is logged', async (t) => {
  const canaries = new Canaries(5);
  const at = await placeWithModel(t, [{ prompt: 'Hello', steps: [{ text: canaries.line('an answer') }] }]);
  const done = (...args: string[]): string => {
    const { status, stdout, stderr } = roo(at, args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  await rooAsync(at, ['-p', `Hello ${canaries.line('a prompt')}`]);
  await rooAsync(at, ['-p', '-'], `Hello ${canaries.lines('a prompt from standard input', 3)}`);
  done(
    'session',
    'save',
    canaries.line('a name'),
    '--description',
    canaries.line('a description'),
    '--tag',
    canaries.token('a tag'),
  );
  done('session', 'edit', '@last', '--outcome', canaries.line('an outcome'), '--name', canaries.line('another name'));
  done('session', 'config', '@last', 'model', `openai/${canaries.token('a model')}`);
  done('session', 'checkpoint', canaries.line('the words of a checkpoint'));
  roo(at, ['session', 'find', canaries.token('what is searched for')]);
  roo(at, ['session', 'show', canaries.token('a name that is nobody')]);
  done('session', 'fork', '@last', '--name', canaries.token('the name of a fork'));
  done('session', 'archive', '@last');
  const { sessions } = (JSON.parse(done('session', 'list', '-f', 'json')) as { data: { sessions: { id: string }[] } })
    .data;
  done('session', 'delete', sessions[0]!.id);
  done('session', 'list', '--trash');
  const told = ['audit', 'list', 'info @last', 'show @last --raw'].map((words) => done('session', ...words.split(' ')));
  assert.deepEqual([...canariesIn(told, canaries.planted), ...canariesBelow(at.home, canaries.planted)], []);
  const asked = new Set(['what is searched for', 'a name that is nobody']);
  assert.deepEqual(
    waysNotTaken(at.home, canaries.planted).filter((way) => !asked.has(way)),
    [],
  );
});

test('a session in a folder whose name is a secret keeps it nowhere, and is found and gone on with there', async (t) => {
  const canaries = new Canaries(6);
  const around = await placeWithModel(t, [{ prompt: 'Hello', steps: [{ text: 'Hello.' }] }]);
  const at = { ...around, cwd: join(around.cwd, canaries.token('the folder')) };
  mkdirSync(at.cwd);
  await rooAsync(at, [], 'Hello\n!pwd\n!sleep 0 &\n');
  const listed = roo(at, ['session', 'list']).stdout.trim().split('\n');
  assert.equal(listed.length, 1);
  assert.match(listed[0]!, /Hello/);
  assert.match(roo(at, ['session', 'load', '@last', '--dry-run']).stdout, /stay/);
  const { stdout } = await rooAsync(at, ['-c'], '!pwd\n');
  assert.match(stdout, new RegExp(`^${at.cwd}$`, 'm'));
  assert.deepEqual(canariesBelow(at.home, canaries.planted), []);
  assert.deepEqual(waysNotTaken(at.home, canaries.planted), []);
});
