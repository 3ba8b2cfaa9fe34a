// The way back from what was kept out: a tool gets the secret that its placeholder stands for, and what is no secret was
// never touched. That secrets stay out at all is shown by the canaries.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { place, roo, rooAsync, shown } from '../helpers/built-roo.ts';
import { canariesBelow } from '../helpers/canary-search.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';

/** Made up, and put together here so that no scanner takes this file for a leak. */
const KNOWN = ['env', 'Xq7', 'mV2kP9', 'wLz4'].join('-');
const TYPED = `ghp${'_'}${'16C7e42F292c6912E7710c838347Ae178B4a'}`;

test('a placeholder that the model passes to a tool is the secret again when the tool runs, also after a restart', async (t) => {
  const at = place(t, { SERVICE_TOKEN: KNOWN });
  await rooAsync(at, [], '!echo $SERVICE_TOKEN\n');
  const placeholder = /\[REDACTED:[a-z-]+:[0-9a-f]{8}\]/.exec(JSON.stringify(shown(at)))![0];
  const server = await startModelServer({
    scenario: {
      turns: [
        {
          prompt: 'Use it',
          steps: [{ calls: [{ write: 'used.txt', content: `${placeholder}\n` }] }, { text: 'Used.' }],
        },
      ],
    },
    cwd: at.cwd,
  });
  t.after(() => server.close());
  Object.assign(at.env, { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'key', ROO_MODEL: 'openai/scripted' });
  await rooAsync(at, ['-c', '--allow', 'write_file'], 'Use it\n');
  assert.equal(readFileSync(join(at.cwd, 'used.txt'), 'utf8'), `${KNOWN}\n`);
  const canary = { way: 'a variable', kind: 'a known value', text: KNOWN, secret: KNOWN, isKnown: true };
  assert.deepEqual(canariesBelow(at.home, [canary]), []);
});

test('a secret that comes into .env while a session is open, or stands in that of the folder it goes on in, is known', async (t) => {
  const at = place(t);
  // Backwards, so that the secret stands nowhere else.
  writeFileSync(join(at.cwd, 'backwards.txt'), `${[...KNOWN].toReversed().join('')}\n`);
  await rooAsync(at, [], '!(printf DB_PASSWORD=; rev backwards.txt) >.env\n!cut -d= -f2 .env\n');
  const [id] = roo(at, ['session', 'list']).stdout.split('\t');
  const elsewhere = { ...at, cwd: join(at.home, '..') };
  const { stdout } = await rooAsync(elsewhere, ['-r', id!], '!cut -d= -f2 .env\n');
  assert.match(stdout, new RegExp(`^${KNOWN}$`, 'm'));
  const canary = { way: '.env', kind: 'a known value', text: KNOWN, secret: KNOWN, isKnown: true };
  assert.deepEqual(canariesBelow(at.home, [canary]), []);
});

test('what is no secret passes untouched, and the user can let a value pass', async (t) => {
  const at = place(t);
  const harmless =
    'commit 9fceb02d0ae598e95dc970b74767f19372d61af8 sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==';
  await rooAsync(at, [], `${harmless}\n`);
  assert.equal(shown(at)[0]!.parts[0]!.text, harmless);
  roo(at, ['config', 'set', 'redaction.allow', TYPED]);
  await rooAsync(at, ['-c'], `${TYPED}\n`);
  assert.equal(shown(at).at(-1)!.parts[0]!.text, TYPED);
});
