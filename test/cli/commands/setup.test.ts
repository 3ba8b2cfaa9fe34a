// config, doctor, completion

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeSession, fakeState, ID_A } from '../../helpers/fake-sessions.ts';
import { envelopeOf, runRoo } from '../../helpers/run-roo.ts';
import type { RunOptions } from '../../helpers/run-roo.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

test('config set writes a checked value for the user, or for the project, and unset takes it back', async (t) => {
  const userFolder = tempFolder(t);
  const cwd = join(userFolder, 'shop');
  mkdirSync(join(cwd, '.git'), { recursive: true });
  const options = { userFolder, cwd };
  assert.equal((await runRoo(['config', 'set', 'retention.maxTotalBytes', '5GB'], options)).stdout, '5000000000\n');
  assert.equal((await runRoo(['config', 'set', 'outputFormat', 'csv', '--project'], options)).exitCode, 0);
  assert.deepEqual(JSON.parse(readFileSync(join(userFolder, '.roo', 'config.json'), 'utf8')), {
    retention: { maxTotalBytes: 5e9 },
  });
  assert.deepEqual(JSON.parse(readFileSync(join(cwd, '.roo', 'config.json'), 'utf8')), { outputFormat: 'csv' });
  const got = envelopeOf(await runRoo(['config', 'get', 'outputFormat', '-f', 'json'], options));
  assert.deepEqual(got.data?.['setting'], {
    key: 'outputFormat',
    value: 'csv',
    source: 'project',
    place: join(cwd, '.roo', 'config.json'),
  });
  await runRoo(['config', 'unset', 'outputFormat', '--project'], options);
  assert.deepEqual(JSON.parse(readFileSync(join(cwd, '.roo', 'config.json'), 'utf8')), {});
});

for (const line of [
  'set autoSave maybe',
  'set nonsense 1',
  'get nonsense',
  'get',
  'set autoSave',
  'unset',
  'destroy x',
  'list x',
]) {
  test(`roo config ${line} is refused and changes nothing`, async (t) => {
    const userFolder = tempFolder(t);
    const { exitCode } = await runRoo(['config', ...line.split(' ')], { userFolder });
    assert.equal(exitCode, 2);
    assert.equal(existsSync(join(userFolder, '.roo')), false);
  });
}

test('config lists every setting with its source, and a key nobody knows with what was meant', async (t) => {
  const userFolder = tempFolder(t);
  mkdirSync(join(userFolder, '.roo'));
  writeFileSync(join(userFolder, '.roo', 'config.json'), '{"autoSave": false, "trashDay": 3}');
  const { stdout, stderr } = await runRoo(['config'], { userFolder });
  assert.match(stdout, /^autoSave\tfalse\tuser\t.*config\.json$/m);
  assert.match(stdout, /^retention\.trashDays\t30\tdefault\t$/m);
  assert.match(stderr, /^warning: "trashDay" in .* is no setting/m);
});

interface Check {
  check: string;
  status: string;
  detail: string;
}
async function checks(options: RunOptions): Promise<{ exitCode: number; of: (name: string) => Check }> {
  const result = await runRoo(['doctor', '-f', 'json'], options);
  const list = envelopeOf(result).data?.['checks'] as Check[];
  return { exitCode: result.exitCode, of: (name) => list.find((one) => one.check === name)! };
}

test('doctor finds nothing wrong where nothing is', async (t) => {
  const { exitCode, of } = await checks({ userFolder: tempFolder(t) });
  assert.equal(exitCode, 0);
  for (const name of ['node', 'config', 'home', 'sessions folder', 'locks', 'index', 'damage', 'leftovers']) {
    assert.equal(of(name).status, 'ok', `${name}: ${of(name).detail}`);
  }
});

test('doctor fails for broken settings, and still makes the other checks', async (t) => {
  const userFolder = tempFolder(t);
  mkdirSync(join(userFolder, '.roo'));
  writeFileSync(join(userFolder, '.roo', 'config.json'), '{ broken');
  const { exitCode, of } = await checks({ userFolder });
  assert.equal(exitCode, 1);
  assert.equal(of('config').status, 'fail');
  assert.equal(of('leftovers').status, 'ok');
});

test(
  'doctor warns of folders open to others, torn tails and damaged sessions',
  { skip: process.platform === 'win32' },
  async (t) => {
    const userFolder = tempFolder(t);
    const sessions = join(userFolder, '.roo', 'sessions');
    mkdirSync(sessions, { recursive: true });
    chmodSync(sessions, 0o755);
    writeFileSync(join(sessions, 'session-x.torn-1'), '');
    const state = fakeState({ sessions: [fakeSession({ health: 'damaged' })] });
    const { exitCode, of } = await checks({ userFolder, state });
    assert.equal(exitCode, 0);
    assert.match(of('sessions folder').detail, /mode 755/);
    assert.match(of('damage').detail, /1 session with damage: 3f2a9c1b/);
    assert.equal(of('leftovers').status, 'warn');
  },
);

test('a check that cannot be made has failed', async (t) => {
  const state = fakeState({ failures: { list: new Error('no index') } });
  const { exitCode, of } = await checks({ userFolder: tempFolder(t), state });
  assert.equal(exitCode, 1);
  assert.match(of('index').detail, /no index/);
});

async function proposals(...words: string[]): Promise<string[]> {
  const { stdout } = await runRoo(['__complete', '--', ...words]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0]!);
}

test('completion proposes commands, verbs, flags, values, settings and sessions', async () => {
  assert.deepEqual(await proposals('se'), ['session']);
  assert.deepEqual(await proposals('session', 'un'), ['unlink', 'undelete', 'unarchive']);
  assert.deepEqual(await proposals('session', 'list', '--s'), ['--status', '--since', '--sort']);
  assert.deepEqual(await proposals('session', 'list', '--sort', 's'), ['size']);
  assert.deepEqual(await proposals('session', 'list', '--sort=n'), ['--sort=name']);
  assert.deepEqual(await proposals('config', 'set', 'autoSave'), ['autoSave', 'autoSaveInterval']);
  assert.deepEqual(await proposals('session', 'export', 'x', 'j'), ['json', 'jsonl']);
  assert.deepEqual(await proposals('session', 'show', '3f'), [ID_A]);
  assert.deepEqual(await proposals('-C', '/x', 'session', 'rm', 'a', 'log'), ['login fix']);
  assert.deepEqual(await proposals('-r', '@'), ['@last']);
  assert.deepEqual(await proposals('session', 'import', ''), []);
});

test(
  'the bash script gives words to roo and its proposals to the shell',
  { skip: !existsSync('/bin/bash') },
  async () => {
    const { stdout: script } = await runRoo(['completion', 'bash']);
    const fake = `roo() { printf 'login fix\\tx\\n@last\\ty\\n'; }`;
    const complete = (line: string, words: string[]): string => {
      const typed = `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${words.join(' ')}) COMP_CWORD=${words.length - 1}`;
      const lines = [fake, script, typed, '_roo', `printf '[%s]' "\${COMPREPLY[@]}"`];
      return spawnSync('/bin/bash', ['-c', lines.join('\n')], { encoding: 'utf8' }).stdout;
    };
    assert.equal(complete('roo session show lo', ['roo', 'session', 'show', 'lo']), '[login\\ fix][@last]');
    assert.equal(complete('roo -r @la', ['roo', '-r', '@', 'la']), '[login\\ fix][last]');
  },
);

test('every shell has a script, and another one is refused', async () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    assert.match((await runRoo(['completion', shell])).stdout, /roo __complete/);
  assert.equal((await runRoo(['completion', 'csh'])).exitCode, 2);
});
