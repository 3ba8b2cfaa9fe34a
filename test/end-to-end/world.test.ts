// A session's whole world through the built command: left by kill -9, changed behind its back, and brought back from
// another directory, each part with the word of what became of it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../helpers/built-roo.ts';
import { ended, kill, place, records, roo, rooAsync, start } from '../helpers/built-roo.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';
import type { ModelServer } from '../helpers/model-server/model-server.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { NO_TERMINAL, openTerminal } from '../helpers/terminal.ts';
import { program, wellBehaved } from '../workspace/mcp/servers.ts';

interface Row {
  kind: string;
  action: string;
  target: string;
  reason: string;
  status?: string;
  detail?: string;
}
interface Loaded {
  plan: Row[];
  results: Row[];
}
interface Interactive {
  type(line: string): void;
  /** Waits until it has printed this since the last time. */
  says(words: string | RegExp): Promise<string>;
  /** All it has printed. */
  text(): string;
  kill(): Promise<void>;
  leave(): Promise<number | null>;
}

const WAIT_MS = 15_000;

/** roo with its input and output in pipes. Killed with the test if it is still there. */
function interactive(t: TestContext, at: Place, args: string[] = []): Interactive {
  const child = start(at, args);
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  let seen = 0;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  return {
    type: (line) => void child.stdin.write(`${line}\n`),
    async says(words) {
      for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 20) {
        const rest = text.slice(seen);
        const at = typeof words === 'string' ? rest.indexOf(words) : rest.search(words);
        if (at >= 0) {
          seen += at + 1;
          return rest;
        }
        if (child.exitCode !== null) break;
        await sleep(20);
      }
      return assert.fail(`it did not say ${words}; it said:\n${text}`);
    },
    text: () => text,
    kill: () => kill(child),
    async leave() {
      child.stdin.end();
      return ended(child);
    },
  };
}

interface World {
  at: Place;
  /** Beside the project. */
  elsewhere: Place;
  server: ModelServer;
}

async function world(t: TestContext, turns: Turn[]): Promise<World> {
  const made: { at?: Place } = {};
  // Hooks run in their order: before the place is removed.
  t.after(() => made.at && stopAll({ ...made.at, cwd: dirname(made.at.cwd) }));
  const at = (made.at = place(t));
  const server = await startModelServer({ scenario: { turns }, cwd: at.cwd });
  t.after(() => server.close());
  Object.assign(at.env, {
    OPENAI_BASE_URL: server.url,
    OPENAI_API_KEY: 'key',
    ROO_MODEL: 'openai/scripted',
    GIT_CONFIG_GLOBAL: '/dev/null',
  });
  const cwd = join(dirname(at.cwd), 'elsewhere');
  mkdirSync(cwd);
  return { at, server, elsewhere: { ...at, cwd } };
}

/** Background processes outlive roo, and must not outlive the test. */
function stopAll(at: Place): void {
  for (const { id } of sessionsOf(at))
    for (const { id: process, status } of dataOf<{ processes: { id: string; status: string }[] }>(at, 'processes', id)
      .processes)
      if (status === 'running') roo(at, ['session', 'processes', id, '--stop', process]);
}

function git(cwd: string, ...words: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.test', ...words], { cwd, stdio: 'ignore' });
}

/** A server of tools whose tools are the lines of a file. */
function serverOf(toolsFile: string): { command: string; args: string[] } {
  const script = wellBehaved([], '"done"').replace(
    'let names = []',
    `let names = require('node:fs').readFileSync(${JSON.stringify(toolsFile)}, 'utf8').trim().split('\\n')`,
  );
  return { command: process.execPath, args: ['-e', script] };
}

function load(at: Place, ...args: string[]): Loaded {
  const { stdout, stderr } = roo(at, ['session', 'load', ...args, '-f', 'json']);
  assert.notEqual(stdout, '', stderr);
  return (JSON.parse(stdout) as { data: Loaded }).data;
}

function processesOf(at: Place): { id: string; status: string; pid: number }[] {
  return dataOf<{ processes: [] }>(at, 'processes', '@last').processes;
}

function sessionsOf(at: Place): { id: string }[] {
  return dataOf<{ sessions: [] }>(at, 'list', '--all').sessions;
}

