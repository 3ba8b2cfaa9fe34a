import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtInTools } from '../../../src/workspace/tools/built-in-tools.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { callTool } from './run-tool.ts';

const NAMES = ['edit_file', 'execute_command', 'list_files', 'read_file', 'search_files', 'write_file'];

/** What each needs beside a path. */
const INPUTS: Record<string, Record<string, unknown>> = {
  edit_file: { old_text: 'a', new_text: 'b' },
  list_files: {},
  read_file: {},
  search_files: { pattern: 'a' },
  write_file: { content: 'a' },
};

test('the tools come in order of their names, with names and schemas that every provider takes', () => {
  const tools = builtInTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    NAMES,
  );
  for (const { name, inputSchema, description } of tools) {
    assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
    assert.equal(inputSchema['type'], 'object');
    assert.ok(description.length < 1024);
    assert.deepEqual(JSON.parse(JSON.stringify(inputSchema)), inputSchema);
  }
});

test('only reading tools say that they read', () => {
  const effects = Object.fromEntries(builtInTools().map(({ name, effect }) => [name, effect]));
  assert.deepEqual(effects, {
    edit_file: 'write',
    execute_command: 'run',
    list_files: 'read',
    read_file: 'read',
    search_files: 'read',
    write_file: 'write',
  });
});

test('the subject of a call is its path without detours, or its command, and never throws', () => {
  for (const { name, subject } of builtInTools()) {
    if (name !== 'execute_command') {
      assert.equal(subject({ path: 'src/../../secret' }), join('..', 'secret'), name);
      assert.equal(subject({ path: './src//a.ts' }), join('src', 'a.ts'), name);
    } else {
      assert.equal(subject({ command: 'rm -r x' }), 'rm -r x');
    }
    for (const path of [undefined, null, 7, {}, ['x'], '\0'])
      assert.equal(typeof subject({ path, command: path }), 'string');
  }
});

for (const [name, rest] of Object.entries(INPUTS)) {
  test(`${name} answers a path that is not usable with what is wrong with it`, async (t) => {
    const folder = tempFolder(t);
    const cases: [path: unknown, words: RegExp][] = [
      ['a\0b', /NUL/],
      [7, /must be a string/],
      ['~/x', /begins with ~/],
      ['x'.repeat(5000), /too long|does not exist/],
    ];
    for (const [path, words] of cases) {
      const { status, output } = await callTool(name, folder, { ...rest, path });
      assert.equal(status, 'error', String(path).slice(0, 10));
      assert.match(output!, words);
    }
  });

  test(`${name} answers a circle of links, a pipe, a socket and a device, and hangs on none`, async (t) => {
    const folder = tempFolder(t);
    symlinkSync('circle', join(folder, 'circle'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/dev/zero', join(folder, 'zero'));
    const server = createServer().listen(join(folder, 'socket'));
    t.after(() => server.close());
    for (const path of ['circle', 'pipe', 'socket', 'zero', '/dev/zero', '/dev/tty']) {
      const { status, output } = await callTool(name, folder, { ...rest, path });
      // A search goes through what it is given and says what it left out.
      if (name === 'search_files' && path !== 'circle')
        assert.match(output!, /Not searched: 1 pipes, sockets and devices/);
      else assert.equal(status, 'error', path);
    }
  });

  test(`${name} answers that it was interrupted when it was before it began`, async (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'a'), 'a');
    const end = await callTool(name, folder, { ...rest, path: 'a' }, { signal: AbortSignal.abort() });
    assert.equal(end.status, 'interrupted');
  });
}

for (const name of ['read_file', 'write_file', 'edit_file']) {
  test(`${name} names the arguments it got when its path is missing`, async (t) => {
    const { status, output } = await callTool(name, tempFolder(t), { file_path: 'x' });
    assert.equal(status, 'error');
    assert.match(output!, /"path" is missing. Given: file_path/);
  });

  test(`${name} says that a folder is a folder`, async (t) => {
    const folder = tempFolder(t);
    const { status, output } = await callTool(name, folder, { ...INPUTS[name], path: '.' });
    assert.equal(status, 'error');
    assert.match(output!, /a folder/);
  });
}
