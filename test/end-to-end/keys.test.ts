// Identities with the built command: what people and scripts do with them, and that the secrets of it are nowhere but
// where they were asked for.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { newIdentity } from '../../src/crypto/age/identities.ts';
import { place, roo, ROO } from '../helpers/built-roo.ts';
import type { Place, Ran } from '../helpers/built-roo.ts';
import { NO_AGE, age } from '../helpers/foreign-age.ts';
import { NO_TERMINAL, openTerminal } from '../helpers/terminal.ts';
import type { Terminal } from '../helpers/terminal.ts';
import { filesIn } from '../helpers/temp-home.ts';

const PASSPHRASE = 'correct horse battery staple';

/** Its standard streams are pipes: it asks nobody, wherever the tests run. */
function keys({ env, cwd }: Place, ...args: string[]): Ran {
  return spawnSync(process.execPath, [ROO, 'session', 'keys', ...args], { env, cwd, encoding: 'utf8' });
}

function passphraseFile({ cwd }: Place, passphrase: string, name = 'pass'): string {
  const path = join(cwd, name);
  writeFileSync(path, `${passphrase}\n`, { mode: 0o600 });
  return path;
}

function assertNowhere(secret: string, bytes: ReadonlyMap<string, Buffer>): void {
  for (const [name, content] of bytes) assert.ok(!content.includes(secret), `${secret.slice(0, 16)} is in ${name}`);
}

describe('roo session keys', () => {
  it('makes, shows, changes and gives out an identity, and keeps its secrets to itself', { skip: NO_AGE }, (t) => {
    const at = place(t);
    at.env['ROO_PASSPHRASE_FILE'] = passphraseFile(at, PASSPHRASE);
    at.env['ROO_DEBUG'] = '1';
    const said: Ran[] = [];
    const says = (...args: string[]): Ran => {
      const ran = keys(at, ...args);
      said.push(ran);
      assert.equal(ran.status, 0, ran.stderr);
      return ran;
    };
    says('create');
    const [recipient = ''] = says('export').stdout.split('\n');
    assert.match(recipient, /^age1\w{58}$/);
    says('rotate', '-f', 'json');
    const changed = passphraseFile(at, 'other words', 'new');
    says('passphrase', '--new-passphrase-file', changed);
    assert.equal(keys(at, 'rotate').status, 6);
    at.env['ROO_PASSPHRASE_FILE'] = changed;
    const copy = join(at.cwd, 'copy.txt');
    says('export', '--secret', '--yes', '-o', copy);
    says('list');
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    const secrets = readFileSync(copy, 'utf8').match(/^AGE-SECRET-KEY-1\w+$/gm)!;
    assert.equal(secrets.length, 2);
    // The recipient of before still reaches us: the copy opens what it is for, with the age of others.
    assert.equal(age(['-d', '-i', copy], age(['-r', recipient], 'for the old one')).toString(), 'for the old one');
    assert.equal(age(['-d', '-i', copy], age(['-R', join(at.home, 'keys', 'recipient.txt')], 'x')).toString(), 'x');
    const output = new Map(said.map(({ stdout, stderr }, n) => [`answer ${n}`, Buffer.from(stdout + stderr)]));
    for (const secret of [...secrets, PASSPHRASE, 'other words']) {
      assertNowhere(secret, output);
      assertNowhere(secret, filesIn(at.home));
    }
    assert.ok(filesIn(at.home).size >= 2);
  });

  it('takes an identity of age-keygen along, with a warning where nothing protects it', { skip: NO_AGE }, (t) => {
    const at = place(t);
    const key = join(at.cwd, 'key.txt');
    assert.equal(spawnSync('age-keygen', ['-o', key]).status, 0);
    const recipient = spawnSync('age-keygen', ['-y', key], { encoding: 'utf8' }).stdout.trim();
    const { stdout, stderr, status } = keys(at, 'import', key, '--key-file', '-f', 'json');
    assert.deepEqual([status, stderr], [0, '']);
    const { data, warnings } = JSON.parse(stdout) as { data: unknown; warnings: { code: string }[] };
    assert.deepEqual(data, { identity: { recipient, keptIn: 'key-file' } });
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['KEY_UNPROTECTED'],
    );
    assert.equal(keys(at, 'import', key, '--key-file').status, 1);
    assert.deepEqual(readFileSync(join(at.home, 'keys', 'identity.txt'), 'utf8'), readFileSync(key, 'utf8'));
  });

  it('says what is missing where there is nobody to ask, and makes nothing', (t) => {
    const at = place(t);
    const created = keys(at, 'create');
    assert.equal(created.status, 6);
    assert.match(created.stderr, /nobody to ask\nhint: name a file in ROO_PASSPHRASE_FILE; or .* --key-file/);
    assert.ok(!existsSync(join(at.home, 'keys')));
    for (const args of [['rotate'], ['export'], ['export', '--secret', '--yes'], ['passphrase']]) {
      const { status, stderr } = keys(at, ...args);
      assert.equal(status, 6, args.join(' '));
      assert.match(stderr, /there is no identity yet[^\n]*\nhint: make one: roo session keys create/);
    }
    assert.deepEqual([keys(at).stdout, keys(at).status], ['', 0]);
  });

  it('never repeats a secret that was given in the place of a recipient', async (t) => {
    const at = place(t);
    const { identity } = await newIdentity('x25519');
    at.env['ROO_DEBUG'] = '1';
    for (const format of ['plain', 'json']) {
      const { status, stdout, stderr } = keys(at, 'add', identity, '-f', format);
      assert.equal(status, 2);
      assert.ok(!(stdout + stderr).includes(identity.slice(20, 40)));
    }
    assert.ok(!existsSync(join(at.home, 'keys')));
  });

  it('completes its actions', (t) => {
    const { stdout } = roo(place(t), ['__complete', '--', 'session', 'keys', 'r']);
    assert.deepEqual(
      stdout.split('\n').map((line) => line.split('\t')[0]),
      ['rotate', 'remove', ''],
    );
  });
});

