// What is sent after a restart is, byte for byte, what would have been sent without one: the caches of providers stay
// warm.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rooAsync } from '../helpers/built-roo.ts';
import { DIALECTS, scriptedWorld, TALK } from '../helpers/scripted-world.ts';

for (const dialect of DIALECTS) {
  test(`every request of a resumed session is, byte for byte, that of an uninterrupted one (${dialect})`, async (t) => {
    const prompts = TALK.map(({ prompt }) => prompt);
    const allow = ['--allow', 'execute_command,write_file'];
    const { at, server } = await scriptedWorld(t, TALK, dialect);
    const whole = await rooAsync(at, allow, `${prompts.join('\n')}\n`);
    assert.equal(whole.status, 0, whole.stderr);
    const expected = server.requests.splice(0).map(({ text }) => text);
    rmSync(join(at.cwd, 'made.txt'));
    for (const [index, prompt] of prompts.entries()) {
      const on = index === 0 ? [] : ['-c'];
      await rooAsync(at, [...on, ...allow], `${prompt}\n`);
    }
    const resumed = server.requests.map(({ text }) => text);
    assert.equal(resumed.length, expected.length);
    for (const [index, text] of resumed.entries()) assert.ok(text === expected[index], `request ${index} differs`);
  });
}