function dataOf<T>(at: Place, ...words: string[]): T {
  const { stdout, stderr } = roo(at, ['session', ...words, '-f', 'json']);
  assert.notEqual(stdout, '', stderr);
  return (JSON.parse(stdout) as { data: T }).data;
}

/** Waits until slow state like this is in the log. */
async function captured(at: Place, isIt: (patch: { openFiles?: string[] }) => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 50) {
    const states = records(at).filter(({ type }) => type === 'state') as { patch?: object }[];
    if (states.some(({ patch }) => patch && isIt(patch))) return;
    await sleep(50);
  }
  assert.fail('it was not captured');
}

/** What the model was told with its last prompt. */
function lastPrompt({ requests }: ModelServer): string {
  const { messages } = requests.at(-1)!.body as { messages: { role: string; content: unknown }[] };
  return JSON.stringify(messages.findLast(({ role }) => role === 'user')!.content);
}

const TURNS: Turn[] = [
  {
    prompt: 'Look and write.',
    steps: [
      { calls: [{ read: 'src/read.txt' }, { write: 'src/written.txt', content: 'mine\n' }] },
      { text: 'Written.' },
    ],
  },
  { prompt: 'And now?', steps: [{ text: 'I know.' }] },
  { prompt: 'Again?', steps: [{ text: 'I still know.' }] },
];

test('a session left by kill -9 comes back with its world, and says exactly what changed in it', async (t) => {
  const { at, elsewhere, server } = await world(t, TURNS);
  mkdirSync(join(at.cwd, 'src'));
  writeFileSync(join(at.cwd, 'src/read.txt'), 'first\n');
  writeFileSync(join(at.cwd, 'src/old.txt'), 'old\n');
  git(at.cwd, 'init', '-q', '-b', 'main');
  git(at.cwd, 'add', '.');
  git(at.cwd, 'commit', '-qm', 'one');
  const tools = join(at.home, '..', 'tools.txt');
  writeFileSync(tools, 'alpha\nbeta\n');
  writeFileSync(join(at.cwd, '.mcp.json'), JSON.stringify({ mcpServers: { ours: serverOf(tools) } }));
  mkdirSync(at.home, { recursive: true });
  const memory = { command: process.execPath, args: [program('memory')] };
  writeFileSync(join(at.home, 'config.json'), JSON.stringify({ mcpServers: { memory } }));

  const first = interactive(t, { ...at, env: { ...at.env, NODE_ENV: 'their-test' } }, ['--allow', 'write_file']);
  first.type('/watch src');
  await first.says('watching src');
  first.type('/mcp list');
  await first.says('needs your agreement');
  first.type('/mcp reconnect ours');
  await first.says(/ours: connected, 2 tools/);
  first.type('!sleep 600 &');
  await first.says('p1');
  first.type(`!echo begun; sleep 600 &`);
  await first.says('p2');
  first.type('!until [ -e ../go ]; do sleep 0.05; done; echo last words; exit 3 &');
  await first.says('p3');
  first.type('Look and write.');
  await first.says('Written.');
  first.type('/checkpoint before lunch');
  await first.says('before lunch');
  await captured(at, ({ openFiles }) => openFiles?.includes('src/written.txt') === true);
  // A look that had begun before the file was written is followed by another.
  await sleep(2500);
  await first.kill();
  assert.doesNotMatch(first.text(), /changed by somebody else/, "a tool's own writes are nobody else's");

  writeFileSync(join(at.cwd, 'src/read.txt'), 'second, and longer\n');
  renameSync(join(at.cwd, 'src/old.txt'), join(at.cwd, 'src/new.txt'));
  writeFileSync(join(at.cwd, 'src/added.txt'), 'added\n');
  git(at.cwd, 'checkout', '-qb', 'other');
  writeFileSync(join(at.home, '..', 'go'), '');
  writeFileSync(tools, 'beta\ngamma\n');
  process.kill(-processesOf(at)[0]!.pid, 'SIGKILL');
  for (let tries = 0; tries < 200 && processesOf(at).filter(({ status }) => status === 'running').length > 1; tries++)
    await sleep(50);

  const { id } = sessionsOf(at)[0]!;
  const { plan } = load(elsewhere, id, '--dry-run');
  const kinds = (...wanted: string[]): string[][] =>
    plan.filter(({ kind }) => wanted.includes(kind)).map(({ action, target }) => [action, target]);
  assert.deepEqual(kinds('cwd', 'env'), [
    ['enter', at.cwd],
    ['set', 'NODE_ENV'],
  ]);
  assert.deepEqual(kinds('files').toSorted(), [
    ['reopen', 'src/read.txt'],
    ['reopen', 'src/written.txt'],
    ['report', 'git'],
    ['report', 'src/added.txt'],
    ['report', 'src/new.txt'],
    ['report', 'src/read.txt'],
  ]);
  assert.deepEqual(kinds('watchers', 'processes', 'mcp'), [
    ['arm', 'src'],
    ['show-exit', 'p1'],
    ['attach', 'p2'],
    ['show-exit', 'p3'],
    ['reconnect', 'memory'],
    ['reconnect', 'ours'],
  ]);
  assert.match(plan.find(({ target }) => target === 'p1')!.reason, /exit code 137/);
  assert.match(plan.find(({ target }) => target === 'p3')!.reason, /exit code 3.*last words/);

  const second = interactive(t, elsewhere, ['-r', id]);
  await second.says('mcp ours: 2 tools');
  for (const words of ['ours has new tool gamma', 'ours no longer has tool alpha', 'processes p2: echo begun'])
    assert.ok(second.text().includes(words), second.text());
  second.type('!echo "$PWD $NODE_ENV"');
  await second.says(`${at.cwd} their-test`);
  second.type('And now?');
  await second.says('I know.');
  const told = lastPrompt(server);
  for (const words of ['src/added.txt (added)', 'p3', 'exit code 3', 'new tool gamma', 'while the session was away'])
    assert.ok(told.includes(words), told);
  assert.ok(!told.includes('written.txt'), told);
  writeFileSync(join(at.cwd, 'src/live.txt'), 'live\n');
  await second.says('src/live.txt (added)');
  second.type('Again?');
  await second.says('I still know.');
  assert.match(lastPrompt(server), /src\/live.txt \(added\)/);
  assert.doesNotMatch(lastPrompt(server), /added.txt|exit code/, 'what was told is not told again');
  assert.ok(records(at).some(({ type, changes }) => type === 'watch' && JSON.stringify(changes).includes('live.txt')));
  assert.equal(await second.leave(), 0);

  assert.deepEqual(
    load(elsewhere, id, '--dry-run').plan.filter(({ kind, action }) => kind === 'files' && action === 'report'),
    [],
  );
});

