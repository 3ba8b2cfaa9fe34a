import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean } from '../../src/cli/did-you-mean.ts';

const VERBS = ['list', 'link', 'load', 'find', 'export', 'import', 'delete', 'undelete'];

test('a slip of the fingers finds the word that was meant', () => {
  assert.deepEqual(didYouMean('lsit', VERBS), ['list']);
  assert.deepEqual(didYouMean('exprot', VERBS), ['export']);
  assert.deepEqual(didYouMean('delte', VERBS), ['delete']);
});

test('a beginning finds its word first', () => {
  assert.equal(didYouMean('und', VERBS)[0], 'undelete');
});

test('a word unlike any other suggests nothing', () => {
  assert.deepEqual(didYouMean('kubernetes', VERBS), []);
  assert.deepEqual(didYouMean('x', VERBS), []);
});
