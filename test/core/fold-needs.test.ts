import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyFold } from '../../src/core/fold.ts';
import { foldIn } from '../../src/core/fold-needs.ts';
import { changedValue, randomOf } from '../helpers/fuzz.ts';
import { testClock } from '../helpers/clock.ts';
import { newSession } from '../helpers/temp-store.ts';

const fold = { ...emptyFold(newSession({ clock: testClock() })), tags: ['a'], model: 'm' };

test('a fold is known as one, with fields of a later version in it', () => {
  assert.deepEqual(foldIn(structuredClone(fold)), fold);
  assert.ok(foldIn({ ...fold, later: { deep: [1] } }));
});

test('a fold without one of its fields, or with one of another kind, is none', () => {
  const optional = new Set(['model']);
  for (const field of Object.keys(fold)) {
    assert.equal(foldIn({ ...fold, [field]: 7n }), null, field);
    const { [field as 'name']: _gone, ...rest } = fold;
    assert.equal(foldIn(rest) !== null, optional.has(field), field);
  }
  for (const value of [null, undefined, [], 'fold', 1]) assert.equal(foldIn(value), null);
});

test('whatever passes has a state that others can read without asking', () => {
  let passed = 0;
  for (let seed = 0; seed < 300; seed++) {
    const found = foldIn({ ...fold, state: changedValue(fold.state, randomOf(seed)) });
    if (!found) continue;
    passed++;
    assert.equal(typeof found.state.workingDirectory, 'string');
    for (const list of [found.state.activeProcesses, found.state.openFiles]) assert.ok(Array.isArray(list));
  }
  assert.ok(passed > 100);
});
