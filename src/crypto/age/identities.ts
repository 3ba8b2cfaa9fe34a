// Identities as age-keygen writes them: the secret that opens what is sealed for its recipient, with the comments that
// tell a person what it is. Nothing here puts a secret into a message.

import { SessionError } from '../../core/errors.ts';
import { damaged } from './age-file.ts';

export type IdentityKind = 'x25519' | 'hybrid';

export interface NewIdentity {
  /** The secret. */
  identity: string;
  recipient: string;
}

const IDENTITY = /^AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]+$/;
const CREATED = /^# created: (\S+)$/m;

/** `hybrid` is safe also from whoever has a quantum computer later; tools before age 1.3 do not know it. */
export async function newIdentity(kind: IdentityKind): Promise<NewIdentity> {
  const { generateHybridIdentity, generateX25519Identity } = await import('age-encryption');
  const identity = await (kind === 'hybrid' ? generateHybridIdentity() : generateX25519Identity());
  return { identity, recipient: await recipientOf(identity) };
}

/** The public half. Throws KEY_DAMAGED for what is no identity. */
export async function recipientOf(identity: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  try {
    return await identityToRecipient(identity);
  } catch {
    // Without the cause: its message repeats the secret.
    throw damaged('read identity', 'an identity in it is none: a character is wrong or missing');
  }
}

/** The text of an identity file. `createdAt` is ISO 8601, null where it is not known. */
export function identityText({ identity, recipient }: NewIdentity, createdAt: string | null): string {
  const created = createdAt === null ? '' : `# created: ${createdAt}\n`;
  return `${created}# public key: ${recipient}\n${identity}\n`;
}

/** When the text says that its identity was made; null when it does not. */
export function createdIn(text: string): string | null {
  return CREATED.exec(text)?.[1] ?? null;
}

/** The identities in the text of a file, in their order. Throws KEY_DAMAGED when a line is none, or all are comments. */
export function parseIdentities(text: string): string[] {
  const op = 'read identity';
  const identities = text.split('\n').flatMap((whole, index) => {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) return [];
    if (IDENTITY.test(line)) return [line];
    if (!line.startsWith('AGE-PLUGIN-')) throw damaged(op, `line ${index + 1} is no identity of age`);
    throw new SessionError('NOT_SUPPORTED', `line ${index + 1} is an identity of a plugin`, {
      op,
      hint: 'use one of age itself: AGE-SECRET-KEY-1…',
    });
  });
  if (identities.length === 0) throw damaged(op, 'there is no identity in it');
  return identities;
}
