// The identities that this process has unlocked: asked for once, kept in memory until it ends.

import { SessionError, warningOf } from '../../../core/errors.ts';
import { noIdentity, placed } from './key-context.ts';
import type { KeyContext } from './key-context.ts';
import { identityTextOf, namedIdentity, notedRecipient } from './named-identity.ts';
import type { IdentityFile } from './named-identity.ts';
import { unlockIdentity } from './own-identity.ts';
import type { Unlocked } from './own-identity.ts';
import type { Passphrases } from './passphrases.ts';
import { readOwnNote, writeOwnNote } from './recipient-notes.ts';

export class OpenIdentities {
  readonly #context: KeyContext;
  #own: Unlocked | null = null;
  /** Of the file that ROO_IDENTITY names; known for certain once it is unlocked. */
  namedRecipient: string | null = null;

  constructor(context: KeyContext) {
    this.#context = context;
  }

  /** The identity of this home. Throws KEY_MISSING when there is none. */
  async own(passphrases: Passphrases = this.#context.passphrases): Promise<Unlocked> {
    if (this.#own) return this.#own;
    const unlocked = await unlockIdentity(this.#context, passphrases);
    if (!unlocked) throw noIdentity();
    try {
      await this.#noteRecipient(unlocked);
      this.#dropBareCopy(unlocked);
    } catch (error) {
      throw placed(error, this.#context.files.identityPath(unlocked.keeping));
    }
    return (this.#own = unlocked);
  }

  /** After a change that this process made. */
  replaced(unlocked: Unlocked): void {
    this.#own = unlocked;
  }

  /** Every secret identity: those of ROO_IDENTITY, then the current one, then those that were retired. */
  async all(passphrases: Passphrases): Promise<string[]> {
    const named = namedIdentity(this.#context.environment);
    if (!named) return identitiesIn((await this.own(passphrases)).text);
    const identities = await this.#inNamed(named, passphrases);
    return [...new Set([...identities, ...(await this.#beside(passphrases))])];
  }

  async #inNamed(named: IdentityFile, passphrases: Passphrases): Promise<string[]> {
    const { text } = await identityTextOf(named, passphrases);
    const { recipientOf } = await import('../../../crypto/age/identities.ts');
    try {
      const identities = await identitiesIn(text);
      const recipients = await Promise.all(identities.map(recipientOf));
      const noted = notedRecipient(named);
      if (noted !== null && !recipients.includes(noted)) throw strangeNote(named.path);
      this.namedRecipient = noted ?? recipients[0]!;
      return identities;
    } catch (error) {
      throw placed(error, named.path);
    }
  }

  /** Who names an identity is not asked for the passphrase of another one, nor kept from working by it. */
  async #beside(passphrases: Passphrases): Promise<string[]> {
    try {
      return await identitiesIn((await this.own(passphrases.quiet)).text);
    } catch (error) {
      if (error instanceof SessionError && error.code.startsWith('KEY_')) return [];
      throw error;
    }
  }

  /** A crash between the identity and the note of its recipient is made good: nothing is sealed for the old one again. */
  async #noteRecipient({ text }: Unlocked): Promise<void> {
    const { files, now, warn } = this.#context;
    const { createdIn, recipientOf } = await import('../../../crypto/age/identities.ts');
    const [current] = await identitiesIn(text);
    const recipient = await recipientOf(current!);
    const note = readOwnNote(files);
    if (note?.recipient === recipient) return;
    const retired = note ? [{ recipient: note.recipient, at: now() }, ...note.retired] : [];
    try {
      writeOwnNote(files, { recipient, createdAt: createdIn(text), retired });
    } catch (error) {
      // A disk that is full or read-only keeps nobody from opening what there is.
      if (!(error instanceof SessionError)) throw error;
      warn(warningOf(error));
    }
  }

  /** What a kill left in the open while the identity was put under protection. Another identity is not ours to remove. */
  #dropBareCopy({ keeping, text }: Unlocked): void {
    const { files, warn } = this.#context;
    const bare = files.bareCopy(keeping);
    if (bare === null) return;
    if (bare.toString('utf8') === text) {
      files.removeBareCopy();
      return;
    }
    const path = files.identityPath('key-file');
    const message = `${path} is a bare identity beside the one that is used; nothing protects it`;
    warn({ code: 'KEY_UNPROTECTED', message, path, hint: `move it away: mv '${path}' ~` });
  }
}

async function identitiesIn(text: string): Promise<string[]> {
  const { parseIdentities } = await import('../../../crypto/age/identities.ts');
  return parseIdentities(text);
}

/** What is sealed for a recipient that belongs to no identity in the file would be lost. */
function strangeNote(path: string): SessionError {
  return new SessionError('KEY_DAMAGED', `the public key noted in ${path} belongs to none of its identities`, {
    op: 'read identity',
    path,
    hint: 'put the line "# public key:" right: age-keygen -y shows what belongs there',
  });
}
