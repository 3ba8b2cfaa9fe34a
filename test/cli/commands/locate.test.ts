import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locate } from '../../../src/cli/commands/locate.ts';
import { runRoo } from '../../helpers/run-roo.ts';

const FOUND: [line: string, path: string, words: string][] = [
  ['session list -n 3', 'session list', '-n 3'],
  ['-C /x --no-color session list', 'session list', '-C /x --no-color'],
  ['session -f json list', 'session list', '-f json'],
  ['sessions ls', 'session list', ''],
  ['session rm abcd', 'session delete', 'abcd'],
  ['config get model', 'config', 'get model'],
  ['-c', '', '-c'],
  ['-r abcd', '', '-r abcd'],
  ['--fork -r', '', '--fork -r'],
  ['', '', ''],
];
for (const [line, path, words] of FOUND) {
  test(`roo ${line}`, () => {
    const located = locate(line.split(' ').filter(Boolean));
    assert.equal(located.kind, 'command');
    assert.equal(located.path.join(' '), path);
    assert.equal(located.kind === 'command' && located.words.join(' '), words);
  });
}

for (const line of ['--help', '-h', 'help', 'session', 'session --help', 'help session', 'session help']) {
  test(`roo ${line} is a help page of commands`, () => {
    assert.equal(locate(line.split(' ')).kind, 'table-help');
  });
}
for (const line of [
  'session list --help',
  'session list -h --nonsense',
  'help session list',
  'session help ls',
  'help doctor',
]) {
  test(`roo ${line} is the help page of a command`, () => {
    assert.equal(locate(line.split(' ')).kind, 'command-help');
  });
}

const UNKNOWN: [line: string, message: RegExp, hint: RegExp][] = [
  ['sesion list', /"sesion" is no command of roo/, /did you mean session\?/],
  ['list', /"list" is no command of roo/, /did you mean roo session list\?/],
  ['session lsit', /"lsit" is no command of roo session/, /did you mean list\?/],
  ['session cook x', /"cook" is no command of roo session/, /./],
  ['session --nonsense', /roo session has no flag --nonsense/, /roo session --help/],
];
for (const [line, message, hint] of UNKNOWN) {
  test(`roo ${line} exits with 2 and a hint`, async () => {
    const { exitCode, stderr, stdout } = await runRoo(line.split(' '));
    assert.equal(exitCode, 2);
    assert.match(stderr, message);
    assert.match(stderr, hint);
    assert.equal(stdout, '');
  });
}

test('an unknown flag of roo itself is refused', async () => {
  const { exitCode, stderr, interactive } = await runRoo(['--contineu']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /did you mean --continue\?/);
  assert.equal(interactive, null);
});
