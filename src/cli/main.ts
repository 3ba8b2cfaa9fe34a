// Where the command starts. Everything else is loaded only when there is something to run.

import { VERSION } from './version.ts';

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) process.stdout.write(`${VERSION}\n`);
// No top-level await: bin/roo.cjs gets here with `require`, which cannot wait.
else void main();

async function main(): Promise<void> {
  const { runHere } = await import('./run-here.ts');
  process.exitCode = await runHere(words);
}
