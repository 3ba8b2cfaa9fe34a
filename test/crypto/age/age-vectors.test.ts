// The published test vectors of age: files that must open, and ones that must be refused, each for one reason.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import * as vectors from 'cctv-age';
import { openWithIdentities, openWithPassphrase } from '../../../src/crypto/age/age-file.ts';

interface Vector {
  expect: string;
  payload: string | undefined;
  identities: string[];
  passphrases: string[];
  file: Uint8Array;
}

const FILES: [string, Uint8Array][] = Object.entries(vectors).filter(([, bytes]) => bytes instanceof Uint8Array);

function parse(bytes: Uint8Array): Vector {
  const all = Buffer.from(bytes);
  const end = all.indexOf('\n\n');
  const fields = all
    .toString('latin1', 0, end)
    .split('\n')
    .map((line) => line.split(': ') as [string, string]);
  const valuesOf = (name: string): string[] => fields.filter(([key]) => key === name).map(([, value]) => value);
  const body = all.subarray(end + 2);
  return {
    expect: valuesOf('expect')[0]!,
    payload: valuesOf('payload')[0],
    identities: valuesOf('identity'),
    passphrases: valuesOf('passphrase'),
    file: valuesOf('compressed')[0] === 'zlib' ? inflateSync(body) : body,
  };
}

async function payloadOf({ file, identities, passphrases }: Vector): Promise<Buffer | null> {
  if (identities.length > 0 || passphrases.length === 0) {
    const content = await openWithIdentities(file, identities, 'test');
    if (content || passphrases.length === 0) return content?.payload ?? null;
  }
  for (const passphrase of passphrases) {
    const content = await openWithPassphrase(file, passphrase, 'test');
    if (content) return content.payload;
  }
  return null;
}

describe('the published vectors of age', () => {
  it('are all there', () => assert.ok(FILES.length >= 143, String(FILES.length)));

  for (const [name, bytes] of FILES) {
    const vector = parse(bytes);
    it(`${name}: ${vector.expect}`, async () => {
      if (vector.expect === 'success') {
        const payload = await payloadOf(vector);
        assert.equal(createHash('sha256').update(payload!).digest('hex'), vector.payload);
      } else if (vector.expect === 'no match') {
        assert.equal(await payloadOf(vector), null);
      } else {
        // A part of a payload is never given out, so what of it would have been right does not apply.
        assert.match(vector.expect, /^(?:header|HMAC|payload|armor) failure$/);
        await assert.rejects(payloadOf(vector), { code: 'KEY_DAMAGED' });
      }
    });
  }
});
