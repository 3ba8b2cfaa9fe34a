// The folder of keys: what it is after a crash, and what somebody else may have put there.

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { newIdentity, recipientOf } from '../../../../src/crypto/age/identities.ts';
import { startChild } from '../../../helpers/child.ts';
import { runs } from '../../../helpers/slow.ts';
import { tempKeys } from '../../../helpers/temp-keys.ts';
import type { TempKeys } from '../../../helpers/temp-keys.ts';

const STEPS_MAX = 30;
const STEP = runs(3, 1);

describe('keys after a kill at any step on the disk', () => {
  it('of making an identity are none, or one that works', async (t) => {
    let kills = 0;
    for (let step = 1; step <= STEPS_MAX; step += STEP) {
      const temp = tempKeys(t);
      const child = startChild(t, 'change-keys', [temp.home, 'create', String(step)]);
      await child.ended;
      if (child.lines.includes('done')) break;
      kills++;
      const keys = temp.keys();
      const made = readdirSync(temp.home, { recursive: true }).some((name) => String(name).endsWith('identity.txt'));
      if (!made) await keys.create({ protection: 'key-file' });
      await assertUsable(temp, 1);
    }
    assert.ok(kills * STEP >= 6 && kills * STEP < STEPS_MAX, String(kills));
  });

  it('of rotating it are the old ones or the new ones, and everything still opens', async (t) => {
    let kills = 0;
    for (let step = 1; step <= STEPS_MAX; step += STEP) {
      const temp = tempKeys(t);
      const before = await temp.keys().create({ protection: 'key-file' });
      const child = startChild(t, 'change-keys', [temp.home, 'rotate', String(step)]);
      await child.ended;
      const recipients = await assertUsable(temp, 1);
      assert.ok(recipients.includes(before.recipient));
      if (child.lines.includes('done')) break;
      kills++;
      await temp.keys().rotate();
      await assertUsable(temp, recipients.length + 1);
    }
    assert.ok(kills * STEP >= 6 && kills * STEP < STEPS_MAX, String(kills));
  });
});

describe('a bare identity beside one that is protected', () => {
  it('is removed where it is the same, as a kill in the middle of protecting it leaves it', async (t) => {
    const temp = tempKeys(t);
    await temp.sealed('words');
    const [bare, unfinished] = ['identity.txt', 'identity.txt.x.tmp'].map((name) => join(temp.home, 'keys', name));
    const text = await temp.keys({ typed: ['words'] }).exportIdentity();
    temp.file('home/keys/identity.txt', text);
    temp.file('home/keys/identity.txt.x.tmp', text);
    assert.equal(temp.keys().own()?.keptIn, 'passphrase');
    await temp.keys({ typed: ['words'] }).identities();
    assert.ok(!existsSync(bare!));
    await temp.keys({ typed: ['words'] }).changePassphrase('new words');
    assert.ok(!existsSync(unfinished!));
  });

  it('is told of where it is another one, and stays', async (t) => {
    const temp = tempKeys(t);
    await temp.sealed('words');
    const bare = temp.file('home/keys/identity.txt', (await newIdentity('x25519')).identity);
    const keys = temp.keys({ typed: ['words'] });
    await keys.identities();
    assert.deepEqual(
      keys.warnings.map(({ code, path }) => [code, path]),
      [['KEY_UNPROTECTED', bare]],
    );
    assert.ok(existsSync(bare));
  });
});

/** What a session would be sealed for opens, at once and after the identity was looked at. Answers all recipients. */
async function assertUsable({ keys }: TempKeys, countMin: number): Promise<string[]> {
  const recipients = await Promise.all((await keys().identities()).map(recipientOf));
  assert.ok(recipients.length >= countMin);
  const [current] = recipients;
  assert.equal(keys().own()?.recipient, current);
  assert.equal(await keys().knownRecipient(), current);
  return recipients;
}

describe('the recipient of an identity', () => {
  it('is never guessed when its note is gone; the identity writes it again', async (t) => {
    const temp = tempKeys(t);
    const made = await temp.keys().create({ protection: 'key-file' });
    rmSync(join(temp.home, 'keys', 'recipient.txt'));
    assert.throws(() => temp.keys().own(), { code: 'KEY_MISSING', hint: /keys export/ });
    assert.equal(await temp.keys().knownRecipient(), made.recipient);
    assert.deepEqual(temp.keys().own(), made);
  });

  it('that an older note names still opens what it was for', async (t) => {
    const temp = tempKeys(t);
    await temp.keys().create({ protection: 'key-file' });
    const note = join(temp.home, 'keys', 'recipient.txt');
    const old = readFileSync(note);
    const { current } = await temp.keys().rotate();
    writeFileSync(note, old);
    await temp.keys().identities();
    assert.equal(temp.keys().own()?.recipient, current.recipient);
    assert.equal(temp.keys().list().retired.length, 1);
  });

  for (const text of ['', 'words\n', 'age1a\nage1b\n']) {
    it(`is not read from ${JSON.stringify(text)}, which stays`, async (t) => {
      const temp = tempKeys(t);
      await temp.keys().create({ protection: 'key-file' });
      const note = temp.file('home/keys/recipient.txt', text);
      assert.throws(() => temp.keys().own(), { code: 'KEY_DAMAGED', path: note });
      await assert.rejects(temp.keys().identities(), { code: 'KEY_DAMAGED' });
      assert.equal(readFileSync(note, 'utf8'), text);
    });
  }
});

