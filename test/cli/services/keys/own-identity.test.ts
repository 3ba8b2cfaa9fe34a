import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { newIdentity, parseIdentities, recipientOf } from '../../../../src/crypto/age/identities.ts';
import { fakeKeychain } from '../../../helpers/fake-keychain.ts';
import { AT, sealedCheaply, tempKeys } from '../../../helpers/temp-keys.ts';

describe('an identity', () => {
  it('is made under a passphrase that is given twice, and unlocked by it once a process', async (t) => {
    const { keys, home, asked } = tempKeys(t);
    const made = await keys({ typed: ['', 'one', 'two', 'good words', 'good words'] }).create();
    assert.equal(made.keptIn, 'passphrase');
    assert.match(
      asked.join('|'),
      /^New pass[^|]+\|An empty[^|]+\|The same again: \|They are not the same[^|]+\|The same/,
    );
    const again = keys({ typed: ['wrong', 'good words'] });
    assert.deepEqual(again.own(), made);
    const [identity] = await again.identities();
    assert.equal(await recipientOf(identity!), made.recipient);
    assert.equal((await again.identities()).length, 1);
    assert.deepEqual(asked.slice(5), [
      'Passphrase of your identity: ',
      'That is not the one. Passphrase of your identity: ',
    ]);
    const file = readFileSync(join(home, 'keys', 'identity.age'), 'latin1');
    assert.match(file, /^age-encryption\.org\/v1\n-> scrypt \S{22} 17\n/);
  });

  it('is asked for three times, and for no list', async (t) => {
    const { keys, asked, sealed } = tempKeys(t);
    await sealed('words');
    await assert.rejects(keys({ typed: ['a', 'b', 'c', 'words'] }).identities(), { code: 'KEY_WRONG_PASSPHRASE' });
    assert.equal(asked.length, 3);
    await assert.rejects(keys().identities(), { code: 'KEY_MISSING', hint: /ROO_PASSPHRASE_FILE/ });
    asked.length = 0;
    const quiet = keys({ typed: ['words'] });
    assert.deepEqual([await quiet.available(), asked, quiet.warnings], [[], [], []]);
    await quiet.identities();
    assert.equal((await quiet.available()).length, 1);
  });

  it('takes the passphrase from a file that nobody else may read', async (t) => {
    const { keys, file, asked, sealed } = tempKeys(t);
    const env = { ROO_PASSPHRASE_FILE: file('pass', 'from a file\r\n') };
    const { identity } = await sealed('from a file');
    assert.deepEqual([await keys({ env }).available(), asked], [[identity], []]);
    const open = { ROO_PASSPHRASE_FILE: file('open', 'from a file', 0o644) };
    await assert.rejects(keys({ env: open }).identities(), { code: 'STORE_UNSAFE', hint: /chmod 600/ });
    const wrong = { ROO_PASSPHRASE_FILE: file('wrong', 'other words') };
    await assert.rejects(keys({ env: wrong }).identities(), { code: 'KEY_WRONG_PASSPHRASE' });
    const told = keys({ env: wrong });
    assert.deepEqual(await told.available(), []);
    assert.deepEqual(
      told.warnings.map(({ code }) => code),
      ['KEY_WRONG_PASSPHRASE'],
    );
    const empty = { ROO_PASSPHRASE_FILE: file('empty', '\n') };
    await assert.rejects(keys({ env: empty }).identities(), { code: 'KEY_MISSING', message: /holds no passphrase/ });
    await assert.rejects(keys({ env: { ROO_PASSPHRASE_FILE: '/nowhere' } }).identities(), { code: 'STORE_UNREADABLE' });
  });

  it('is kept in the keychain where there is one that keeps it', async (t) => {
    const { keys, home, asked } = tempKeys(t);
    const { open, entries } = fakeKeychain();
    const made = await keys({ keychain: open }).create();
    assert.deepEqual([made.keptIn, asked, [...entries.keys()]], ['keychain', [], [home]]);
    const [identity] = await keys({ keychain: open }).available();
    assert.deepEqual(parseIdentities(entries.get(home)!), [identity]);
    for (const name of readdirSync(join(home, 'keys'))) {
      assert.ok(!readFileSync(join(home, 'keys', name), 'utf8').includes('SECRET'), name);
    }
    await assert.rejects(keys().identities(), { code: 'KEY_MISSING', message: /keychain of this system cannot be/ });
    assert.deepEqual(keys().own(), made);
  });

  for (const [what, faults] of [
    ['refuses', { write: () => Promise.reject(new Error('no such interface')) }],
    ['forgets at once', { read: async () => null }],
  ] as const) {
    it(`is for no keychain that ${what}: a passphrase is asked for, unless only the keychain will do`, async (t) => {
      const { keys, asked } = tempKeys(t);
      const keychain = fakeKeychain(faults).open;
      await assert.rejects(keys({ keychain }).create({ protection: 'keychain' }), { code: 'KEY_MISSING' });
      assert.deepEqual(asked, []);
      await assert.rejects(keys({ keychain }).create(), { code: 'KEY_MISSING', hint: /ROO_PASSPHRASE_FILE/ });
      assert.equal(asked.length, 1);
    });
  }

  it('that the keychain holds is taken up again when the folder was lost', async (t) => {
    const { keys, home } = tempKeys(t);
    const { open, entries } = fakeKeychain();
    const { identity, recipient } = await newIdentity('x25519');
    entries.set(home, `${identity}\n`);
    assert.deepEqual(await keys({ keychain: open }).create(), { recipient, keptIn: 'keychain' });
    assert.deepEqual(await keys({ keychain: open }).identities(), [identity]);
  });

  it('is not made where nothing would protect it and nobody can be asked; a bare file has to be wished for', async (t) => {
    const { keys, home } = tempKeys(t);
    await assert.rejects(keys().create(), { code: 'KEY_MISSING', hint: /--key-file/ });
    assert.equal(keys().own(), null);
    assert.ok(!existsSync(join(home, 'keys')));
    const bare = keys();
    assert.equal((await bare.create({ protection: 'key-file' })).keptIn, 'key-file');
    assert.deepEqual(
      bare.warnings.map(({ code }) => code),
      ['KEY_UNPROTECTED'],
    );
    assert.match(
      readFileSync(join(home, 'keys', 'identity.txt'), 'utf8'),
      /^# created: 2026-11-01T12:00:00.000Z\n# pub/,
    );
  });

  it('is never overwritten', async (t) => {
    const { keys, file } = tempKeys(t);
    const made = await keys().create({ protection: 'key-file' });
    const other = file('other.txt', (await newIdentity('x25519')).identity);
    await assert.rejects(keys().create({ protection: 'key-file' }), { code: 'KEY_EXISTS' });
    await assert.rejects(keys().importIdentity(other), { code: 'KEY_EXISTS' });
    await assert.rejects(keys({ env: { ROO_IDENTITY: other } }).create(), { code: 'KEY_EXISTS' });
    assert.deepEqual(keys().own(), made);
  });

  it('of two that are made at once, one is', async (t) => {
    const { keys } = tempKeys(t);
    const both = await Promise.allSettled([1, 2].map(() => keys().create({ protection: 'key-file' })));
    const made = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.equal(made.length, 1);
    assert.deepEqual(keys().own(), made[0]);
    assert.equal(await recipientOf((await keys().identities())[0]!), made[0]!.recipient);
  });

  it('can be post-quantum', async (t) => {
    const made = await tempKeys(t).keys().create({ protection: 'key-file', kind: 'hybrid' });
    assert.match(made.recipient, /^age1pq1/);
  });
});

