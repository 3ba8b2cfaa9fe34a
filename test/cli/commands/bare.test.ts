import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRoo } from '../../helpers/run-roo.ts';

const PLAIN = { model: null, allow: [], only: [], agreed: false };

const NEW = { mode: 'new', ref: null, fork: false, ephemeral: false };

const STARTS: [line: string, options: object][] = [
  ['', { mode: 'new', ref: null, fork: false, ephemeral: false, ...PLAIN }],
  ['-c', { mode: 'continue', ref: null, fork: false, ephemeral: false, ...PLAIN }],
  ['--continue --fork', { mode: 'continue', ref: null, fork: true, ephemeral: false, ...PLAIN }],
  ['-r', { mode: 'resume', ref: null, fork: false, ephemeral: false, ...PLAIN }],
  ['-r 3f2a', { mode: 'resume', ref: '3f2a', fork: false, ephemeral: false, ...PLAIN }],
  ['--resume=3f2a --fork', { mode: 'resume', ref: '3f2a', fork: true, ephemeral: false, ...PLAIN }],
  ['--ephemeral', { mode: 'new', ref: null, fork: false, ephemeral: true, ...PLAIN }],
  [
    '--model anthropic/m --allow execute_command:ls,read_file',
    { ...NEW, ...PLAIN, model: 'anthropic/m', allow: ['execute_command:ls', 'read_file'] },
  ],
  ['-C /work -c', { mode: 'continue', ref: null, fork: false, ephemeral: false, ...PLAIN }],
];
for (const [line, options] of STARTS) {
  test(`roo ${line} starts the interactive command line`, async () => {
    const { exitCode, interactive } = await runRoo(line.split(' ').filter(Boolean));
    assert.equal(exitCode, 0);
    assert.deepEqual(interactive, options);
  });
}

for (const line of [
  '-c -r 3f2a',
  '--fork',
  '--ephemeral -c',
  '-p hello -c',
  '-p hello --ephemeral --session 3f2a',
  '--session 3f2a',
  '-f stream-json',
]) {
  test(`roo ${line} contradicts itself`, async () => {
    const { exitCode, interactive } = await runRoo(line.split(' '));
    assert.equal(exitCode, 2);
    assert.equal(interactive, null);
  });
}

test('roo --version prints the version, wherever it stands', async () => {
  const { stdout } = await runRoo(['-C', '/work', '--version']);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});
