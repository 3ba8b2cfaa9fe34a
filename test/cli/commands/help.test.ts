import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWords } from '../../../src/cli/args/parse-args.ts';
import { GLOBAL_FLAGS } from '../../../src/cli/commands/command.ts';
import type { CommandEntry } from '../../../src/cli/commands/command.ts';
import { locate } from '../../../src/cli/commands/locate.ts';
import { ROOT_COMMANDS } from '../../../src/cli/commands/root-commands.ts';
import { SESSION_COMMANDS } from '../../../src/cli/commands/session-commands.ts';
import { runRoo } from '../../helpers/run-roo.ts';

const ALL: [words: string[], entry: CommandEntry][] = [
  ...Object.entries(SESSION_COMMANDS).map(([name, entry]): [string[], CommandEntry] => [['session', name], entry]),
  ...Object.entries(ROOT_COMMANDS).map(([name, entry]): [string[], CommandEntry] => [[name], entry]),
];

for (const [words, entry] of ALL) {
  const name = words.join(' ');
  test(`roo ${name} --help has usage, examples and exit status, in 80 columns`, async () => {
    const { exitCode, stdout } = await runRoo([...words, '--help']);
    assert.equal(exitCode, 0);
    for (const title of ['USAGE', 'GLOBAL FLAGS', 'EXAMPLES', 'EXIT STATUS'])
      assert.ok(stdout.includes(`${title}\n`), title);
    assert.ok(stdout.includes(`  roo ${name}`));
    const tooLong = stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('  $ '));
    assert.deepEqual(tooLong, []);
  });

  test(`the examples of roo ${name} are command lines that it understands`, async () => {
    const { command } = await entry.load();
    for (const example of command.examples) {
      const asked = example.command
        .replace(/^.*?\broo (?=[a-z-])/, '')
        .replace(/\)$/, '')
        .split(/ [|>] /)[0]!;
      const located = locate(shellWords(asked));
      assert.ok(located.kind === 'command', example.command);
      const shown = (await located.entry.load()).command;
      const flags = { ...GLOBAL_FLAGS, ...shown.flags };
      const dashWords = shown.dashWords && { dashWords: shown.dashWords };
      assert.ok(parseWords({ name, flags, arguments: shown.arguments, ...dashWords }, located.words));
    }
  });
}

test('a flag means the same thing for every command that has its short form', async () => {
  const meanings = new Map<string, Set<string>>();
  for (const [, entry] of ALL) {
    const { command } = await entry.load();
    for (const [flag, { short }] of Object.entries(command.flags)) {
      if (short !== undefined) meanings.set(short, (meanings.get(short) ?? new Set()).add(flag));
    }
  }
  const several = [...meanings].filter(([short, flags]) => flags.size > 1 && short !== 'n');
  assert.deepEqual(several, []);
});

test('no alias is the name of another verb', () => {
  const names = Object.keys(SESSION_COMMANDS);
  const entries = Object.values(SESSION_COMMANDS) as CommandEntry[];
  const aliases = entries.flatMap((entry) => entry.aliases ?? []);
  assert.equal(new Set([...names, ...aliases]).size, names.length + aliases.length);
});

/** Words as a shell would split them; the examples use plain and quoted words only. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare!);
}