/** A session in a repository with a remote, left. */
async function left(t: TestContext): Promise<World & { id: string }> {
  const made = await world(t, TURNS);
  git(made.at.cwd, 'init', '-q');
  git(made.at.cwd, 'remote', 'add', 'origin', 'git@example.test:me/shop.git');
  assert.equal(roo(made.at, [], '!echo begun\n').status, 0);
  return { ...made, id: sessionsOf(made.at)[0]!.id };
}

test('a project that moved is found from its new place too, and entered only after a yes', async (t) => {
  const { at, elsewhere, id } = await left(t);
  const moved = { ...at, cwd: `${at.cwd}-moved` };
  renameSync(at.cwd, moved.cwd);
  for (const [place, args] of [
    [moved, ['-c']],
    [elsewhere, ['-r', id]],
  ] as const) {
    const asked = roo(place, args, '!pwd\n');
    assert.equal(asked.status, 2, asked.stderr);
    assert.match(asked.stderr, /has the same remote.*nothing was done[\s\S]*session load \S+ --yes/);
    assert.equal(asked.stdout, '');
  }
  assert.match(roo(elsewhere, ['session', 'load', id, '--yes'], '!pwd\n').stdout, new RegExp(`^${moved.cwd}$`, 'm'));
  const again = roo(moved, ['-c'], '!pwd\n');
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, new RegExp(`^${moved.cwd}$`, 'm'));
});

