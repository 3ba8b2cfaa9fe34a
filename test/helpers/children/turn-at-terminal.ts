// A turn as the interactive command line has it, without a model: keys interrupt it, a question comes up when the file
// `ask` is there, and then the prompt. Says everything that happened.

import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { askPermission } from '../../../src/cli/commands/interactive/ask-permission.ts';
import { listenForInterruptKeys } from '../../../src/cli/commands/interactive/interrupt-keys.ts';
import { openLines } from '../../../src/cli/commands/interactive/lines.ts';
import type { System } from '../../../src/cli/commands/context.ts';

const [subject = ''] = process.argv.slice(2);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const system: System = {
  env: process.env,
  cwd: process.cwd(),
  userFolder: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  nowMs: () => Date.now(),
  chdir: (folder) => folder,
  signal: new AbortController().signal,
  takeInterrupts: () => () => {},
};

let interrupts = 0;
const lines = openLines(system, {
  complete: async (text) => ({
    start: 0,
    proposals: ['/resume', '/rewind', '/fork']
      .filter((word) => word.startsWith(text))
      .map((word) => ({ word, description: `does ${word}` })),
  }),
  history: ['newer', 'older\u001b[2J', 'oldest'],
});
const release = listenForInterruptKeys(system, () => say(`interrupted ${++interrupts}`));
say('turn begun');
while (!existsSync('ask')) await wait(20);
const answer = await askPermission(system, {
  tool: 'execute\u202e_command',
  subject: JSON.parse(subject) as string,
  effect: 'run',
});
say(`answer: ${String(answer)}`);
release();
for (let line = await lines.next('me> '); line !== null; line = await lines.next('me> '))
  say(`line: ${JSON.stringify(line)}`);
say('left');
