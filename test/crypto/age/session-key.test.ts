import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Encrypter } from 'age-encryption';
import { newIdentity } from '../../../src/crypto/age/identities.ts';
import type { IdentityKind, NewIdentity } from '../../../src/crypto/age/identities.ts';
import { recipientList } from '../../../src/crypto/age/recipient-list.ts';
import { openKey, sealKey } from '../../../src/crypto/age/session-key.ts';
import { sealIdentity } from '../../../src/crypto/age/identity-file.ts';
import { SLOW } from '../../helpers/slow.ts';
import { NO_AGE, age, ageOpens } from '../../helpers/foreign-age.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const KEY = randomBytes(32);
const KINDS: readonly IdentityKind[] = ['x25519', 'hybrid'];

async function members(kind: IdentityKind, count: number): Promise<NewIdentity[]> {
  return Promise.all(Array.from({ length: count }, () => newIdentity(kind)));
}

const recipientsOf = (all: readonly NewIdentity[]): string[] => all.map(({ recipient }) => recipient);

describe('a session key sealed for several', () => {
  for (const kind of KINDS) {
    it(`opens for each of them and for nobody else, and tells each who the others are (${kind})`, async () => {
      const all = await members(kind, 3);
      const file = await sealKey(KEY, recipientsOf(all));
      for (const { identity } of all) {
        const opened = await openKey(file, [identity]);
        assert.deepEqual(opened, { key: KEY, recipients: recipientsOf(all) });
      }
      const [stranger] = await members(kind, 1);
      assert.equal(await openKey(file, [stranger!.identity]), null);
      assert.equal(await openKey(file, []), null);
      assert.ok(await openKey(file, [stranger!.identity, all[2]!.identity]));
    });

    it(`shows nobody’s name, and not the key (${kind})`, async () => {
      const all = await members(kind, 2);
      const file = Buffer.from(await sealKey(KEY, recipientsOf(all))).toString('latin1');
      for (const recipient of recipientsOf(all)) {
        const parts = [recipient, Buffer.from(recipient).toString('base64').slice(4, -4), recipient.slice(10, 30)];
        for (const part of parts) assert.ok(!file.includes(part));
      }
      assert.ok(!file.includes(KEY.toString('latin1')));
    });
  }

  it('is for somebody once, however often they are named', async () => {
    const [me] = await members('x25519', 1);
    const file = await sealKey(KEY, [me!.recipient, me!.recipient]);
    assert.deepEqual((await openKey(file, [me!.identity]))?.recipients, [me!.recipient]);
    assert.equal(Buffer.from(file).toString('latin1').split('-> X25519').length, 2);
  });

  it('is different each time', async () => {
    const [me] = await members('x25519', 1);
    assert.notDeepEqual(await sealKey(KEY, [me!.recipient]), await sealKey(KEY, [me!.recipient]));
  });

  it('refuses nobody, and post-quantum recipients beside others', async () => {
    const mixed = [...(await members('x25519', 1)), ...(await members('hybrid', 1))];
    await assert.rejects(sealKey(KEY, recipientsOf(mixed)), {
      code: 'USAGE',
      message: /cannot be mixed: age1\w+ would/,
    });
    await assert.rejects(sealKey(KEY, []), { code: 'USAGE' });
    await assert.rejects(sealKey(KEY.subarray(1), recipientsOf(mixed.slice(1))), TypeError);
  });
});