for (const [what, change] of [
  ['no folder', (): void => {}],
  ['a file', (path: string) => writeFileSync(path, 'no folder\n')],
  ['a folder of another project', otherProject],
] as const) {
  test(`where ${what} stands in the session's place, nothing is taken for it without a yes`, async (t) => {
    const { at, elsewhere, id } = await left(t);
    rmSync(at.cwd, { recursive: true });
    change(at.cwd);
    const asked = roo(elsewhere, ['-r', id], '!pwd\n');
    assert.equal(asked.status, 2, asked.stdout);
    assert.equal(asked.stdout, '');
    const { results } = load(elsewhere, id);
    assert.deepEqual(
      results.map(({ kind, status }) => [kind, status]).filter(([kind]) => kind === 'conversation' || kind === 'cwd'),
      [
        ['conversation', 'done'],
        ['cwd', 'skipped'],
      ],
    );
    const { workingDirectory } = dataOf<{ session: { workingDirectory: string } }>(elsewhere, 'info', id).session;
    assert.equal(workingDirectory, at.cwd, 'it is not at home elsewhere now');
    const agreed = roo(elsewhere, ['session', 'load', id, '--yes'], '!pwd\n');
    assert.equal(agreed.status, 0, agreed.stderr);
    const where = what.includes('another') ? at.cwd : elsewhere.cwd;
    assert.match(agreed.stdout, new RegExp(`^${where}$`, 'm'));
  });
}

function otherProject(path: string): void {
  mkdirSync(path);
  git(path, 'init', '-q');
  git(path, 'remote', 'add', 'origin', 'git@example.test:you/other.git');
}

test('one part that fails keeps no other from coming back, and --only brings what was asked for', async (t) => {
  const { at, elsewhere } = await world(t, TURNS);
  mkdirSync(join(at.cwd, 'src'));
  const first = interactive(t, at);
  const servers = { memory: [program('memory')], broken: ['-e', '1'] };
  for (const [name, args] of Object.entries(servers))
    first.type(`/mcp add ${name} -- ${process.execPath} ${args.join(' ')}`);
  await first.says('memory: connected');
  await first.says('broken: failed');
  first.type('/watch src');
  await first.says('watching src');
  first.type('!sleep 600 &');
  await first.says('p1');
  await first.leave();
  const { id } = sessionsOf(at)[0]!;
  const statuses = (...args: string[]): string[] =>
    load(elsewhere, id, ...args)
      .results.filter(({ kind }) => kind !== 'conversation')
      .map(({ kind, target, status }) => `${kind} ${target} ${status}`);
  assert.deepEqual(statuses(), [
    `cwd ${at.cwd} done`,
    'watchers src skipped',
    'processes p1 done',
    'mcp broken failed',
    'mcp memory done',
  ]);
  assert.deepEqual(statuses('--only', 'processes'), ['processes p1 done']);
  const second = interactive(t, elsewhere, ['-r', id]);
  await second.says('mcp memory: 9 tools');
  assert.match(second.text(), /mcp broken: failed: /);
  assert.match(second.text(), /watchers src: watching src/);
  assert.match(second.text(), /processes p1: sleep 600: it still runs/);
  await second.leave();
});

test(
  'a folder that is in doubt is asked about on a terminal; no leaves all as it is',
  { skip: NO_TERMINAL },
  async (t) => {
    const terminal = openTerminal(t, 120, 30);
    const [old, moved] = ['old', 'moved'].map((name) => join(terminal.folder, name)) as [string, string];
    mkdirSync(old);
    git(old, 'init', '-q');
    git(old, 'remote', 'add', 'origin', 'git@example.test:me/shop.git');
    const env = { ...process.env, ROO_HOME: join(terminal.folder, 'home'), HOME: terminal.folder, NO_COLOR: '1' };
    const at: Place = { env, cwd: old, home: env.ROO_HOME, sessions: join(env.ROO_HOME, 'sessions') };
    assert.equal(roo(at, [], '!echo begun\n').status, 0);
    const { id } = sessionsOf(at)[0]!;
    renameSync(old, moved);
    terminal.roo('-r', id);
    await terminal.shows(/Go on in .*moved.*\? \[y\/N\]/s);
    terminal.type('n', 'Enter');
    await terminal.shows(/left as it is/);
    terminal.roo('-r', id);
    await terminal.shows(/left as it is[\s\S]*\? \[y\/N\]/);
    terminal.type('y', 'Enter');
    await terminal.shows(/^roo>/m);
    terminal.literally('!pwd\n');
    await terminal.shows(new RegExp(`^${moved}$`, 'm'));
  },
);

