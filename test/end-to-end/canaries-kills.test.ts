// Canaries in what is on its way when everything is killed: in the pieces that a crash leaves, and in what goes on from
// them.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kill, records, rooAsync, started } from '../helpers/built-roo.ts';
import { Canaries } from '../helpers/canaries.ts';
import { canariesBelow, waysNotTaken } from '../helpers/canary-search.ts';
import { placeWithModel } from '../helpers/canary-world.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { runs } from '../helpers/slow.ts';

const KILLS = runs(1, 6);
const LINES = 24;

test('killed in the middle of an answer or of output, a session keeps no half of a secret', async (t) => {
  const canaries = new Canaries(4);
  const turns: Turn[] = [];
  for (let i = 0; i < KILLS; i++) {
    const spoken = { think: canaries.lines('thinking', LINES), text: `begun ${canaries.lines('an answer', LINES)}` };
    turns.push({ prompt: `Answer ${i}.`, steps: [{ ...spoken, eventDelayMs: 12 }] });
  }
  const { at } = await placeWithModel(t, turns);
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
