// The part of docs/format.md about encryption, as a reader in another language would carry it out: with node's own
// cryptography, and nothing of ours but the writer that made the files.

import assert from 'node:assert/strict';
import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { newIdentity } from '../../src/crypto/age/identities.ts';
import { sealKey } from '../../src/crypto/age/session-key.ts';
import { PIECE_BYTES_MAX } from '../../src/crypto/content-seal.ts';
import type { BlobRef, LogRecord } from '../../src/core/record.ts';
import { putIntoInbox } from '../../src/store/inbox.ts';
import { SEALED_BYTES_MAX } from '../../src/store/frame.ts';
import { ageOpens, NO_AGE } from '../helpers/foreign-age.ts';
import type { SealedStore } from '../helpers/sealed-store.ts';
import { createSealed, sealedStore } from '../helpers/sealed-store.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { textsOf, userSays } from '../helpers/temp-store.ts';

const OUTPUT = 'a long output, '.repeat(20_000);

function hkdf(secret: Buffer, salt: Buffer | '', info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, 32));
}

function gcm(key: Buffer, nonce: Buffer, sealed: Buffer, bound: Buffer = Buffer.alloc(0)): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

function sealedLine(line: Buffer): { salt: Buffer; ct: Buffer } {
  const { sx, salt, ct } = JSON.parse(line.toString()) as { sx: number; salt: string; ct: string };
  assert.equal(sx, 1);
  return { salt: Buffer.from(salt, 'base64'), ct: Buffer.from(ct, 'base64') };
}

/** Bytes of a frame's header that its content is bound to, in their order there. */
const BOUND = [
  [16, 20],
  [28, 40],
  [60, 64],
  [40, 56],
] as const;

function* recordsIn(log: Buffer, dataKey: Buffer, id: string): Generator<LogRecord> {
  for (let at = 0; at < log.length;) {
    const frame = log.subarray(at, at + log.readUInt32LE(at + 20));
    const { salt, ct } = sealedLine(inflateRawSync(frame.subarray(64, -8)));
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(frame.readBigUInt64LE(28), 4);
    const bound = Buffer.concat([...BOUND.map(([from, to]) => frame.subarray(from, to)), Buffer.from(id)]);
    const packed = gcm(hkdf(dataKey, salt, `roo frame v1|${id}`), nonce, ct, bound);
    const lines = inflateRawSync(packed).toString().split('\n');
    assert.equal(lines.pop(), '');
    assert.equal(lines.length, frame.readUInt16LE(18));
    yield* lines.map((line) => JSON.parse(line) as LogRecord);
    at += frame.length;
  }
}

function contentOf(file: Buffer, dataKey: Buffer, id: string): Buffer {
  assert.equal(file.subarray(0, 4).toString(), 'SXB1');
  const key = hkdf(dataKey, file.subarray(4, 36), `roo content v1|${id}`);
  const pieces: Buffer[] = [];
  for (let at = 36; at < file.length;) {
    const end = at + 4 + file.readUInt32LE(at);
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(BigInt(pieces.length), 3);
    nonce[11] = end === file.length ? 1 : 0;
    pieces.push(gcm(key, nonce, file.subarray(at + 4, end)));
    at = end;
  }
  assert.ok(pieces.length > 1);
  return Buffer.concat(pieces);
}

async function written(t: TestContext): Promise<{ store: SealedStore; id: string; dataKey: Buffer }> {
  const store = sealedStore(t);
  const writer = createSealed(store);
  for (const word of ['one', 'two', 'three']) await writer.append([userSays(word)]);
  await writer.append([{ type: 'tool-end', callId: 'c', status: 'ok', output: OUTPUT }]);
  await writer.close();
  return { store, id: writer.id, dataKey: store.keys.get(writer.id)!.dataKey };
}

describe('what docs/format.md says of encryption', () => {
  it('is enough to read a log and its large parts', async (t) => {
    const { store, id, dataKey } = await written(t);
    const records = [...recordsIn(readFileSync(store.layout.logPath(id)), dataKey, id)];
    assert.equal(records[0]!.type, 'session');
    assert.deepEqual(textsOf(records), ['one', 'two', 'three']);
    const { hash, bytes } = records.find(({ type }) => type === 'tool-end')!['blob' as never] as BlobRef;
    const content = contentOf(readFileSync(join(store.layout.sealedBlobDir(id), hash)), dataKey, id);
    assert.deepEqual([content.length, content.toString()], [bytes, OUTPUT]);
    const sum = createHash('sha256').update(content).digest();
    assert.equal(
      createHmac('sha256', hkdf(dataKey, '', `roo content name v1|${id}`))
        .update(sum)
        .digest('hex'),
      hash,
    );
  });

  it('is enough to read a change that waits, and the anchor', async (t) => {
    const { store, id, dataKey } = await written(t);
    const [{ inbox }] = putIntoInbox(
      store.layout,
      id,
      [{ type: 'meta', name: 'new' }],
      store.clock,
      store.keys.get(id)!,
    ) as [LogRecord & { inbox: string }];
    const open = (path: string, info: string, place: string): Record<string, unknown> => {
      const { salt, ct } = sealedLine(readFileSync(path));
      const key = hkdf(dataKey, salt, `${info}|${id}`);
      return JSON.parse(gcm(key, Buffer.alloc(12), ct, Buffer.from(place)).toString()) as Record<string, unknown>;
    };
    assert.equal(open(join(store.layout.inboxDir(id), inbox), 'roo inbox v1', inbox)['name'], 'new');
    const anchor = open(store.layout.anchorPath(id), 'roo anchor v1', id);
    assert.deepEqual([anchor['rewrites'], typeof anchor['seq']], [0, 'number']);
  });

  it('begins with age: its own tool gives the data key', { skip: NO_AGE }, async (t) => {
    const { dataKey } = await written(t);
    const { identity, recipient } = await newIdentity('x25519');
    assert.deepEqual(ageOpens(await sealKey(dataKey, [recipient]), identity, tempFolder(t)), dataKey);
  });

  it('has the limits that the code keeps', () => {
    const page = readFileSync(new URL('../../docs/format.md', import.meta.url), 'utf8');
    assert.ok(page.includes(`at most ${SEALED_BYTES_MAX / 1024} KiB packed`));
    assert.ok(page.includes(`at most ${PIECE_BYTES_MAX / 1024} KiB of the content`));
  });
});