describe('a passphrase at a terminal', { skip: NO_TERMINAL }, () => {
  const shellIn = async (t: TestContext): Promise<Terminal> => {
    const terminal = openTerminal(t, 100, 24);
    await terminal.shows(/^\$\s*$/m);
    return terminal;
  };

  it('is typed twice without being shown, corrected, and asked for again when it is wrong', async (t) => {
    const terminal = await shellIn(t);
    terminal.roo('session keys create');
    await terminal.shows(/^New passphrase for your identity:\s*$/m);
    terminal.literally('my wordz');
    terminal.type('BSpace');
    terminal.literally('s\n');
    await terminal.shows(/^The same again:\s*$/m);
    terminal.paste('my words\n');
    await terminal.shows(/made an identity, under a passphrase/);
    terminal.roo('session keys export --secret > key.txt');
    await terminal.shows(/\[y\/N\]\s*$/m);
    terminal.literally('y\n');
    await terminal.shows(/^Passphrase of your identity:\s*$/m);
    terminal.literally('wrong\n');
    await terminal.shows(/^That is not the one. Passphrase of your identity:\s*$/m);
    terminal.literally('rubbish');
    terminal.type('C-u');
    terminal.literally('my words\n');
    await terminal.shows(/\n\$\s*$/);
    assert.match(readFileSync(join(terminal.folder, 'key.txt'), 'utf8'), /^AGE-SECRET-KEY-1\w+$/m);
    assert.doesNotMatch(terminal.screen(), /my wor|rubbish|wrong/);
    assertNowhere('my words', filesIn(join(terminal.folder, 'home')));
  });

  it('is not asked of a pipe, but of the terminal behind it; Ctrl-C leaves the terminal as it was', async (t) => {
    const terminal = await shellIn(t);
    terminal.literally('echo not this | roo session keys create | cat; echo status $?\n');
    await terminal.shows(/^New passphrase for your identity:\s*$/m);
    terminal.type('C-c');
    await terminal.shows(/^status 0$/m);
    terminal.literally('stty -a | grep -o " echo "; echo "it is $(roo session keys | wc -l)"\n');
    await terminal.shows(/^ echo\s*\nit is 0$/m);
    assert.ok(!existsSync(join(terminal.folder, 'home', 'keys')));
  });

  it('is asked for in the interactive command line too, whose prompt comes back', async (t) => {
    const terminal = await shellIn(t);
    terminal.roo();
    await terminal.shows(/^roo>\s*$/m);
    terminal.literally('/session keys create\n');
    await terminal.shows(/^New passphrase for your identity:\s*$/m);
    terminal.literally('my words\n');
    await terminal.shows(/^The same again:\s*$/m);
    terminal.literally('my words\n');
    await terminal.shows(/made an identity, under a passphrase[\s\S]*^roo>\s*$/m);
    terminal.literally('/status\n');
    await terminal.shows(/\/status[\s\S]*^roo>\s*$/m);
    terminal.type('C-d');
    await terminal.shows(/\n\$\s*$/);
    assertNowhere('my words', filesIn(join(terminal.folder, 'home')));
  });
});
