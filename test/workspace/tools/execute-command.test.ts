import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { callTool, toolNamed } from './run-tool.ts';

const TOOL = 'execute_command';

test('output is streamed and the exit code told apart from it', async (t) => {
  const end = await callTool(TOOL, tempFolder(t), { command: 'echo out; echo err >&2; exit 4' });
  assert.deepEqual(end, { status: 'error', exitCode: 4, streamed: 'out\nerr\n' });
});

test('a command runs in a folder below, and has the variables it is given', async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'sub'));
  const environment = { PATH: process.env['PATH'], ROO_SESSION: 's1' };
  const end = await callTool(
    TOOL,
    folder,
    { command: 'pwd; echo $ROO_SESSION', working_directory: 'sub' },
    { environment },
  );
  assert.equal(end.streamed, `${join(folder, 'sub')}\ns1\n`);
});

test("the user's shell is used where it is there and takes the usual syntax", async (t) => {
  const folder = tempFolder(t);
  const command = 'echo "${BASH_VERSION:+bash}"';
  for (const [SHELL, printed] of [
    ['/bin/bash', 'bash\n'],
    ['/usr/bin/fish', '\n'],
    ['/nowhere/bash', '\n'],
    [undefined, '\n'],
  ] as const) {
    const end = await callTool(TOOL, folder, { command }, { environment: { PATH: process.env['PATH'], SHELL } });
    assert.equal(end.streamed, printed, SHELL);
  }
});

test('a command that takes too long is ended, and the model told what to do', async (t) => {
  const end = await callTool(TOOL, tempFolder(t), { command: 'echo begun; sleep 60', timeout: 1 });
  assert.equal(end.status, 'error');
  assert.equal(end.streamed, 'begun\n');
  assert.match(end.output!, /ended after 1 seconds.*longer timeout/);
});

test('an interruption ends the command', async (t) => {
  const stop = new AbortController();
  const options = { signal: stop.signal, onOutput: () => stop.abort() };
  const end = await callTool(TOOL, tempFolder(t), { command: 'echo begun; sleep 60' }, options);
  assert.equal(end.status, 'interrupted');
});

test('the background is offered only where somebody looks after it', async (t) => {
  const folder = tempFolder(t);
  const properties = (tool = toolNamed(TOOL)): string[] => Object.keys(tool.inputSchema['properties'] as object);
  assert.ok(!properties().includes('background'));
  const refused = await callTool(TOOL, folder, { command: 'x', background: true });
  assert.deepEqual([refused.status, refused.output], ['error', 'Commands cannot be started in the background here.']);

  const started: unknown[] = [];
  const startBackground = async (...given: unknown[]): Promise<{ id: string; pid: number }> => {
    started.push(given);
    return { id: 'p1', pid: 42 };
  };
  assert.ok(properties(toolNamed(TOOL, { startBackground })).includes('background'));
  const environment = { A: 'b' };
  const end = await callTool(TOOL, folder, { command: 'serve', background: true }, { startBackground, environment });
  assert.equal(end.output, 'Started in the background as p1 (pid 42). read_process_output shows what it prints.');
  assert.deepEqual(started, [['serve', folder, environment]]);
});

const REFUSALS: [what: string, input: Record<string, unknown>, words: RegExp][] = [
  ['no command', {}, /"command" is missing/],
  ['an empty command', { command: ' \n' }, /is empty/],
  ['a command with NUL', { command: 'a\0b' }, /NUL/],
  ['a command of megabytes', { command: `true ${'x'.repeat(4 * 1024 * 1024)}` }, /could be started/],
  ['a time of none', { command: 'true', timeout: 0 }, /whole number from 1 to 3600/],
  ['too long a time', { command: 'true', timeout: 3601 }, /whole number from 1 to 3600/],
  ['a folder that is not there', { command: 'true', working_directory: 'fold' }, /Near names: .*folder/],
  ['a file for a folder', { command: 'true', working_directory: 'file' }, /is not a folder/],
  ['a folder with NUL', { command: 'true', working_directory: 'a\0' }, /NUL/],
];
for (const [what, input, words] of REFUSALS) {
  test(`refused in words: ${what}`, async (t) => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    const end = await callTool(TOOL, folder, input);
    assert.equal(end.status, 'error');
    assert.match(end.output!, words);
  });
}
