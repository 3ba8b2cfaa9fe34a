import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLASH_COMMANDS } from '../../../../src/cli/commands/interactive/slash-commands.ts';
import { slashHelp } from '../../../../src/cli/commands/interactive/slash-help.ts';

const COMMANDS = Object.values(SLASH_COMMANDS);

for (const columns of [40, 80, 200]) {
  test(`/help names every command and what it does, within ${columns} columns`, () => {
    const lines = slashHelp(COMMANDS, columns);
    for (const line of lines) assert.ok(line.length < columns, line);
    const text = lines.join(' ').replaceAll(/\s+/g, ' ');
    for (const { usage, summary } of COMMANDS) assert.ok(text.includes(`${usage} ${summary}`), usage);
  });
}
