import assert from 'node:assert/strict';
import { it } from 'node:test';
import { remoteKey } from '../../src/core/git-remote.ts';

it('addresses of one repository are equal, whatever they are reached by', () => {
  const same = [
    'git@example.test:me/shop.git',
    'example.test:me/shop',
    'https://example.test/me/shop.git',
    'https://EXAMPLE.test/me/shop/',
    'https://me:secret@example.test/me/shop',
    'ssh://git@example.test:22/me/shop.git',
    'git://example.test/me/shop.git',
  ];
  assert.deepEqual(new Set(same.map(remoteKey)), new Set(['example.test/me/shop']));
});

it('another owner, host or name is another repository', () => {
  const all = ['git@a.test:me/p', 'git@b.test:me/p', 'git@a.test:you/p', 'git@a.test:me/P', '/srv/me/p.git'];
  assert.equal(new Set(all.map(remoteKey)).size, all.length);
});
