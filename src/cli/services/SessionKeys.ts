// The keys of whoever sits here: the identity that opens, the recipients that new sessions are for. What must be quick
// (which recipient is mine?) reads two small files; what needs a secret waits until it is asked for one.

import { isoTime } from '../../core/clock.ts';
import type { Clock } from '../../core/clock.ts';
import { SessionError, warningOf } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import type { IdentityKind, NewIdentity } from '../../crypto/age/identities.ts';
import { KeyFiles } from '../../store/key-files.ts';
import type { Keeping } from '../../store/key-files.ts';
import type { CreateOptions } from './keys/identity-changes.ts';
import type { ProtectionWish } from './keys/identity-protection.ts';
import { noIdentity } from './keys/key-context.ts';
import type { KeyContext } from './keys/key-context.ts';
import { systemKeychain } from './keys/keychain.ts';
import type { OpenKeychain } from './keys/keychain.ts';
import { identityTextOf, namedIdentity, notedRecipient } from './keys/named-identity.ts';
import { OpenIdentities } from './keys/open-identities.ts';
import type { Unlocked } from './keys/own-identity.ts';
import { Passphrases, readPassphraseFile } from './keys/passphrases.ts';
import type { AskPassphrase } from './keys/passphrases.ts';
import { readOthers, readOwnNote } from './keys/recipient-notes.ts';
import type { OtherRecipient, OwnRecipientNote } from './keys/recipient-notes.ts';

export type { OtherRecipient } from './keys/recipient-notes.ts';

export interface SessionKeysOptions {
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
  clock: Pick<Clock, 'now'>;
  /** Null where there is nobody to ask. */
  askPassphrase: AskPassphrase;
  /** By default the keychain of the operating system. */
  openKeychain?: OpenKeychain;
}

export interface OwnRecipient {
  recipient: string;
  keptIn: Keeping | 'environment';
}

export interface KeyList {
  own: OwnRecipient | null;
  createdAt: string | null;
  retired: OwnRecipientNote['retired'];
  others: OtherRecipient[];
}

export class SessionKeys {
  /** What was noticed; whoever shows warnings takes them out. */
  readonly warnings: Warning[] = [];
  readonly #context: KeyContext;
  readonly #open: OpenIdentities;
  #asked: Promise<readonly string[]> | null = null;

