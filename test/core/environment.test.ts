import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keptEnvironment } from '../../src/core/environment.ts';

it('only variables that are known to be harmless are kept, in alphabetical order', () => {
  const kept = keptEnvironment({
    TERM: 'xterm',
    LC_ALL: 'C.UTF-8',
    GITHUB_TOKEN: 'ghp_secret',
    DATABASE_URL: 'postgres://me:secret@host/db',
    AWS_SECRET_ACCESS_KEY: 'secret',
    PATH: '/bin',
    HOME: '/home/me',
    EDITOR: 'vi',
    MY_LC_KEY: 'secret',
    lang: 'secret',
  });
  assert.deepEqual(Object.entries(kept), [
    ['EDITOR', 'vi'],
    ['LC_ALL', 'C.UTF-8'],
    ['TERM', 'xterm'],
  ]);
});

it('equal environments give equal values whatever their order', () => {
  assert.equal(
    JSON.stringify(keptEnvironment({ TZ: 'UTC', CI: '1' })),
    JSON.stringify(keptEnvironment({ CI: '1', TZ: 'UTC' })),
  );
});

it('a value that is not set or longer than a line is left out', () => {
  assert.deepEqual(keptEnvironment({ TZ: undefined, LANG: 'x'.repeat(1025), SHELL: 'x'.repeat(1024), CI: '' }), {
    CI: '',
    SHELL: 'x'.repeat(1024),
  });
});
