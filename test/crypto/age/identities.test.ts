import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Encrypter } from 'age-encryption';
import {
  createdIn,
  identityText,
  newIdentity,
  parseIdentities,
  recipientOf,
} from '../../../src/crypto/age/identities.ts';
import { openIdentityText, sealIdentity } from '../../../src/crypto/age/identity-file.ts';
import { assertRecipient } from '../../../src/crypto/age/recipients.ts';
import { NO_AGE } from '../../helpers/foreign-age.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

async function openIdentity(file: Uint8Array, passphrase: string): Promise<string[]> {
  return parseIdentities(await openIdentityText(file, passphrase));
}

const AT = '2026-11-01T12:00:00.250Z';

describe('an identity', () => {
  for (const [kind, secret, open] of [
    ['x25519', /^AGE-SECRET-KEY-1\w{58}$/, /^age1\w{58}$/],
    ['hybrid', /^AGE-SECRET-KEY-PQ-1\w{58}$/, /^age1pq1\w{1900,}$/],
  ] as const) {
    it(`of kind ${kind} is new each time, and its recipient follows from it`, async () => {
      const [one, two] = [await newIdentity(kind), await newIdentity(kind)];
      assert.match(one.identity, secret);
      assert.match(one.recipient, open);
      assert.notEqual(one.identity, two.identity);
      assert.equal(await recipientOf(one.identity), one.recipient);
      await assertRecipient(one.recipient);
    });
  }

  it('is written as age-keygen writes it, and read with comments, blank lines and several in a file', async () => {
    const [one, two] = [await newIdentity('x25519'), await newIdentity('hybrid')];
    const text = identityText(one, AT);
    assert.equal(text, `# created: ${AT}\n# public key: ${one.recipient}\n${one.identity}\n`);
    assert.equal(createdIn(text), AT);
    assert.equal(identityText(one, null).indexOf('# public key'), 0);
    assert.equal(createdIn(one.identity), null);
    const several = `${text}\r\n\n  # the other\n${two.identity}\r\n`;
    assert.deepEqual(parseIdentities(several), [one.identity, two.identity]);
  });

  for (const [what, text, code] of [
    ['nothing', '', 'KEY_DAMAGED'],
    ['comments alone', '# created: today\n', 'KEY_DAMAGED'],
    ['a recipient', 'age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq', 'KEY_DAMAGED'],
    ['an identity in small letters', 'age-secret-key-1qqqq', 'KEY_DAMAGED'],
    ['an ssh key', '-----BEGIN OPENSSH PRIVATE KEY-----', 'KEY_DAMAGED'],
    ['an identity of a plugin', 'AGE-PLUGIN-YUBIKEY-1QQQQ', 'NOT_SUPPORTED'],
  ] as const) {
    it(`is not found in ${what}, which no message repeats`, () => {
      assert.throws(
        () => parseIdentities(text),
        (error: Error & { code: string }) => error.code === code && (text === '' || !error.message.includes(text)),
      );
    });
  }

  it('with a wrong character has no recipient, and no message repeats it', async () => {
    const wrong = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`;
    await assert.rejects(recipientOf(wrong), (error: Error & { code: string }) => {
      assert.ok(!`${error.stack}${String(error.cause)}`.includes('QQQQ'));
      return error.code === 'KEY_DAMAGED';
    });
  });
});

describe('a recipient', () => {
  const SECRET = 'AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0';
  for (const [what, text, told] of [
    ['nothing', '', /is not a recipient/],
    ['a word', 'bob', /bob is not a recipient/],
    [
      'one with a wrong character',
      'age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gp',
      /wrong or missing/,
    ],
    [
      'one with capital letters',
      'AGE1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQS3290GQ',
      /is not a recipient/,
    ],
    [
      'a point of low order',
      'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq9t0ej',
      /is not a recipient/,
    ],
    ['a secret key', SECRET, /a secret key, not a recipient/],
    ['a secret key in small letters', SECRET.toLowerCase(), /a secret key, not a recipient/],
    ['an ssh key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@host', /ssh keys are not supported/],
    ['one of a plugin', 'age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t', /not supported/],
  ] as const) {
    it(`is not ${what}, and that is said with what to give`, async () => {
      await assert.rejects(assertRecipient(text), (error: Error & { code: string; hint: string }) => {
        assert.equal(error.code, 'USAGE');
        assert.match(error.message, told);
        assert.match(error.hint, /age/);
        assert.ok(!/EGTZVFF/i.test(`${error.stack}${error.hint}${String(error.cause)}`));
        return true;
      });
    });
  }
});

describe('an identity under a passphrase', () => {
  it('opens with it alone, as the text that was sealed', async () => {
    const made = await newIdentity('x25519');
    const text = identityText(made, AT);
    const file = await sealIdentity(text, 'correct horse — Batterie');
    assert.equal(await openIdentityText(file, 'correct horse — Batterie'), text);
    await assert.rejects(openIdentity(file, 'correct horse'), { code: 'KEY_WRONG_PASSPHRASE' });
    assert.match(Buffer.from(file).toString('latin1'), /^age-encryption\.org\/v1\n-> scrypt \S{22} 17\n/);
    for (const part of [made.identity, made.recipient]) assert.ok(!Buffer.from(file).includes(part));
  });

  it('opens whatever little work it was sealed with', async () => {
    const { identity } = await newIdentity('x25519');
    for (const logN of [1, 2, 10]) {
      const encrypter = new Encrypter();
      encrypter.setPassphrase('words');
      encrypter.setScryptWorkFactor(logN);
      assert.deepEqual(await openIdentity(await encrypter.encrypt(identity), 'words'), [identity]);
    }
  });

  it('is refused when it was changed or is something else, and when it would keep us busy', async () => {
    const { identity } = await newIdentity('x25519');
    const file = Buffer.from(await sealIdentity(identity, 'words'));
    const changed = Buffer.from(file);
    changed[changed.length - 1]! ^= 1;
    const tooHard = Buffer.from(file.toString('latin1').replace(/ 17\n/, ' 21\n'), 'latin1');
    for (const bytes of [changed, tooHard, file.subarray(0, 40), randomBytes(500), Buffer.alloc(2 ** 20 + 1)]) {
      await assert.rejects(openIdentity(bytes, 'words'), { code: 'KEY_DAMAGED' });
    }
    await assert.rejects(sealIdentity('no identity', 'words'), { code: 'KEY_DAMAGED' });
    await assert.rejects(sealIdentity(identity, ''), TypeError);
  });

  it('is opened by the age of others; what age-keygen made is read here', { skip: NO_AGE }, async (t) => {
    const folder = tempFolder(t);
    const key = join(folder, 'key.txt');
    assert.equal(spawnSync('age-keygen', ['-o', key]).status, 0);
    const text = spawnSync('age-keygen', ['-y', key]).stdout.toString().trim();
    const [identity] = parseIdentities(readFileSync(key, 'utf8'));
    assert.equal(await recipientOf(identity!), text);
    const sealed = join(folder, 'sealed.age');
    writeFileSync(sealed, await sealIdentity(readFileSync(key, 'utf8'), 'pass words'));
    // age asks a terminal and nobody else.
    const script = `import pty, os, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp('age', ['age', '-d', sys.argv[1]])
seen = b''
while b'passphrase' not in seen: seen += os.read(fd, 1024)
os.write(fd, b'pass words\\n')
try:
    while True:
        more = os.read(fd, 4096)
        if not more: break
        seen += more
except OSError: pass
sys.stdout.buffer.write(seen)`;
    const { stdout, stderr, error } = spawnSync('python3', ['-c', script, sealed]);
    if (error) return t.skip('python3 is not here');
    assert.ok(stdout.includes(identity!), stderr.toString());
  });
});
