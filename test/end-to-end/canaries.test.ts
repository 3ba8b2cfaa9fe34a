// Canaries on every way into a session that somebody works in: typed, read, printed, answered, named, watched. None may
// stand in any byte below ROO_HOME, nor in a request to the model.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../helpers/built-roo.ts';
import { ended, place, roo, start } from '../helpers/built-roo.ts';
import { Canaries } from '../helpers/canaries.ts';
import { canariesBelow, canariesIn, waysNotTaken } from '../helpers/canary-search.ts';
import type { ModelServer } from '../helpers/model-server/model-server.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { runs } from '../helpers/slow.ts';
import { wellBehaved } from '../workspace/mcp/servers.ts';

/** How many go in by each way that takes more than one. */
const EACH = runs(2, 28);

/** Where people keep secrets: those of the environment and the dotfiles, and the words that a person types. */
function plantAround(at: Place, canaries: Canaries): void {
  Object.assign(at.env, {
    SERVICE_TOKEN: canaries.known('a variable'),
    LC_NOTE: canaries.token('a variable that is kept'),
    LC_KNOWN: canaries.known('a variable that is kept and is known'),
  });
  at.env['OTHER_TOKEN'] = at.env['LC_KNOWN'];
  const settings = Array.from({ length: EACH }, (_, i) => `DB_PASSWORD_${i}=${canaries.known('.env')}\n`);
  writeFileSync(join(at.cwd, '.env'), settings.join(''));
  writeFileSync(join(at.cwd, '.npmrc'), `//registry.example.org/:_authToken=${canaries.known('.npmrc')}\n`);
  writeFileSync(join(at.home, '..', '.netrc'), `machine example.org login me password ${canaries.known('.netrc')}\n`);
  writeFileSync(join(at.cwd, 'AGENTS.md'), canaries.lines('AGENTS.md', EACH));
  writeFileSync(join(at.home, '..', 'CLAUDE.md'), canaries.lines('CLAUDE.md of the user', EACH));
  writeFileSync(join(at.cwd, 'mentioned.txt'), canaries.lines('a mentioned file', EACH));
  writeFileSync(join(at.cwd, 'settings.txt'), canaries.lines('a file that is read', EACH));
  writeFileSync(join(at.cwd, 'found.txt'), canaries.lines('a line that is found', EACH));
  writeFileSync(join(at.cwd, 'key.txt'), canaries.privateKey('a file with a key'));
  writeFileSync(join(at.cwd, 'out.txt'), canaries.lines('what a command prints', EACH));
  writeFileSync(join(at.cwd, 'err.txt'), canaries.lines('what a command complains', EACH));
  writeFileSync(join(at.cwd, 'typed.txt'), canaries.lines('what a typed command prints', EACH));
  writeFileSync(join(at.cwd, 'slow.txt'), canaries.lines('what a background process prints', EACH));
  writeFileSync(join(at.cwd, 'large.txt'), `${canaries.lines('a large output', EACH)}${'x'.repeat(300_000)}\n`);
  const folder = join(at.cwd, canaries.token('the name of a folder'));
  mkdirSync(folder);
  for (let i = 0; i < EACH; i++) writeFileSync(join(folder, `${canaries.token('the name of a file')}.txt`), 'found\n');
  mkdirSync(join(at.cwd, 'watched'));
}

const PIECEWISE =
  'while IFS= read -r line; do printf %.7s "$line"; sleep 0.05; printf "%s\\n" "${line#???????}"; done <slow.txt';