  constructor({ home, environment, clock, askPassphrase, openKeychain = systemKeychain }: SessionKeysOptions) {
    this.#context = {
      files: new KeyFiles(home),
      openKeychain,
      home,
      environment,
      passphrases: new Passphrases(environment, askPassphrase),
      now: () => isoTime(clock.now()),
      warn: (warning) => {
        if (!this.warnings.some(({ message }) => message === warning.message)) this.warnings.push(warning);
      },
    };
    this.#open = new OpenIdentities(this.#context);
  }

  /**
   * The own recipient, without unlocking anything. Null when there is no identity, and for one named by ROO_IDENTITY
   * that does not tell its recipient before it is unlocked. Throws KEY_DAMAGED, STORE_UNSAFE.
   */
  own(): OwnRecipient | null {
    const { environment, files } = this.#context;
    const named = namedIdentity(environment);
    if (named) {
      const recipient = this.#open.namedRecipient ?? notedRecipient(named);
      return recipient === null ? null : { recipient, keptIn: 'environment' };
    }
    this.#look();
    const keptIn = files.keeping();
    if (keptIn === null) return null;
    const note = readOwnNote(files);
    if (note) return { recipient: note.recipient, keptIn };
    const path = files.recipientPath;
    throw new SessionError('KEY_MISSING', `${path} is not there, so your recipient is not known`, {
      op: 'read recipient',
      path,
      hint: 'roo session keys export writes it again, out of the identity',
    });
  }

  /** Whom a new session is for. Throws KEY_MISSING when there is no own identity: nobody could read it here again. */
  recipients(): string[] {
    const own = this.own();
    if (!own) throw noIdentity();
    return [...new Set([own.recipient, ...readOthers(this.#context.files).map(({ recipient }) => recipient)])];
  }

  list(): KeyList {
    const own = this.own();
    const others = readOthers(this.#context.files);
    const note = own && own.keptIn !== 'environment' ? readOwnNote(this.#context.files) : null;
    return { own, createdAt: note?.createdAt ?? null, retired: note?.retired ?? [], others };
  }

  /**
   * The secret identities, the current one before those that were retired; asked for once. ROO_IDENTITY goes before
   * them, and with it nobody is asked for another passphrase. Throws KEY_MISSING, KEY_WRONG_PASSPHRASE, KEY_DAMAGED.
   */
  async identities(): Promise<readonly string[]> {
    this.#look();
    this.#asked ??= this.#open.all(this.#context.passphrases);
    try {
      return await this.#asked;
    } catch (error) {
      this.#asked = null;
      throw error;
    }
  }

  /** As `identities`, and disturbs nobody: empty when somebody would have to be asked. Other failures are warnings. */
  async available(): Promise<readonly string[]> {
    try {
      this.#look();
      if (this.#asked) return await this.#asked;
      const identities = await this.#open.all(this.#context.passphrases.quiet);
      this.#asked = Promise.resolve(identities);
      return identities;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (error.code !== 'KEY_MISSING') this.#context.warn(warningOf(error));
      return [];
    }
  }

  /** Makes the first identity. Throws KEY_EXISTS, and KEY_MISSING where nothing protects it and nobody can be asked. */
  async create(options: CreateOptions = {}): Promise<OwnRecipient> {
    const { createIdentity } = await import('./keys/identity-changes.ts');
    return this.#replaced(await createIdentity(this.#context, options));
  }

  /** A new identity in the protection of the own one, which is kept: what was sealed for it still opens. */
  async rotate(options: { kind?: IdentityKind } = {}): Promise<{ previous: NewIdentity; current: NewIdentity }> {
    this.#assertOwn('rotated');
    const { rotateIdentity } = await import('./keys/identity-changes.ts');
    const { unlocked, ...both } = await rotateIdentity(this.#context, await this.#open.own(), options.kind);
    this.#replaced(unlocked);
    return both;
  }

  /** Puts the identity under a new passphrase, also one that was kept in another way. Asks for it when not given. */
  async changePassphrase(passphrase?: string): Promise<OwnRecipient> {
    this.#assertOwn('changed');
    const { changePassphrase } = await import('./keys/identity-changes.ts');
    return this.#replaced(await changePassphrase(this.#context, await this.#open.own(), passphrase));
  }

  /** What a file holds as a passphrase. Throws STORE_UNSAFE when others may read it. */
  passphraseIn(path: string): string {
    return readPassphraseFile(path);
  }

  /** The own recipient also where only the identity itself can tell it. Throws KEY_MISSING as `identities` does. */
  async knownRecipient(): Promise<string> {
    const { environment, files } = this.#context;
    const isNoted = environment['ROO_IDENTITY'] ? this.own() !== null : readOwnNote(files) !== null;
    if (!isNoted) await this.identities();
    const own = this.own();
    if (own) return own.recipient;
    throw noIdentity();
  }

  /** The text of an identity file with every identity that opens something here. Secret. */
  async exportIdentity(): Promise<string> {
    const named = namedIdentity(this.#context.environment);
    if (!named) return (await this.#open.own()).text;
    return (await identityTextOf(named, this.#context.passphrases)).text;
  }

  /** Makes the identities in a file, bare or under a passphrase, those of this home. Throws KEY_EXISTS, KEY_DAMAGED. */
  async importIdentity(path: string, wish: ProtectionWish = {}): Promise<OwnRecipient> {
    const { importIdentity } = await import('./keys/identity-changes.ts');
    return this.#replaced(await importIdentity(this.#context, path, wish));
  }

  /** New sessions are for them too. Throws USAGE for what is no recipient, or of another kind than the rest. */
  async addRecipient(recipient: string, name: string | null = null): Promise<OtherRecipient> {
    const { addOther } = await import('./keys/recipient-changes.ts');
    return addOther(this.#context, recipient, name);
  }

  /** Sessions that were for them stay so. Throws USAGE when there is no such recipient. */
  async removeRecipient(recipientOrName: string): Promise<OtherRecipient> {
    const { removeOther } = await import('./keys/recipient-changes.ts');
    return removeOther(this.#context, recipientOrName);
  }

  #replaced(unlocked: Unlocked): OwnRecipient {
    this.#open.replaced(unlocked);
    this.#asked = null;
    return this.own()!;
  }

  #look(): void {
    const warning = this.#context.files.look();
    if (warning) this.#context.warn(warning);
  }

  #assertOwn(done: string): void {
    if (!this.#context.environment['ROO_IDENTITY']) return;
    throw new SessionError('USAGE', `the identity that ROO_IDENTITY names is yours to keep; it is not ${done}`, {
      op: 'write identity',
      hint: 'unset ROO_IDENTITY to change the identity of this home',
    });
  }
}
