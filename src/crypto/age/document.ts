// A document for some people only: an armored age file, made while the document is, so that it is nowhere in plain and
// never whole in memory. The armor is text of its own, because the library arms whole files only.
// Format: https://c2sp.org/age#ascii-armor

import { assertOneKind, assertRecipient } from './recipients.ts';

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----\n';
const END = '-----END AGE ENCRYPTED FILE-----\n';
/** A line of armor has 64 characters, which are so many bytes. */
const LINE_BYTES = 48;

/** The document in chunks of armor. Throws USAGE for recipients that are none, before the document is asked for. */
export async function sealDocument(
  document: AsyncIterable<string>,
  recipients: readonly string[],
): Promise<AsyncIterable<string>> {
  const all = [...new Set(recipients)];
  assertOneKind(all);
  for (const recipient of all) await assertRecipient(recipient);
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of all) encrypter.addRecipient(recipient);
  return armored(await encrypter.encrypt(ReadableStream.from(bytesOf(document))));
}

async function* bytesOf(document: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of document) yield Buffer.from(chunk);
}

async function* armored(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  yield BEGIN;
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = Buffer.concat([rest, chunk]);
    const whole = all.length - (all.length % LINE_BYTES);
    if (whole > 0) yield linesOf(all.subarray(0, whole));
    rest = all.subarray(whole);
  }
  if (rest.length > 0) yield linesOf(rest);
  yield END;
}

function linesOf(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{1,64}/g, '$&\n');
}