test("a project's servers do not start before somebody agreed, and roo -p says so", async (t) => {
  const { at } = await world(t, TURNS);
  const mark = join(at.home, '..', 'started');
  const server = {
    command: process.execPath,
    args: ['-e', `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`],
  };
  writeFileSync(join(at.cwd, '.mcp.json'), JSON.stringify({ mcpServers: { theirs: server } }));
  const { stdout, stderr, status } = await rooAsync(at, ['-p', 'And now?']);
  assert.deepEqual([stdout, status], ['I know.\n', 0]);
  assert.match(stderr, /theirs: .*needs your agreement: \/mcp reconnect theirs/);
  assert.equal(existsSync(mark), false);
});

test('a kill right after the first words leaves the folder and the environment to come back to', async (t) => {
  const { at, elsewhere } = await world(t, TURNS);
  const first = interactive(t, { ...at, env: { ...at.env, NODE_ENV: 'theirs' } });
  first.type('And now?');
  await first.says('I know.');
  await captured(at, (patch) => 'environment' in patch);
  await first.kill();
  const { plan } = load(elsewhere, sessionsOf(at)[0]!.id, '--dry-run', '--only', 'cwd,env');
  assert.deepEqual(
    plan.slice(1).map(({ action, target }) => [action, target]),
    [
      ['enter', at.cwd],
      ['set', 'NODE_ENV'],
    ],
  );
});

test('checkpoints go with a project that moved, and a fork has those of its past', async (t) => {
  const { at, id } = await left(t);
  writeFileSync(join(at.cwd, 'a.txt'), 'one\n');
  assert.equal(roo(at, ['-c'], '/checkpoint first\n!echo two > a.txt\n').status, 0);
  const fork = dataOf<{ session: { id: string } }>(at, 'fork', id).session.id;
  const names = (one: string): string[] =>
    dataOf<{ checkpoints: { description: string }[] }>(at, 'checkpoints', one).checkpoints.map(
      (row) => row.description,
    );
  assert.deepEqual(names(fork), ['first']);
  assert.equal(roo(at, ['session', 'rewind', fork, 'c1', '--files']).status, 0);
  assert.equal(readFileSync(join(at.cwd, 'a.txt'), 'utf8'), 'one\n');
  const moved = { ...at, cwd: `${at.cwd}-moved` };
  renameSync(at.cwd, moved.cwd);
  writeFileSync(join(moved.cwd, 'a.txt'), 'three\n');
  const early = roo(moved, ['session', 'rewind', id, 'c1', '--files']);
  assert.match(early.stderr, /is not there[\s\S]*roo session load finds it/);
  assert.equal(roo(moved, ['session', 'load', id, '--yes'], '').status, 0);
  const late = roo(moved, ['session', 'rewind', id, 'c1', '--files']);
  assert.equal(late.status, 0, late.stderr);
  assert.equal(readFileSync(join(moved.cwd, 'a.txt'), 'utf8'), 'one\n');
});

test('an answer with several changing calls takes one checkpoint, and none where they are off', async (t) => {
  const calls = [{ write: 'a.txt', content: 'a\n' }, { write: 'b.txt', content: 'b\n' }, { shell: 'echo c > c.txt' }];
  const { at } = await world(t, [{ prompt: 'Change.', steps: [{ calls }, { text: 'Changed.' }] }]);
  const taken = async (): Promise<number> => {
    const ran = await rooAsync(at, ['-p', 'Change.', '--allow', 'write_file', '--allow', 'execute_command']);
    assert.equal(ran.status, 0, ran.stderr);
    return records(at).filter(({ type, kind }) => type === 'checkpoint' && kind === 'automatic').length;
  };
  assert.equal(await taken(), 1);
  assert.equal(roo(at, ['config', 'set', 'checkpoints', 'off']).status, 0);
  assert.equal(await taken(), 1);
});

test('what a command of the session changes is told as its doing, and not as that of somebody else', async (t) => {
  const { at, server } = await world(t, TURNS);
  mkdirSync(join(at.cwd, 'src'));
  const first = interactive(t, at);
  first.type('/watch src');
  await first.says('watching src');
  first.type('!echo made > src/made.txt');
  await first.says('src/made.txt (added)');
  first.type('And now?');
  await first.says('I know.');
  assert.match(lastPrompt(server), /changed while a command of this session ran.*made.txt \(added\)/);
  assert.doesNotMatch(lastPrompt(server), /somebody else/);
  await first.leave();
});