describe('an identity that changes', () => {
  it('is followed by a new one in the same protection, and still opens', async (t) => {
    const { keys, sealed } = tempKeys(t);
    const made = await sealed('words');
    const rotating = keys({ typed: ['words'] });
    const { previous, current } = await rotating.rotate();
    assert.equal(previous.recipient, made.recipient);
    assert.deepEqual(rotating.own(), { recipient: current.recipient, keptIn: 'passphrase' });
    const later = keys({ typed: ['words'] });
    assert.deepEqual(await later.identities(), [current.identity, previous.identity]);
    assert.deepEqual(later.list().retired, [{ recipient: made.recipient, at: AT }]);
    assert.equal(later.list().createdAt, AT);
  });

  it('loses nothing to another process that changes it at the same time', async (t) => {
    const { keys } = tempKeys(t);
    await keys().create({ protection: 'key-file' });
    const both = await Promise.allSettled([1, 2].map(() => keys().rotate()));
    const rotated = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value.current.identity] : []));
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []));
    assert.ok(rotated.length >= 1 && refused.every((code) => code === 'KEY_EXISTS'));
    const kept = await keys().identities();
    assert.equal(kept.length, rotated.length + 1);
    for (const identity of rotated) assert.ok(kept.includes(identity));
  });

  it('goes under another passphrase, with all that were retired', async (t) => {
    const { keys, home } = tempKeys(t);
    const changing = keys({ typed: ['new', 'new'] });
    await changing.create({ protection: 'key-file' });
    await changing.rotate();
    const text = await changing.exportIdentity();
    assert.equal((await changing.changePassphrase()).keptIn, 'passphrase');
    assert.ok(!existsSync(join(home, 'keys', 'identity.txt')));
    assert.equal(await keys({ typed: ['new'] }).exportIdentity(), text);
  });

  it('leaves the keychain for a passphrase', async (t) => {
    const { keys, home } = tempKeys(t);
    const { open, entries } = fakeKeychain();
    const changing = keys({ keychain: open });
    const made = await changing.create();
    await changing.changePassphrase('new');
    assert.deepEqual([...entries], []);
    assert.deepEqual(readdirSync(join(home, 'keys')), ['identity.age', 'recipient.txt']);
    assert.deepEqual(keys().own(), { ...made, keptIn: 'passphrase' });
  });

  it('does not change where ROO_IDENTITY names one', async (t) => {
    const { keys, file } = tempKeys(t);
    await keys().create({ protection: 'key-file' });
    const env = { ROO_IDENTITY: file('mine.txt', (await newIdentity('x25519')).identity) };
    await assert.rejects(keys({ env }).rotate(), { code: 'USAGE' });
    await assert.rejects(keys({ env }).changePassphrase('x'), { code: 'USAGE' });
  });
});

