import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  configuredFormat,
  loadConfig,
  permissionRules,
  retentionPolicy,
  sessionConfig,
} from '../../../src/cli/config/config.ts';
import type { Config } from '../../../src/cli/config/config.ts';
import { DEFAULT_SESSION_CONFIG } from '../../../src/core/session-config.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

interface Given {
  user?: unknown;
  project?: unknown;
  env?: Record<string, string>;
}

function put(path: string, value: unknown): void {
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
}

/** Settings of a project in a made-up home folder. Text is written as it is, anything else as JSON. */
async function configOf(t: TestContext, { user, project, env = {} }: Given): Promise<Config> {
  const userFolder = tempFolder(t);
  const cwd = join(userFolder, 'src', 'shop', 'deep');
  mkdirSync(join(userFolder, 'src', 'shop', '.roo'), { recursive: true });
  mkdirSync(join(userFolder, '.roo'));
  mkdirSync(cwd);
  if (user !== undefined) put(join(userFolder, '.roo', 'config.json'), user);
  if (project !== undefined) put(join(userFolder, 'src', 'shop', '.roo', 'config.json'), project);
  return loadConfig({ env, cwd, home: join(userFolder, '.roo'), userFolder });
}

test("without files and variables the story's defaults hold", async (t) => {
  const config = await configOf(t, {});
  assert.deepEqual(sessionConfig(config), DEFAULT_SESSION_CONFIG);
  assert.equal(configuredFormat(config), null);
  assert.equal(config.settings.get('autoSave')?.source, 'default');
});

test('environment wins over project, project over user, and each value says where it came from', async (t) => {
  const config = await configOf(t, {
    user: { outputFormat: 'csv', maxHistoryLength: 10, autoSave: false },
    project: { outputFormat: 'yaml', maxHistoryLength: 20 },
    env: { ROO_OUTPUT_FORMAT: 'json' },
  });
  const at = (key: string): unknown[] => {
    const { value, source, place } = config.settings.get(key)!;
    return [value, source, place];
  };
  assert.deepEqual(at('outputFormat'), ['json', 'environment', 'ROO_OUTPUT_FORMAT']);
  assert.deepEqual(at('maxHistoryLength'), [20, 'project', config.projectPath]);
  assert.deepEqual(at('autoSave'), [false, 'user', config.userPath]);
});

test("the user's own file is not taken for that of a project below the home folder", async (t) => {
  const config = await configOf(t, { user: { maxHistoryLength: 7 } });
  assert.equal(config.settings.get('maxHistoryLength')?.source, 'user');
  assert.notEqual(config.projectPath, config.userPath);
});

test('an age by itself proposes; the retention rules replace it', async (t) => {
  assert.deepEqual(retentionPolicy(await configOf(t, {})), { olderThanDays: 30, action: 'trash' });
  const rules = { olderThanDays: 90, keepLast: 5, maxTotalBytes: '5GB', keepTags: ['release'], action: 'archive' };
  const policy = retentionPolicy(await configOf(t, { user: { retention: rules } }));
  assert.deepEqual(policy, { ...rules, maxTotalBytes: 5e9 });
});

const BROKEN: [what: string, user: unknown, message: RegExp][] = [
  [
    'a value of the wrong kind',
    { autoSave: 'yes' },
    /^autoSave in .*config\.json must be true or false, and is "yes"$/,
  ],
  ['a number out of range', { maxHistoryLength: 0 }, /maxHistoryLength .* at least 1/],
  ['a word that is no choice', { outputFormat: 'xml' }, /outputFormat .* must be one of table/],
  ['a size that is none', { retention: { maxTotalBytes: 'much' } }, /retention\.maxTotalBytes .* is not a size/],
  ['a status that does not exist', { retention: { status: ['done'] } }, /retention\.status .* must hold only active/],
  ['text that is no JSON', '{ "autoSave": true,, }', /could not be understood: it is not JSON$/],
  ['JSON that is no object', '[1]', /it is not a JSON object/],
];
for (const [what, user, message] of BROKEN) {
  test(`${what} is a problem with its place, and keeps nothing else from being read`, async (t) => {
    const config = await configOf(t, { user, project: { maxHistoryLength: 20 } });
    assert.equal(config.problems.length, 1);
    assert.equal(config.problems[0]!.code, 'CONFIG_INVALID');
    assert.match(config.problems[0]!.message, message);
    assert.equal(config.settings.get('maxHistoryLength')?.value, 20);
  });
}

test('the place of broken JSON is counted in bytes', async (t) => {
  const config = await configOf(t, { user: '{"é": 1,,}' });
  assert.equal(config.problems[0]!.offsetBytes, 9);
});

test('a key that nobody knows is told, with the one that was meant', async (t) => {
  const config = await configOf(t, { user: { autosave: false, somebodyElses: 1 } });
  assert.equal(config.problems.length, 0);
  assert.deepEqual(
    config.unknown.map((warning) => warning.hint),
    ['did you mean autoSave?', undefined],
  );
});

test('an empty file and an empty variable set nothing', async (t) => {
  const config = await configOf(t, { user: '', env: { ROO_OUTPUT_FORMAT: '' } });
  assert.deepEqual([...config.problems, ...config.unknown], []);
});

test('a project forbids more than its user and allows nothing; both in the words of their files', async (t) => {
  const config = await configOf(t, {
    user: { permissions: { allow: ['execute_command:npm test'], deny: ['write_file:secrets/**'] } },
    project: { permissions: { allow: ['execute_command'], deny: ['execute_command:rm *'], ask: ['write_file'] } },
  });
  assert.deepEqual(permissionRules(config), {
    allow: ['execute_command:npm test'],
    ask: ['write_file'],
    deny: ['write_file:secrets/**', 'execute_command:rm *'],
  });
  assert.ok(config.unknown.some(({ message }) => /permissions\.allow in .* has no effect/.test(message)));
});

test("what a project's file lets pass as no secret has no effect", async (t) => {
  const config = await configOf(t, {
    user: { redaction: { allow: ['mine'] } },
    project: { redaction: { allow: ['theirs'], patterns: ['ticket=T-[0-9]+'] } },
  });
  assert.deepEqual(config.settings.get('redaction.allow')?.value, ['mine']);
  assert.deepEqual(config.settings.get('redaction.patterns')?.value, ['ticket=T-[0-9]+']);
});

test('a pattern of secrets that is wrong or could hang a session is a mistake with its place', async (t) => {
  for (const pattern of ['evil=(a+)+$', 'broken=[', 'empty=x*', 'UPPER=x', 'noname']) {
    const config = await configOf(t, { user: { redaction: { patterns: ['ticket=T-[0-9]+', pattern] } } });
    assert.equal(config.problems.length, 1, pattern);
    assert.equal(config.problems[0]!.code, 'CONFIG_INVALID');
    assert.match(config.problems[0]!.message, /redaction\.patterns in .*config\.json has a pattern/);
  }
});
