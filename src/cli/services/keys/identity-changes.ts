// How an identity comes and changes. Each change is one replaced file (or one entry of a keychain), and then the note of
// the recipient: after a crash in between the old recipient is noted, whose identity is still there.

import { SessionError } from '../../../core/errors.ts';
import type { IdentityKind, NewIdentity } from '../../../crypto/age/identities.ts';
import { holdKeys } from '../../../store/key-lock.ts';
import { chooseProtection, forgetInKeychain, heldByKeychain } from './identity-protection.ts';
import type { ProtectionWish } from './identity-protection.ts';
import type { KeyContext } from './key-context.ts';
import { placed } from './key-context.ts';
import { identityTextOf, readIdentityFile } from './named-identity.ts';
import { assertSame, keepIdentity } from './own-identity.ts';
import type { Protection, Unlocked } from './own-identity.ts';
import { readOthers, readOwnNote, writeOwnNote } from './recipient-notes.ts';

export interface CreateOptions extends ProtectionWish {
  kind?: IdentityKind | undefined;
}

export async function createIdentity(context: KeyContext, options: CreateOptions): Promise<Unlocked> {
  assertNone(context);
  const { identityText, newIdentity } = await import('../../../crypto/age/identities.ts');
  const made = await newIdentity(options.kind ?? 'x25519');
  await assertKind(context, made.recipient);
  const protection = await chooseProtection(context, options);
  // What the keychain holds for this home already is the identity: the folder with the note of it was lost.
  const held = await heldByKeychain(context, protection.keeping);
  return keepFirst(context, held ?? identityText(made, context.now()), protection);
}

/** All identities of a file, the first of them as the current one. */
export async function importIdentity(context: KeyContext, path: string, wish: ProtectionWish): Promise<Unlocked> {
  assertNone(context);
  const file = readIdentityFile(path, 'name a file that age-keygen or roo session keys export --secret made');
  const { text, passphrase } = await identityTextOf(file, context.passphrases);
  const { createdIn, identityText, parseIdentities, recipientOf } = await import('../../../crypto/age/identities.ts');
  let texts: string[];
  try {
    const createdAt = createdIn(text);
    const made = parseIdentities(text).map(async (identity) => ({ identity, recipient: await recipientOf(identity) }));
    const [current, ...older] = await Promise.all(made);
    texts = [identityText(current!, createdAt), ...older.map((each) => identityText(each, null))];
    await assertKind(context, current!.recipient);
  } catch (error) {
    throw placed(error, file.path);
  }
  const isSealed = passphrase !== null && wish.protection === undefined && wish.passphrase === undefined;
  const protection = await chooseProtection(context, isSealed ? { passphrase } : wish);
  if ((await heldByKeychain(context, protection.keeping)) !== null) {
    throw new SessionError('KEY_EXISTS', 'the keychain holds an identity for this home; it was not overwritten', {
      op: 'write identity',
      hint: 'take that one: roo session keys create --keychain',
    });
  }
  return keepFirst(context, texts.join('\n'), protection);
}

export async function rotateIdentity(
  context: KeyContext,
  unlocked: Unlocked,
  kind: IdentityKind | undefined,
): Promise<{ previous: NewIdentity; current: NewIdentity; unlocked: Unlocked }> {
  const { identityText, newIdentity, parseIdentities, recipientOf } = await import('../../../crypto/age/identities.ts');
  const [identity] = parseIdentities(unlocked.text);
  const previous = { identity: identity!, recipient: await recipientOf(identity!) };
  const current = await newIdentity(kind ?? (previous.recipient.startsWith('age1pq1') ? 'hybrid' : 'x25519'));
  await assertKind(context, current.recipient);
  const at = context.now();
  const text = `${identityText(current, at)}\n# retired: ${at}\n${unlocked.text}`;
  const kept = await replaceOwn(context, unlocked, text, unlocked, () => {
    const retired = [{ recipient: previous.recipient, at }, ...(readOwnNote(context.files)?.retired ?? [])];
    writeOwnNote(context.files, { recipient: current.recipient, createdAt: at, retired });
  });
  return { previous, current, unlocked: kept };
}

/** From a keychain or a bare file too. */
export async function changePassphrase(
  context: KeyContext,
  unlocked: Unlocked,
  passphrase: string | undefined,
): Promise<Unlocked> {
  const next = passphrase ?? (await context.passphrases.choose('name a file: --new-passphrase-file FILE'));
  const kept = await replaceOwn(context, unlocked, unlocked.text, { keeping: 'passphrase', passphrase: next });
  if (unlocked.keeping === 'keychain') await forgetInKeychain(context);
  return kept;
}

async function replaceOwn(
  context: KeyContext,
  unlocked: Unlocked,
  text: string,
  { keeping, passphrase }: Protection,
  note: () => void = () => {},
): Promise<Unlocked> {
  return holdKeys(context.home, context.now(), async () => {
    await assertSame(context, unlocked);
    const kept = await keepIdentity(context, text, { keeping, passphrase });
    note();
    return kept;
  });
}

async function keepFirst(context: KeyContext, text: string, protection: Protection): Promise<Unlocked> {
  return holdKeys(context.home, context.now(), async () => {
    assertNone(context);
    const kept = await keepIdentity(context, text, protection);
    const { createdIn, parseIdentities, recipientOf } = await import('../../../crypto/age/identities.ts');
    const [current, ...older] = await Promise.all(parseIdentities(text).map(recipientOf));
    const retired = older.map((recipient) => ({ recipient, at: context.now() }));
    writeOwnNote(context.files, { recipient: current!, createdAt: createdIn(text), retired });
    return kept;
  });
}

function assertNone(context: KeyContext): void {
  const { environment, files } = context;
  const isNamed = Boolean(environment['ROO_IDENTITY']);
  const keeping = files.keeping();
  if (!isNamed && keeping === null) return;
  throw new SessionError('KEY_EXISTS', 'there is an identity already; it was not overwritten', {
    op: 'write identity',
    path: isNamed ? environment['ROO_IDENTITY'] : files.identityPath(keeping!),
    hint: isNamed
      ? 'ROO_IDENTITY names it; unset that, and: roo session keys import FILE'
      : 'make a new one and keep the old: roo session keys rotate',
  });
}

async function assertKind(context: KeyContext, recipient: string): Promise<void> {
  const { assertOneKind } = await import('../../../crypto/age/recipients.ts');
  assertOneKind([recipient, ...readOthers(context.files).map((other) => other.recipient)]);
}
