// `npm test`: format, lint, types, then the tests; or the tests of the subjects named on the command line.
// SLOW=1 runs the deeper tiers of the same files.

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';

function run(title: string, command: string, args: string[]): void {
  const startMs = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) throw error;
  process.stderr.write(
    `${title}: ${status === 0 ? 'ok' : 'failed'} (${((performance.now() - startMs) / 1000).toFixed(1)} s)\n`,
  );
  if (status !== 0) process.exit(status ?? 1);
}

const subjects = process.argv.slice(2);
const files = globSync('test/**/*.test.ts').filter(
  (file) => subjects.length === 0 || subjects.some((subject) => file.includes(subject)),
);
if (files.length === 0) {
  process.stderr.write(`no test is named like ${subjects.join(' ')}\n`);
  process.exit(1);
}
if (subjects.length === 0) {
  run('format', 'oxfmt', ['--check', 'src', 'test', 'bench', 'scripts']);
  run('lint', 'oxlint', ['src', 'test', 'bench', 'scripts']);
  run('types', 'tsc', ['-p', '.']);
}
run('build', 'rolldown', ['-c', 'rolldown.config.ts', '--log-level', 'warn']);
// With the collector at hand, so that memory tests can tell what is held from what is garbage.
run('tests', process.execPath, [
  '--expose-gc',
  '--test',
  `--test-concurrency=${availableParallelism()}`,
  // A file that cannot end fails, and does not hold up the others for ever.
  '--test-timeout=300000',
  ...files,
]);