function turns(canaries: Canaries): Turn[] {
  return [
    {
      prompt: 'Look around',
      steps: [
        {
          think: canaries.lines('thinking', EACH),
          text: canaries.lines('an answer', EACH),
          calls: [
            { read: 'settings.txt' },
            { read: 'key.txt' },
            { tool: 'search_files', args: { pattern: 'e', path: 'found.txt' } },
            { tool: 'search_files', args: { pattern: canaries.token('what is searched for') } },
            { tool: 'list_files', args: { path: '.', recursive: true } },
            {
              shell: `cat out.txt; cat err.txt >&2; env; printf %s "$SERVICE_TOKEN" | base64; : ${canaries.line('a command')}`,
            },
            { shell: 'cat large.txt' },
            { tool: 'execute_command', args: { command: PIECEWISE, background: true } },
            { write: 'written.txt', content: canaries.lines('what is written', EACH) },
            { edit: 'written.txt', old: 'nowhere', new: canaries.line('an edit') },
            {
              tool: 'write_file',
              args: { path: canaries.token('a path'), content: canaries.token('half'), more: '-'.repeat(200) },
              malformed: true,
            },
            {
              tool: canaries.token('a tool that is not there'),
              args: { [canaries.token('a key')]: 1, password: canaries.token('an argument') },
            },
            { tool: 'mcp__ours__leak', args: { note: canaries.line('an argument of a server') } },
          ],
        },
        { calls: [{ tool: 'read_process_output', args: { id: 'p1' } }] },
        { text: 'I have looked.' },
      ],
    },
    { prompt: 'Be refused', steps: [{ status: 401, times: 9, message: `wrong key: ${canaries.line('a refusal')}` }] },
    {
      prompt: 'Break',
      steps: [
        { fault: 'error', times: 9, status: 400, message: `invalid_request ${canaries.line('an error in a stream')}` },
      ],
    },
    { prompt: 'Once more', steps: [{ text: canaries.lines('an answer by itself', EACH) }] },
  ];
}

/** A server of tools that says secrets wherever it may say anything. */
function plantServer(at: Place, canaries: Canaries): void {
  const script = wellBehaved(['leak'], JSON.stringify(canaries.lines('an answer of a server', EACH)))
    .replace(
      'names.map((name) => ({ name,',
      `names.map((name) => ({ name, description: ${JSON.stringify(canaries.line('a description'))},`,
    )
    .replace(`version: '1'`, `version: ${JSON.stringify(canaries.token('the version of a server'))}`);
  const file = (name: string, text: string): string => {
    const path = join(at.home, '..', `${name}.js`);
    writeFileSync(path, text);
    return path;
  };
  const loud = `process.stderr.write(${JSON.stringify(canaries.lines('complaints of a server', EACH))});`;
  const broken = `process.stderr.write(${JSON.stringify(canaries.lines('last words of a server', EACH))}); process.exit(1)`;
  const mcpServers = {
    ours: { command: process.execPath, args: [file('ours', loud + script)] },
    broken: { command: process.execPath, args: [file('broken', broken)] },
  };
  mkdirSync(at.home, { recursive: true });
  writeFileSync(join(at.home, 'config.json'), JSON.stringify({ mcpServers }));
}

async function until(isIt: () => boolean, words: () => string = () => ''): Promise<void> {
  for (let waitedMs = 0; !isIt(); waitedMs += 50) {
    assert.ok(waitedMs < 15_000, `it did not come: ${words()}`);
    await sleep(50);
  }
}

async function workedIn(t: TestContext, canaries: Canaries): Promise<{ at: Place; server: ModelServer }> {
  const at = place(t);
  plantAround(at, canaries);
  plantServer(at, canaries);
  const server = await startModelServer({ scenario: { turns: turns(canaries) }, cwd: at.cwd });
  t.after(() => server.close());
  Object.assign(at.env, {
    OPENAI_BASE_URL: server.url,
    OPENAI_API_KEY: canaries.known('the key of the model'),
    ROO_MODEL: 'openai/scripted',
  });
  return { at, server };
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
const ALLOWED = ['execute_command', 'write_file', 'edit_file', 'mcp__ours__leak'].flatMap((tool) => ['--allow', tool]);

test('worked in, a session keeps no secret that was typed, read, printed or answered, and the model sees none', async (t) => {
  const canaries = new Canaries(1);
  const { at, server } = await workedIn(t, canaries);
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
  const sent = canariesIn(
    server.requests.map(({ text }) => text),
    canaries.planted,
  );
  assert.deepEqual([...sent, ...canariesBelow(at.home, canaries.planted)], []);
  const notTaken = waysNotTaken(at.home, canaries.planted).filter((way) => !SHOWN_ONLY.has(way));
  assert.deepEqual(notTaken, []);
  assert.ok(canaries.planted.length >= runs(75, 500));
});
