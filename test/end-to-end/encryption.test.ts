// Encrypting with the built command: the first time, at a terminal and without one; with somebody else; and what the
// files beside a session are to other tools and other users of the machine.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { SessionCipher } from '../../src/crypto/session-cipher.ts';
import { storeLayout } from '../../src/store/store-layout.ts';
import type { Place, Ran } from '../helpers/built-roo.ts';
import { place, roo, ROO, shown } from '../helpers/built-roo.ts';
import { age, NO_AGE } from '../helpers/foreign-age.ts';
import { plainBytesIn } from '../helpers/plain-bytes.ts';
import { readLog } from '../helpers/temp-store.ts';
import { NO_TERMINAL, openTerminal } from '../helpers/terminal.ts';

const MARK = 'zymurgy';

function ok(ran: Ran): string {
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout;
}

/** With a bare key: nothing of it is slow. */
function keyFileAt(at: Place): Place {
  ok(roo(at, ['session', 'keys', 'create', '--key-file']));
  return at;
}

function encryptsNew(at: Place): Place {
  ok(roo(at, ['config', 'set', 'encryptionEnabled', 'true']));
  return at;
}

function idIn({ sessions }: Place): string {
  const ids = readdirSync(sessions).flatMap((name) => /^session-(.*)\.json\.gz$/.exec(name)?.[1] ?? []);
  assert.equal(ids.length, 1);
  return ids[0]!;
}

function recipientOf(at: Place): string {
  return ok(roo(at, ['session', 'keys', 'export'])).trim();
}

/** All that the session holds, as JSON. */
function wordsOf(at: Place, ref = '@last'): string {
  return JSON.stringify(shown(at, ref));
}

function plainIn(folder: string): string[] {
  return [...plainBytesIn(folder)].flatMap(([name, bytes]) => (bytes.includes(MARK) ? [name] : []));
}

describe('the first roo session encrypt', () => {
  it('is refused where nobody can be asked for a passphrase, says what to do, and leaves all as it was', (t) => {
    const at = place(t);
    ok(roo(at, [], `!echo ${MARK}\n`));
    const { status, stderr } = roo(at, ['session', 'encrypt', '@last']);
    assert.equal(status, 6);
    assert.match(stderr, /hint: name a file in ROO_PASSPHRASE_FILE; or .*--key-file/);
    assert.ok(!existsSync(join(at.home, 'keys')) && !existsSync(join(at.sessions, 'keys')));
    assert.match(wordsOf(at), /zymurgy/);
    const made = roo(at, ['session', 'encrypt', '@last', '--key-file']);
    ok(made);
    assert.match(made.stderr, /protects them from nobody/);
    assert.deepEqual(plainIn(at.home), []);
    assert.match(wordsOf(at), /zymurgy/);
  });

  it('makes an identity under the passphrase of a file, which opens the session again; no other does', (t) => {
    const at = place(t);
    const pass = join(dirname(at.cwd), 'pass');
    writeFileSync(pass, 'some words\n', { mode: 0o600 });
    ok(roo(at, [], `!echo ${MARK}\n`));
    const id = idIn(at);
    at.env['ROO_PASSPHRASE_FILE'] = pass;
    ok(roo(at, ['session', 'encrypt', id]));
    assert.deepEqual(readdirSync(join(at.home, 'keys')).toSorted(), ['identity.age', 'recipient.txt']);
    assert.deepEqual(plainIn(at.home), []);
    assert.match(wordsOf(at, id), /zymurgy/);
    writeFileSync(pass, 'other words\n');
    const wrong = roo(at, ['session', 'show', id]);
    assert.equal(wrong.status, 6);
    assert.match(wrong.stderr, /this passphrase does not open the identity/);
  });

  it(
    'asks at a terminal, twice for a new passphrase and once for one that is there',
    { skip: NO_TERMINAL },
    async (t) => {
      const terminal = openTerminal(t, 120, 24);
      await terminal.shows(/^\$\s*$/m);
      terminal.literally(`echo '!echo ${MARK}' | roo; clear; roo session encrypt @last\n`);
      await terminal.shows(/^New passphrase for your identity:\s*$/m);
      terminal.literally('my words\n');
      await terminal.shows(/^The same again:\s*$/m);
      terminal.literally('my words\n');
      await terminal.shows(/encrypted, for 1 recipient: [0-9a-f]{8} [\s\S]*\n\$\s*$/);
      assert.deepEqual(plainIn(join(terminal.folder, 'home')), []);
      terminal.roo('session show @last');
      await terminal.shows(/^Passphrase of your identity:\s*$/m);
      terminal.literally('wrong\n');
      await terminal.shows(/^That is not the one. Passphrase of your identity:\s*$/m);
      terminal.literally('my words\n');
      await terminal.shows(/zymurgy[\s\S]*\n\$\s*$/);
      assert.doesNotMatch(terminal.screen(), /my words|wrong/);
      // Who only deletes is asked nothing.
      const id = idIn({ sessions: join(terminal.folder, 'home', 'sessions') } as Place);
      terminal.literally(`clear; roo session delete ${id}\n`);
      await terminal.shows(/moved to trash: [\s\S]*\n\$\s*$/);
      assert.doesNotMatch(terminal.screen(), /Passphrase/);
    },
  );
});

