// Documents for some people only, as age and its tools read them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { armor, Decrypter } from 'age-encryption';
import { sealDocument } from '../../../src/crypto/age/document.ts';
import { newIdentity } from '../../../src/crypto/age/identities.ts';
import { collected } from '../../helpers/temp-home.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

async function* chunksOf(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

describe('a sealed document', () => {
  for (const [name, texts] of Object.entries({
    'that is empty': [],
    'of one line': ['a line\n'],
    'that fills its last line to the end': ['x'.repeat(48 * 7)],
    'of many pieces': Array.from({ length: 5000 }, (_, i) => `${i} 店 ${'words '.repeat(20)}\n`),
  })) {
    it(`${name} comes back, for each of its recipients`, async () => {
      const people = [await newIdentity('x25519'), await newIdentity('x25519')];
      const sealed = await sealDocument(
        chunksOf(texts),
        people.map(({ recipient }) => recipient),
      );
      const text = (await collected(sealed)).join('');
      assert.ok(text.split('\n').every((line) => line.length <= 64));
      for (const { identity } of people) {
        const decrypter = new Decrypter();
        decrypter.addIdentity(identity);
        assert.equal(await decrypter.decrypt(armor.decode(text), 'text'), texts.join(''));
      }
    });
  }

  it('opens with the tools of age', async (t) => {
    const folder = tempFolder(t);
    const { identity, recipient } = await newIdentity('x25519');
    writeFileSync(join(folder, 'key.txt'), `${identity}\n`);
    const sealed = await sealDocument(chunksOf(['words for ', 'some only']), [recipient]);
    writeFileSync(join(folder, 'document.age'), (await collected(sealed)).join(''));
    try {
      const opened = execFileSync('age', ['-d', '-i', join(folder, 'key.txt'), join(folder, 'document.age')]);
      assert.equal(opened.toString(), 'words for some only');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      t.skip('age is not installed');
    }
  });

  it('is refused for nobody, and for what is no recipient, before the document is begun', async () => {
    const never = (async function* (): AsyncGenerator<string> {
      yield assert.fail('it was asked for');
    })();
    await assert.rejects(sealDocument(never, []), { code: 'USAGE' });
    await assert.rejects(sealDocument(never, ['age1nobody']), { code: 'USAGE' });
  });
});