describe('an identity from a file', () => {
  it('is taken over with all that are in it, and the comments that are true', async (t) => {
    const { keys, file } = tempKeys(t);
    const [one, two] = [await newIdentity('x25519'), await newIdentity('x25519')];
    const path = file(
      'key.txt',
      `# created: 2020-01-01T00:00:00Z\n# public key: age1wrong\n${one.identity}\n${two.identity}`,
    );
    const made = await keys().importIdentity(path, { protection: 'key-file' });
    assert.deepEqual(made, { recipient: one.recipient, keptIn: 'key-file' });
    assert.deepEqual(await keys().identities(), [one.identity, two.identity]);
    assert.equal(keys().list().createdAt, '2020-01-01T00:00:00Z');
    assert.ok(!(await keys().exportIdentity()).includes('age1wrong'));
  });

  it('stays under the passphrase that it came with', async (t) => {
    const { keys, file, asked } = tempKeys(t);
    const { identity } = await newIdentity('x25519');
    const path = file('key.age', await sealedCheaply(identity, 'its words'));
    assert.equal((await keys({ typed: ['its words'] }).importIdentity(path)).keptIn, 'passphrase');
    assert.deepEqual(asked, [`Passphrase of ${path}: `]);
    assert.deepEqual(await keys({ typed: ['its words'] }).identities(), [identity]);
  });

  it('is refused when it is none, or others may read it, and nothing is made', async (t) => {
    const { keys, file, home } = tempKeys(t);
    const { identity } = await newIdentity('x25519');
    const wish = { protection: 'key-file' } as const;
    await assert.rejects(keys().importIdentity(file('words', 'words'), wish), { code: 'KEY_DAMAGED', path: /words$/ });
    const cut = file('cut', identity.slice(0, -1));
    await assert.rejects(keys().importIdentity(cut, wish), { code: 'KEY_DAMAGED', path: cut });
    await assert.rejects(keys().importIdentity(file('open', identity, 0o640), wish), { code: 'STORE_UNSAFE' });
    await assert.rejects(keys().importIdentity('/nowhere/key', wish), { code: 'KEY_MISSING' });
    assert.ok(!existsSync(join(home, 'keys')));
  });
});

describe('the identity that ROO_IDENTITY names', () => {
  it('goes before that of the home, which still opens where nobody has to be asked', async (t) => {
    const { keys, file, asked } = tempKeys(t);
    const { recipient, identity } = await newIdentity('x25519');
    const env = { ROO_IDENTITY: file('mine.txt', `# public key: ${recipient}\n${identity}\n`) };
    await keys().create({ protection: 'key-file' });
    const [own] = await keys().identities();
    assert.deepEqual(keys({ env }).own(), { recipient, keptIn: 'environment' });
    assert.deepEqual(await keys({ env }).identities(), [identity, own]);
    await keys().changePassphrase('words');
    assert.deepEqual(await keys({ env, typed: ['words'] }).identities(), [identity]);
    assert.deepEqual(asked, []);
  });

  it('tells its recipient when it is unlocked, where the file does not say it', async (t) => {
    const { keys, file } = tempKeys(t);
    const { recipient, identity } = await newIdentity('x25519');
    const env = { ROO_IDENTITY: file('mine.age', await sealedCheaply(identity, 'words')) };
    const named = keys({ env, typed: ['words'] });
    assert.equal(named.own(), null);
    assert.throws(() => named.recipients(), { code: 'KEY_MISSING' });
    assert.equal(await named.knownRecipient(), recipient);
    assert.deepEqual(named.recipients(), [recipient]);
  });

  it('is refused when it notes the public key of somebody else: what is sealed for that one would be lost', async (t) => {
    const { keys, file } = tempKeys(t);
    const [mine, other] = [await newIdentity('x25519'), await newIdentity('x25519')];
    const env = { ROO_IDENTITY: file('mine.txt', `# public key: ${other.recipient}\n${mine.identity}\n`) };
    await assert.rejects(keys({ env }).identities(), { code: 'KEY_DAMAGED', message: /belongs to none/ });
    await assert.rejects(keys({ env: { ROO_IDENTITY: '/nowhere' } }).identities(), { code: 'KEY_MISSING' });
  });
});

describe('the files of keys', { skip: process.platform === 'win32' && 'no modes here' }, () => {
  it('are their owner’s alone, whatever the umask', async (t) => {
    const before = process.umask(0);
    t.after(() => process.umask(before));
    const { keys, home } = tempKeys(t);
    await keys().create({ protection: 'key-file' });
    await keys().rotate();
    await keys().addRecipient((await newIdentity('x25519')).recipient, 'bob');
    const names = readdirSync(join(home, 'keys'));
    assert.deepEqual(names, ['identity.txt', 'recipient.txt', 'recipients.json']);
    for (const name of names) assert.equal(statSync(join(home, 'keys', name)).mode & 0o777, 0o600, name);
    assert.equal(statSync(join(home, 'keys')).mode & 0o777, 0o700);
  });
});