describe('two homes that share a folder of sessions', () => {
  it('share a session by its key file, write it in turn, and are parted by a new key', (t) => {
    const alice = encryptsNew(keyFileAt(place(t)));
    const home = join(dirname(alice.cwd), 'bob');
    const bob = keyFileAt({ ...alice, home, env: { ...alice.env, ROO_HOME: home, ROO_SESSIONS_DIR: alice.sessions } });
    ok(roo(alice, [], `!echo ${MARK} of alice\n/name ours\n`));
    const id = idIn(alice);
    const log = readFileSync(join(alice.sessions, `session-${id}.json.gz`));
    const refused = roo(bob, ['session', 'show', id]);
    assert.equal(refused.status, 6);
    assert.match(refused.stderr, /have it shared with you \(roo session keys export\)/);
    ok(roo(alice, ['session', 'share', id, '--with', recipientOf(bob)]));
    assert.deepEqual(readFileSync(join(alice.sessions, `session-${id}.json.gz`)), log);
    assert.match(ok(roo(bob, ['session', 'list'])), /\tours\t/);
    ok(roo(bob, ['-r', 'ours'], `!echo ${MARK} of bob\n`));
    assert.match(wordsOf(alice), /zymurgy of alice[\s\S]*zymurgy of bob/);
    assert.equal(ok(roo(bob, ['session', 'find', 'alice'])).includes(id), true);
    ok(roo(alice, ['session', 'rekey', id, '--without', recipientOf(bob)]));
    const out = roo(bob, ['session', 'show', id]);
    assert.equal(out.status, 6, out.stderr);
    // A new identity of hers, and the same sessions.
    ok(roo(alice, ['session', 'keys', 'rotate']));
    ok(roo(alice, ['-c'], `!echo ${MARK} after\n`));
    assert.match(wordsOf(alice), /of alice[\s\S]*of bob[\s\S]*after/);
    assert.match(ok(roo(alice, ['session', 'verify', id])), /ok/);
    assert.deepEqual(plainIn(dirname(alice.cwd)), []);
  });
});

describe('the files of an encrypted session', () => {
  it('are for their owner alone, whatever the umask', (t) => {
    const at = keyFileAt(place(t));
    const script = 'umask 0; "$0" "$1" config set encryptionEnabled true; "$0" "$1"; "$0" "$1" session keys rotate';
    const input = `!seq 1 60000\n/name ${MARK}\n`;
    const ran = spawnSync('sh', ['-c', script, process.execPath, ROO], { ...at, input, encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    const id = idIn(at);
    for (const path of [`keys/${id}.age`, 'keys', `blobs/${id}.sealed`])
      assert.ok(existsSync(join(at.sessions, path)), path);
    const open = readdirSync(at.home, { recursive: true, encoding: 'utf8' }).filter(
      (name) => statSync(join(at.home, name)).mode & 0o077,
    );
    assert.deepEqual(open, []);
    assert.ok(readdirSync(join(at.home, 'state'), { recursive: true }).some((name) => String(name).includes('anchor')));
  });

  it('open with the age of others: the key that it gives reads the log', { skip: NO_AGE }, (t) => {
    const at = encryptsNew(keyFileAt(place(t)));
    ok(roo(at, [], `!echo ${MARK}\n`));
    const id = idIn(at);
    const copy = join(dirname(at.cwd), 'key.txt');
    ok(roo(at, ['session', 'keys', 'export', '--secret', '--yes', '-o', copy]));
    const key = age(['-d', '-i', copy, join(at.sessions, 'keys', `${id}.age`)], '');
    assert.equal(key.length, 32);
    const cipher = new SessionCipher(key, id);
    const layout = { ...storeLayout(at.home), keys: { cipherOf: () => cipher, isSealed: () => true } };
    const { records, health } = readLog(layout, id);
    assert.equal(health, 'ok');
    assert.match(JSON.stringify(records), /zymurgy/);
  });
});
