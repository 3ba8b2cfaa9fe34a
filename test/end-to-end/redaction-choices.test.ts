// What a person sees of secrets that were kept out, and how they let one pass or have more taken out.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { place, roo, rooAsync } from '../helpers/built-roo.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';

const TOKEN = `ghp${'_'}${'9a8B7c6D5e4F3g2H1i0J9k8L7m6N5o4P3q2R'}`;

test('what was kept out is told once with the way to let it pass, and then it passes', (t) => {
  const at = place(t);
  const first = roo(at, [], `!echo ${TOKEN}; echo ${TOKEN}\n`);
  const told = first.stdout.match(
    /kept out of the session: a github-token, as \[REDACTED:github-token:([0-9a-f]{8})\]/g,
  );
  assert.equal(told?.length, 1, first.stdout);
  const [, command, tag] = /\(if it is no secret: roo (config add redaction\.allow ([0-9a-f]{8}))\)/.exec(
    first.stdout,
  )!;
  assert.equal(roo(at, command!.split(' ')).stdout, `${tag}\n`);
  assert.doesNotMatch(roo(at, [], `!echo ${TOKEN}\n`).stdout, /kept out/);
});

test('a pattern of the user holds for commands and for background processes', async (t) => {
  const at = place(t);
  assert.equal(roo(at, ['config', 'add', 'redaction.patterns', 'ticket=TCK-([0-9]{6})']).status, 0);
  assert.equal(roo(at, ['config', 'add', 'redaction.patterns', 'badge=B[0-9]{4,8}x']).stdout.split('\n').length, 2);
  const { stdout } = roo(
    at,
    [],
    '!printf TCK-; echo 123456; echo TCK-456789 B123456x\n!sleep 0.2; echo TCK-${X:-777}777 &\n!sleep 1.5\n',
  );
  assert.match(stdout, /a ticket, as/);
  assert.match(stdout, /a badge, as/);
  const logs = readdirSync(at.home, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /output\/.*\.log$/.test(name),
  );
  const output = logs.map((name) => readFileSync(join(at.home, name), 'utf8')).join('');
  assert.match(output, /^TCK-\[REDACTED:ticket:[0-9a-f]{8}\]$/m);
});

test('a pattern that could hang a session is refused where it is set and where it stands', (t) => {
  const at = place(t);
  const typed = roo(at, ['config', 'add', 'redaction.patterns', 'evil=(a|aa)+$']);
  assert.equal(typed.status, 2);
  assert.match(typed.stderr, /in too many ways/);
  mkdirSync(at.home);
  writeFileSync(join(at.home, 'config.json'), JSON.stringify({ redaction: { patterns: ['evil=(a|aa)+$'] } }));
  const started = roo(at, [], '!echo hello\n');
  assert.equal(started.status, 1);
  assert.match(started.stderr, /redaction\.patterns in .*config\.json/);
  assert.doesNotMatch(started.stdout, /hello/);
});

test('a prompt of one turn warns of what was kept out of it', async (t) => {
  const at = place(t);
  const scenario = { turns: [{ prompt: 'Look at', steps: [{ text: 'Seen.' }] }] };
  const server = await startModelServer({ scenario, cwd: at.cwd });
  t.after(() => server.close());
  Object.assign(at.env, { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'key', ROO_MODEL: 'openai/scripted' });
  const { stdout, status } = await rooAsync(at, ['-p', `Look at ${TOKEN}`, '--format', 'json']);
  const { warnings } = JSON.parse(stdout) as { warnings: { code: string; message: string }[] };
  assert.deepEqual([status, warnings.map(({ code }) => code)], [0, ['SECRET_KEPT_OUT']]);
  assert.match(warnings[0]!.message, /a github-token, as \[REDACTED:github-token:/);
});
