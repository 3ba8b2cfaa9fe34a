// Canaries on every way into a session that somebody works in: typed, read, printed, answered, named, watched. None may
// stand in any byte below ROO_HOME, nor in a request to the model.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, records, roo, start } from '../helpers/built-roo.ts';
import { Canaries } from '../helpers/canaries.ts';
import { canariesBelow, canariesIn, waysNotTaken } from '../helpers/canary-search.ts';
import { PIECEWISE, placeWithModel, plantAround, plantedTurns, plantServer } from '../helpers/canary-world.ts';
import { runs } from '../helpers/slow.ts';

/** How many go in by each way that takes more than one. */
const EACH = runs(2, 28);

async function until(isIt: () => boolean, words: () => string = () => ''): Promise<void> {
  for (let waitedMs = 0; !isIt(); waitedMs += 50) {
    assert.ok(waitedMs < 60_000, `it did not come: ${words()}`);
    await sleep(50);
  }
}

/** Ways that end on the screen, or at the model. */
const SHOWN_ONLY = new Set([
  'the version of a server',
  'complaints of a server',
  'last words of a server',
  'a refusal',
  'an error in a stream',
  'typed wrongly',
  'a wish for a summary',
]);
const ALLOWED = ['execute_command', 'write_file', 'edit_file', 'mcp__ours__leak', 'read_mcp_resource'].flatMap(
  (tool) => ['--allow', tool],
);

test('worked in, a session keeps no secret that was typed, read, printed or answered, and the model sees none', async (t) => {
  const canaries = new Canaries(1);
  const { at, server } = await placeWithModel(t, plantedTurns(canaries, EACH));
  plantAround(at, canaries, EACH);
  plantServer(at, canaries, EACH);
  at.env['OPENAI_API_KEY'] = canaries.known('the key of the model');
  const child = start(at, ALLOWED);
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const type = (text: string): void => void child.stdin.write(`${text.trimEnd().replaceAll('\n', '\\\n')}\n`);
  type('/watch watched');
  type(`/watch ${canaries.token('a path that is watched')}`);
  type(`Look around with ${canaries.lines('typed', EACH)} and @mentioned.txt`);
  await until(() => said.includes('I have looked.'));
  writeFileSync(join(at.cwd, 'watched', canaries.token('a file that comes')), '1');
  type(
    `!cat typed.txt; echo ${canaries.token('a typed command')}; printenv LC_KNOWN OPENAI_API_KEY; cat .env .npmrc ~/.netrc`,
  );
  type(`!${PIECEWISE}; echo ${canaries.token('a background command')} &`);
  type(`/name ${canaries.line('a name')}`);
  type(`/tag ${canaries.token('a tag')}`);
  type(`/checkpoint ${canaries.line('the words of a checkpoint')}`);
  type(`Once more with ${canaries.line('typed before an answer')}`);
  type(`Be refused with ${canaries.line('typed before a refusal')}`);
  type(`Break with ${canaries.line('typed before an error')}`);
  type(`/nonsense ${canaries.line('typed wrongly')}`);
  await until(() => /nonsense is no command/.test(said));
  const id = (JSON.parse(roo(at, ['session', 'list', '-f', 'json']).stdout) as { data: { sessions: { id: string }[] } })
    .data.sessions[0]!.id;
  const edit = roo(at, [
    'session',
    'edit',
    id,
    '--description',
    canaries.line('a change from outside'),
    '--add-tag',
    canaries.token('a tag from outside'),
  ]);
  assert.equal(edit.status, 0, edit.stderr);
  type(`/compact keep ${canaries.line('a wish for a summary')}`);
  await until(
    () => /process p2 \([^]*ended/.test(said),
    () => said,
  );
  child.stdin.end();
  assert.equal(await ended(child), 0);
  assert.match(said, /kept out of the session/);
  // The commands themselves ran with the secrets.
  assert.ok(said.includes(at.env['LC_KNOWN']!));
  assert.ok(server.requests.length >= 6);
  // A description with a secret in it is no news with every request.
  assert.equal(records(at).filter(({ type }) => type === 'context').length, 1);
  const sent = canariesIn(
    server.requests.map(({ text }) => text),
    canaries.planted,
  );
  assert.deepEqual([...sent, ...canariesBelow(at.home, canaries.planted)], []);
  const notTaken = waysNotTaken(at.home, canaries.planted).filter((way) => !SHOWN_ONLY.has(way));
  assert.deepEqual(notTaken, []);
  assert.ok(canaries.planted.length >= runs(75, 500));
});
