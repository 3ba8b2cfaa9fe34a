// The lines as real shells evaluate them, with values that a stranger's log may hold.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { shellLines } from '../../src/core/shell-lines.ts';
import type { Shell } from '../../src/core/shell-lines.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const HOSTILE: Readonly<Record<string, string>> = {
  'a command substitution': '$(touch pwned)',
  backticks: '`touch pwned`',
  'a fish substitution': '(touch pwned)',
  'single quotes': "'; touch pwned; '",
  'double quotes': '"; touch pwned; "',
  'many quotes and backslashes': String.raw`\'\\'\"'''\n`,
  'a trailing backslash': 'a\\',
  newlines: 'a\nb\n\ntouch pwned\n',
  'a carriage return and tab': 'a\r\n\tb',
  'leading dashes': '--help',
  variables: '$HOME ${HOME} %PATH% $env:PATH',
  'a tilde, wildcards and braces': '~/* ? [a-z] {a,b}',
  'a history event': '!! !1 !touch',
  'control operators': '; touch pwned & | > pwned #',
  'typographic quotes': '‘; touch pwned; ’ ‚‛ “x”',
  'other scripts': 'наïve 日本語 🦘',
  spaces: '  two  spaces  ',
  nothing: '',
};

/** Runs a script, then prints the folder and the variable as JSON by way of node, which all shells start alike. */
const SHOW = `'${process.execPath}' -p 'JSON.stringify([process.cwd(), process.env.VIRTUAL_ENV])'`;

const RUN: Readonly<Record<Exclude<Shell, 'pwsh'>, { args: string[]; script: (lines: string) => string }>> = {
  bash: { args: ['--norc', '--noprofile', '-c'], script: () => `eval "$LINES_HERE"\n${SHOW}` },
  zsh: { args: ['-f', '-c'], script: () => `eval "$LINES_HERE"\n${SHOW}` },
  fish: { args: ['--no-config', '-c'], script: () => `printf %s $LINES_HERE | source\n${SHOW}` },
};

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  describe(`what ${shell} evaluates`, { skip: !isThere && `${shell} is not installed` }, () => {
    for (const [what, value] of Object.entries(HOSTILE)) {
      it(`keeps ${what} as they are, and runs nothing`, (t) => {
        const home = tempFolder(t);
        const folder = join(home, `x${value.replaceAll('/', '_')}`);
        mkdirSync(folder);
        const lines = shellLines(shell, { folder, environment: { VIRTUAL_ENV: value } });
        const { args, script } = RUN[shell];
        const env = { PATH: process.env['PATH'], HOME: home, LINES_HERE: lines, LC_ALL: 'C.UTF-8' };
        const run = spawnSync(shell, [...args, script(lines)], { cwd: home, env, encoding: 'utf8' });
        assert.equal(run.status, 0, run.stderr);
        assert.deepEqual(JSON.parse(run.stdout), [folder, value], lines);
        for (const place of [home, folder]) assert.equal(existsSync(join(place, 'pwned')), false);
      });
    }
  });
}

describe('the lines for pwsh', () => {
  it('double each quote that PowerShell takes for one, and escape nothing else', () => {
    for (const value of Object.values(HOSTILE)) {
      const line = shellLines('pwsh', { folder: null, environment: { TZ: value } });
      const [, quoted = ''] = /^\$env:TZ = '([\s\S]*)'\n$/.exec(line) ?? [];
      assert.equal(
        quoted.replaceAll(/['\u2018\u2019\u201a\u201b]{2}/g, (two) => two[0]!),
        value,
      );
      assert.doesNotMatch(quoted.replaceAll(/(['\u2018\u2019\u201a\u201b])\1/g, ''), /['\u2018\u2019\u201a\u201b]/);
    }
  });

  it('take a folder for what it is, without wildcards', () => {
    assert.equal(
      shellLines('pwsh', { folder: 'C:\\it[1]', environment: {} }),
      "Microsoft.PowerShell.Management\\Set-Location -LiteralPath 'C:\\it[1]'\n",
    );
  });
});

for (const shell of ['bash', 'zsh', 'fish', 'pwsh'] as const) {
  it(`nothing is written for ${shell} that it could not hold or would run`, () => {
    for (const environment of [{ 'A;touch x': '' }, { 'a b': '' }, { '': '' }, { '1A': '' }, { A: 'a\0b' }])
      assert.throws(() => shellLines(shell, { folder: null, environment }), { code: 'USAGE' });
    for (const folder of ['-', 'relative', '', '/a\0b'])
      assert.throws(() => shellLines(shell, { folder, environment: {} }), { code: 'USAGE' });
  });
}