describe('what somebody else may have put there', { skip: process.platform === 'win32' && 'no modes here' }, () => {
  const spoil: Readonly<Record<string, (path: string, temp: TempKeys) => void>> = {
    'a link in place of the identity': (path) => {
      renameSync(path, `${path}.own`);
      symlinkSync(`${path}.own`, path);
    },
    'a second name of the identity': (path, { folder }) => linkSync(path, join(folder, 'second')),
    'an identity that others may read': (path) => chmodSync(path, 0o640),
    'an identity that others may change': (path) => chmodSync(path, 0o620),
    'a folder in place of the identity': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    'a folder that others may write to': (path) => chmodSync(join(path, '..'), 0o770),
    'an identity of a gigabyte': (path) => writeFileSync(path, Buffer.alloc(1024 * 1024 + 1)),
  };
  for (const [what, put] of Object.entries(spoil)) {
    it(`is refused: ${what}`, async (t) => {
      const temp = tempKeys(t);
      await temp.keys().create({ protection: 'key-file' });
      put(join(temp.home, 'keys', 'identity.txt'), temp);
      await assert.rejects(temp.keys().identities(), { code: 'STORE_UNSAFE' });
      const quiet = temp.keys();
      assert.deepEqual(await quiet.available(), []);
      assert.deepEqual(
        quiet.warnings.map(({ code }) => code),
        ['STORE_UNSAFE'],
      );
      await assert.rejects(temp.keys().rotate(), { code: 'STORE_UNSAFE' });
    });
  }

  it('is told of when others may look into the folder', async (t) => {
    const temp = tempKeys(t);
    await temp.keys().create({ protection: 'key-file' });
    chmodSync(join(temp.home, 'keys'), 0o750);
    const keys = temp.keys();
    assert.equal((await keys.identities()).length, 1);
    keys.own();
    assert.deepEqual(
      keys.warnings.map(({ code }) => code),
      ['STORE_UNSAFE'],
    );
  });
});

describe('the others whom new sessions are for', () => {
  const others = async (count: number): Promise<string[]> =>
    (await Promise.all(Array.from({ length: count }, () => newIdentity('x25519')))).map(({ recipient }) => recipient);

  it('are added with a name, named anew, and removed by name or recipient', async (t) => {
    const { keys } = tempKeys(t);
    const own = await keys().create({ protection: 'key-file' });
    const [bob, safe] = await others(2);
    await keys().addRecipient(bob!, 'bob');
    await keys().addRecipient(safe!);
    assert.deepEqual(keys().recipients(), [own.recipient, bob, safe]);
    await keys().addRecipient(safe!, 'the safe');
    await assert.rejects(keys().addRecipient(safe!, 'bob'), { code: 'USAGE', message: /another recipient/ });
    assert.equal((await keys().removeRecipient('the safe')).recipient, safe);
    assert.equal((await keys().removeRecipient(bob!)).name, 'bob');
    await assert.rejects(keys().removeRecipient('bob'), { code: 'USAGE' });
    assert.deepEqual(keys().recipients(), [own.recipient]);
  });

  it('are not what is no recipient, oneself, or somebody of a name that misleads', async (t) => {
    const { keys } = tempKeys(t);
    const own = await keys().create({ protection: 'key-file' });
    const [bob] = await others(1);
    const hybrid = await newIdentity('hybrid');
    await assert.rejects(keys().addRecipient('bob'), { code: 'USAGE' });
    await assert.rejects(keys().addRecipient(own.recipient), { code: 'USAGE', message: /your own/ });
    await assert.rejects(keys().addRecipient(hybrid.recipient), { code: 'USAGE', message: /cannot be mixed/ });
    for (const name of ['', ' ', 'a\nb', '\u202ebob', 'x'.repeat(65), 'age1bob', 'AGE-SECRET-KEY-1']) {
      await assert.rejects(keys().addRecipient(bob!, name), { code: 'USAGE' }, name);
    }
    assert.deepEqual(keys().list().others, []);
    await keys().addRecipient(bob!);
    await assert.rejects(keys().rotate({ kind: 'hybrid' }), { code: 'USAGE', message: /cannot be mixed/ });
  });

  it('are all there when many processes add at once', async (t) => {
    const { keys } = tempKeys(t);
    const all = await others(8);
    await Promise.all(all.map((recipient) => keys().addRecipient(recipient)));
    assert.deepEqual(
      new Set(
        keys()
          .list()
          .others.map(({ recipient }) => recipient),
      ),
      new Set(all),
    );
  });

  for (const text of ['', '{}', '[{"recipient":"bob"}]', '[{"recipient":"age1q","name":1,"addedAt":""}]', '[']) {
    it(`are not taken for none when the file says ${JSON.stringify(text)}`, async (t) => {
      const temp = tempKeys(t);
      await temp.keys().create({ protection: 'key-file' });
      const path = temp.file('home/keys/recipients.json', text);
      assert.throws(() => temp.keys().recipients(), { code: 'KEY_DAMAGED', path });
      const [bob] = await others(1);
      await assert.rejects(temp.keys().addRecipient(bob!), { code: 'KEY_DAMAGED' });
      assert.equal(readFileSync(path, 'utf8'), text);
    });
  }
});
