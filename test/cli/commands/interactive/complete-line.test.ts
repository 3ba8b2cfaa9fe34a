import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { completeInput } from '../../../../src/cli/commands/interactive/complete-input.ts';
import { lineCompleter, sessionProposals } from '../../../../src/cli/commands/interactive/complete-line.ts';
import { FakeStorage, fakeState, ID_A, ID_B } from '../../../helpers/fake-sessions.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const COMMANDS = ['resume', 'rewind', 'session'].map((word) => ({ word, description: '' }));

function completer(folder = '/nowhere'): (text: string) => Promise<[completed: string, choices: string[]]> {
  const storage = new FakeStorage(fakeState());
  const complete = lineCompleter({
    commands: COMMANDS,
    refs: () => sessionProposals(storage, '/home/dev/shop'),
    workingDirectory: () => folder,
    userFolder: folder,
  });
  return async (text) => {
    const completion = await complete(text);
    const { replacement, choices } = completeInput(text, completion);
    return [replacement === null ? text : text.slice(0, completion.start) + replacement, choices];
  };
}

const LINES: [line: string, completed: string][] = [
  ['/s', '/session '],
  ['/re', '/re'],
  ['/res', '/resume '],
  ['/resume @', '/resume @last '],
  [`/resume ${ID_A.slice(0, 4)}`, `/resume ${ID_A.slice(0, 8)} `],
  ['/session li', '/session li'],
  ['/session undel', '/session undelete '],
  [`/session show ${ID_B.slice(0, 4)}`, `/session show ${ID_B.slice(0, 8)} `],
  ['/session show --fo', '/session show --fo'],
  ['/session show --foll', '/session show --follow '],
  ['/config theme.nothing', '/config theme.nothing'],
  ['a prompt', 'a prompt'],
  ['', ''],
];

for (const [line, completed] of LINES) {
  test(`${JSON.stringify(line)} becomes ${JSON.stringify(completed)}`, async () => {
    assert.equal((await completer()(line))[0], completed);
  });
}

test('what is not certain is shown with what it does', async () => {
  const [, choices] = await completer()('/resume ');
  assert.deepEqual(choices, [
    "@last     this project's latest session",
    `${ID_A.slice(0, 8)}  login fix`,
    `${ID_B.slice(0, 8)}  other`,
  ]);
});

test('files are completed behind @ and in commands, folders with their slash', async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
  for (const name of ['src/main.ts', 'src/make.ts', 'src/.hidden', 'notes.md', 'two words', 'b\u001b[2Jad'])
    writeFileSync(join(folder, name), '');
  const complete = completer(folder);
  const completed = async (line: string): Promise<string> => (await complete(line))[0];
  assert.equal(await completed('look at @s'), 'look at @src/');
  assert.equal(await completed('look at @src/m'), 'look at @src/ma');
  assert.equal(await completed('look at @src/mai'), 'look at @src/main.ts ');
  assert.equal(await completed('look at @src/.h'), 'look at @src/.hidden ');
  assert.equal(await completed('@~/no'), '@~/notes.md ');
  assert.equal(await completed('!cat no'), '!cat notes.md ');
  assert.equal(await completed('!no'), '!notes.md ');
  assert.equal(await completed('mail me@no'), 'mail me@no');
  assert.deepEqual((await complete('@'))[1], ['notes.md', 'src/']);
  assert.equal(await completed('@missing/x'), '@missing/x');
  assert.equal(await completed('@notes.md/x'), '@notes.md/x');
});
