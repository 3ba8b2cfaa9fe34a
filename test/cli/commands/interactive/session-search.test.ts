import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionSearch } from '../../../../src/cli/commands/interactive/session-search.ts';
import { fakeSession } from '../../../helpers/fake-sessions.ts';

const NOW_MS = Date.parse('2026-01-02T13:00:00.000Z');
const SESSIONS = [
  fakeSession({ id: 'aaaa1111-0000', name: 'fix the login form', tags: ['urgent'], size: 4_200_000 }),
  fakeSession({
    id: 'bbbb2222-0000',
    name: 'form of payment',
    project: '/home/dev/bank',
    updatedAt: '2025-11-01T00:00:00Z',
  }),
  fakeSession({ id: 'cccc3333-0000', name: 'crash in 接続 pool', description: 'résumé parser' }),
  fakeSession({ id: 'dddd4444-0000', name: 'payment form' }),
];

async function found(words: string, sessions = SESSIONS): Promise<string[]> {
  const search = await SessionSearch.of(sessions, NOW_MS);
  return search.find(words).map(({ id }) => id.slice(0, 4));
}

const FINDS: [what: string, words: string, ids: string[]][] = [
  ['no words: all, in their order', '  ', ['aaaa', 'bbbb', 'cccc', 'dddd']],
  ['a word of the title', 'login', ['aaaa']],
  ['the beginning of a word', 'log', ['aaaa']],
  ['words in any order', 'form login', ['aaaa']],
  ['what has the words in their order first', 'payment form', ['dddd', 'bbbb']],
  ['a letter too few', 'lgin', ['aaaa']],
  ['a letter too many', 'logiin', ['aaaa']],
  ['two letters exchanged', 'lgoin', ['aaaa']],
  ['a wrong letter', 'lozin', ['aaaa']],
  ['letters that follow each other', 'fxlgn', ['aaaa']],
  ['a tag', '#urgent', ['aaaa']],
  ['the project', 'bank', ['bbbb']],
  ['a size', '4.2 MB', ['aaaa']],
  ['an age', '2mo', ['bbbb']],
  ['a day', '2025-11-01', ['bbbb']],
  ['the beginning of an id', 'cccc33', ['cccc']],
  ['another script', '接続', ['cccc']],
  ['accents', 'résumé', ['cccc']],
  ['words and one that must not be there', 'form -login', ['bbbb', 'dddd']],
  ['words as they are', '"form of"', ['bbbb']],
  ['nothing that is there', 'zebra quokka', []],
];

for (const [what, words, ids] of FINDS) {
  test(`finds ${what}`, async () => {
    assert.deepEqual(await found(words), ids);
  });
}

test('no words, titles or signs make the search fail or hang', async () => {
  const hostile = ['a'.repeat(10_000), 'a '.repeat(5000), '.*+?^${}()|[]\\'.repeat(50), '\u0000\ud83d'];
  const sessions = hostile.map((name) => fakeSession({ name, description: name, tags: [name] }));
  for (const words of [
    `${'a'.repeat(60)}z`,
    `${'a '.repeat(30)}z`,
    '.*',
    '[',
    '\\',
    '-',
    '"',
    '(((',
    '\ud83d',
    'x'.repeat(5000),
  ])
    assert.ok((await found(words, sessions)).length >= 0);
});