describe('a session key that was tampered with', () => {
  const OFFERED = { code: 'KEY_DAMAGED' };
  /** Null where it looks as if it were for others, as a stanza that does not open must. */
  const isRefused = async (file: Uint8Array, identity: string): Promise<boolean> => {
    try {
      return (await openKey(file, [identity])) === null;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'KEY_DAMAGED', String(error));
      return true;
    }
  };

  it('is refused whatever bit of it was flipped', async () => {
    const [me, other] = await members('x25519', 2);
    const file = Buffer.from(await sealKey(KEY, recipientsOf([me!, other!])));
    const step = SLOW ? 1 : 5;
    let flipped = 0;
    for (let bit = 0; bit < file.length * 8; bit += step, flipped++) {
      file[bit >> 3]! ^= 1 << (bit & 7);
      assert.ok(await isRefused(file, me!.identity), `bit ${bit}`);
      file[bit >> 3]! ^= 1 << (bit & 7);
    }
    assert.ok(flipped > 500);
    assert.ok(await openKey(file, [me!.identity]));
  });

  it('is refused wherever it was cut, and with anything behind it', async () => {
    const [me] = await members('x25519', 1);
    const file = await sealKey(KEY, [me!.recipient]);
    for (let end = 0; end < file.length; end++) {
      await assert.rejects(openKey(file.subarray(0, end), [me!.identity]), OFFERED, `cut at ${end}`);
    }
    await assert.rejects(openKey(Buffer.concat([file, Buffer.alloc(1)]), [me!.identity]), OFFERED);
  });

  it('is refused with the list of another file, or with two lists', async () => {
    const [me, other] = await members('x25519', 2);
    const listOf = (file: Uint8Array): string =>
      /-> roo\.recipients\n[^-]+(?=---)/.exec(Buffer.from(file).toString('latin1'))![0];
    const mine = await sealKey(KEY, [me!.recipient]);
    const theirs = listOf(await sealKey(KEY, [me!.recipient, other!.recipient]));
    const text = Buffer.from(mine).toString('latin1');
    for (const list of [theirs, `${listOf(mine)}${listOf(mine)}`, '']) {
      const forged = Buffer.from(
        text.replace(listOf(mine), () => list),
        'latin1',
      );
      await assert.rejects(openKey(forged, [me!.identity]), OFFERED);
    }
  });

  it('is refused with a list that a member has written other things into', async () => {
    const [me] = await members('x25519', 1);
    for (const list of [[''], ['age1\u001b[2J'], [me!.recipient, me!.identity]]) {
      const encrypter = new Encrypter();
      encrypter.addRecipient(me!.recipient);
      encrypter.addRecipient(await recipientList(list));
      await assert.rejects(openKey(await encrypter.encrypt(KEY), [me!.identity]), {
        ...OFFERED,
        message: /holds something else$/,
      });
    }
  });

  it('is refused when it is large before anything is tried', async () => {
    const [me] = await members('x25519', 1);
    const file = Buffer.concat([await sealKey(KEY, [me!.recipient]), Buffer.alloc(1024 * 1024)]);
    await assert.rejects(openKey(file, [me!.identity]), { ...OFFERED, message: /larger than 1048576 bytes/ });
  });

  it('never repeats an identity that has a wrong character', async () => {
    const [me] = await members('x25519', 1);
    const file = await sealKey(KEY, [me!.recipient]);
    const wrong = `${me!.identity.slice(0, -1)}${me!.identity.endsWith('Q') ? 'P' : 'Q'}`;
    await assert.rejects(openKey(file, [wrong]), (error: Error) => {
      assert.ok(!`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`.includes(wrong.slice(20, 40)));
      return (error as Error & { code: string }).code === 'KEY_DAMAGED';
    });
  });
});

describe('session keys and the age of others', { skip: NO_AGE }, () => {
  it('age -d finds the 32 bytes, and nothing else', async (t) => {
    const all = await members('x25519', 30);
    const file = await sealKey(KEY, recipientsOf(all));
    for (const { identity } of [all[0]!, all[29]!]) assert.deepEqual(ageOpens(file, identity, tempFolder(t)), KEY);
  });

  it('what age -e made opens here, in armor too, without a list', async () => {
    const all = await members('x25519', 2);
    const to = recipientsOf(all).flatMap((recipient) => ['-r', recipient]);
    for (const armor of [[], ['-a']]) {
      const file = age(['-e', ...armor, ...to], KEY);
      assert.deepEqual(await openKey(file, [all[1]!.identity]), { key: KEY, recipients: null });
    }
    await assert.rejects(openKey(age(['-e', ...to], 'not 32 bytes'), [all[0]!.identity]), { code: 'KEY_DAMAGED' });
  });

  it('a file under a passphrase is for no identity', async () => {
    const [me] = await members('x25519', 1);
    assert.equal(await openKey(await sealIdentity(me!.identity, 'a passphrase'), [me!.identity]), null);
  });
});
