// Secrets planted on every way into a session: none of them may stand in any byte below ROO_HOME, nor reach the model.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Place } from '../helpers/built-roo.ts';
import { place, roo, rooAsync, shown } from '../helpers/built-roo.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';

/** Made up, and put together here so that no scanner takes this file for a leak. */
const TOKENS = {
  environment: ['env', 'Xq7', 'mV2kP9', 'wLz4'].join('-'),
  dotenv: ['dot', 'Rt5', 'nB8cF3', 'yHj1'].join('-'),
  npmrc: ['npm', 'Kd6', 'sG1vT7', 'aQe9'].join('-'),
  typed: `ghp${'_'}${'16C7e42F292c6912E7710c838347Ae178B4a'}`,
  printed: `sk${'_live_'}4eC39HqLyjWDarjtT1zdp7dc`,
  fileName: `AKIA${'IOSFODNN7QXAMPLR'}`,
};

function planted(at: Place): void {
  Object.assign(at.env, { SERVICE_TOKEN: TOKENS.environment });
  writeFileSync(join(at.cwd, '.env'), `DB_PASSWORD=${TOKENS.dotenv}\n`);
  writeFileSync(join(at.cwd, '.npmrc'), `//registry.example.org/:_authToken=${TOKENS.npmrc}\n`);
  writeFileSync(join(at.cwd, 'config.txt'), `stripe ${TOKENS.printed}\n`);
}

/** Every file below a folder, and what is packed in it. */
function bytesBelow(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      return { path, text: (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1') };
    });
}

/** The repository of the project's checkpoints. */
function shadowOf({ home }: Place): string {
  const folder = join(home, 'state', 'checkpoints');
  return join(
    folder,
    readdirSync(folder).find((name) => !name.startsWith('.'))!,
  );
}

function assertClean(at: Place): void {
  // Checkpoints hold the user's own project files, and say so.
  const files = bytesBelow(at.home).filter(({ path }) => !path.includes('/checkpoints/'));
  assert.ok(files.length > 2);
  for (const [where, token] of Object.entries(TOKENS)) {
    const forms = [token, Buffer.from(token).toString('base64').replace(/=+$/, ''), encodeURIComponent(token)];
    for (const { path, text } of files) {
      for (const form of forms) assert.ok(!text.includes(form), `the secret of ${where} stands in ${path}`);
    }
  }
}

test('typed, printed, read and passed on, no secret reaches a file or the model; a tool still gets it', async (t) => {
  const at = place(t);
  planted(at);
  const server = await startModelServer({
    scenario: {
      turns: [
        {
          prompt: 'Look around',
          steps: [
            { calls: [{ read: '.env' }, { read: 'config.txt' }, { shell: 'echo $SERVICE_TOKEN; cat .npmrc' }] },
            { text: 'I have seen it.' },
          ],
        },
      ],
    },
    cwd: at.cwd,
  });
  t.after(() => server.close());
  Object.assign(at.env, { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'key', ROO_MODEL: 'openai/scripted' });
  writeFileSync(join(at.cwd, 'AGENTS.md'), `Deploy with ${TOKENS.environment}.\n`);
  const { stdout, status } = await rooAsync(
    at,
    ['--allow', 'execute_command'],
    [
      `Look around with ${TOKENS.typed}`,
      '!cat .env; echo $SERVICE_TOKEN; printf %s "$SERVICE_TOKEN" | base64',
      `!echo ${TOKENS.typed}; sleep 0.2 &`,
      `/name after ${TOKENS.typed}`,
      `/tag ${TOKENS.fileName}`,
    ].join('\n') + '\n',
  );
  assert.equal(status, 0);
  assert.match(stdout, /kept out of the session: a github-token/);
  await sleep(1500);
  assertClean(at);
  for (const { text } of server.requests) {
    for (const [where, token] of Object.entries(TOKENS)) assert.ok(!text.includes(token), `${where} was sent`);
  }
  // The command itself ran with the secret.
  assert.match(stdout, new RegExp(`^${TOKENS.environment}$`, 'm'));
});

test('a placeholder that the model passes to a tool is the secret again when the tool runs, also after a restart', async (t) => {
  const at = place(t);
  planted(at);
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
  assert.equal(readFileSync(join(at.cwd, 'used.txt'), 'utf8'), `${TOKENS.environment}\n`);
  assertClean(at);
});

test('the words of a checkpoint are clean in its commit too', async (t) => {
  const at = place(t);
  planted(at);
  await rooAsync(at, [], 'a note\n');
  roo(at, ['session', 'checkpoint', `before ${TOKENS.typed}`]);
  assertClean(at);
  const log = spawnSync('git', ['log', '--all', '--format=%B'], { cwd: shadowOf(at), encoding: 'utf8' });
  assert.match(log.stdout, /before \[REDACTED/);
});

test('an imported session, a session saved by another program, and a change from outside come in clean', async (t) => {
  const at = place(t);
  planted(at);
  const folder = join(at.home, '..', '.claude', 'projects', '-home-dev-shop');
  mkdirSync(folder, { recursive: true });
  const id = '3d0b6d4e-5a0c-4f0e-9d1f-6a4f1d2b7c11';
  const line = {
    type: 'user',
    uuid: '0f0b6d4e-5a0c-4f0e-9d1f-6a4f1d2b7c12',
    parentUuid: null,
    sessionId: id,
    cwd: '/home/dev/shop',
    version: '2.1.0',
    timestamp: '2026-01-02T10:00:00.000Z',
    message: { role: 'user', content: `my key is ${TOKENS.typed} and ${TOKENS.dotenv}` },
  };
  writeFileSync(join(folder, `${id}.jsonl`), `${JSON.stringify(line)}\n`);
  assert.equal(roo(at, ['session', 'import', join(folder, `${id}.jsonl`)]).status, 0);
  assert.equal(roo(at, ['session', 'save', `named ${TOKENS.typed}`, '--description', TOKENS.environment]).status, 0);
  assert.equal(roo(at, ['session', 'find', 'key']).status, 0);
  assertClean(at);
});

test('what is no secret passes untouched, and the user can let a value pass', async (t) => {
  const at = place(t);
  const harmless =
    'commit 9fceb02d0ae598e95dc970b74767f19372d61af8 sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==';
  await rooAsync(at, [], `${harmless}\n`);
  assert.equal(shown(at)[0]!.parts[0]!.text, harmless);
  roo(at, ['config', 'set', 'redaction.allow', TOKENS.typed]);
  await rooAsync(at, ['-c'], `${TOKENS.typed}\n`);
  assert.equal(shown(at).at(-1)!.parts[0]!.text, TOKENS.typed);
});
