// Keys of encrypted sessions while a command runs. A key is unlocked once, before its session is read or written; all
// that reads and writes asks here, and waits for nothing.

import { SessionError } from '../../core/errors.ts';
import { SessionCipher } from '../../crypto/session-cipher.ts';
import { opensLog } from '../../store/opens-log.ts';
import { isSealedWith, resealFile, sealedOriginals } from '../../store/sealed-files.ts';
import {
  hasKey,
  hasNoKeys,
  keyFileStamp,
  promoteNextKey,
  readKeyFile,
  readNextKeyFile,
  writeKeyFile,
} from '../../store/session-key-files.ts';
import type { SessionKeySource, StoreLayout } from '../../store/store-layout.ts';
import { sealedId } from '../../store/store-layout.ts';
import { placed } from './keys/key-context.ts';
import type { Audit } from './session-audit.ts';

/** Whose keys can be opened here, and for whom new ones are made. */
export interface IdentitySource {
  /** Secret identities, the current one first. May ask for a passphrase. Throws KEY_MISSING, KEY_WRONG_PASSPHRASE. */
  identities(): Promise<readonly string[]>;
  /** The same without asking anybody: none where that cannot be. */
  available(): Promise<readonly string[]>;
  /** Who can read a new session. */
  recipients(): string[];
}

/** `ask` may ask for a passphrase; `quietly` does without what would have to be asked for. */
export type Unlocking = 'ask' | 'quietly';

export class KeyRing implements SessionKeySource {
  readonly #layout: StoreLayout;
  readonly #source: () => Promise<IdentitySource>;
  readonly #audit: Audit;
  readonly #ciphers = new Map<string, SessionCipher>();
  readonly #recipients = new Map<string, readonly string[] | null>();
  /** What the key files were that these keys are from: another process may give a session a new key. */
  readonly #stamps = new Map<string, string>();
  /** Sessions whose key is for nobody here: they are not tried again. */
  readonly #foreign = new Set<string>();
  /** Sessions that are being encrypted: until they are, they are written as what they are. */
  readonly #open = new Set<string>();

  /** `layout` without keys. `source` is asked when the first key is needed. */
  constructor(layout: StoreLayout, source: () => Promise<IdentitySource>, audit: Audit) {
    this.#layout = layout;
    this.#source = source;
    this.#audit = audit;
  }

  cipherOf(id: string): SessionCipher | null {
    return this.#ciphers.get(sealedId(id)) ?? null;
  }

  isSealed(id: string): boolean {
    return !this.#open.has(sealedId(id)) && hasKey(this.#layout, id);
  }

  /** Changes whenever somebody may have been let in. */
  stampOf(id: string): string {
    return keyFileStamp(this.#layout, id);
  }

  /** True when nothing here is encrypted. */
  get isEmpty(): boolean {
    return hasNoKeys(this.#layout);
  }

  /**
   * Unlocks a session's key, if it has one and an identity for it is at hand; answers whether it can be read now. A
   * session that stays locked is said to be so by whoever reads it. Throws KEY_WRONG_PASSPHRASE and KEY_DAMAGED.
   */
  async unlock(ref: string, how: Unlocking): Promise<boolean> {
    const id = sealedId(ref);
    const stamp = this.stampOf(id);
    if (stamp === '' || this.#stamps.get(id) === stamp) return !this.#foreign.has(id);
    const identities = await this.#identities(how);
    if (identities.length === 0) return false;
    const file = readKeyFile(this.#layout, id);
    if (!file) return true;
    try {
      const isOpen = (await this.#openNext(id, identities)) || (await this.#openFile(id, file, identities));
      if (isOpen) return true;
    } catch (error) {
      this.#audit.note('decrypt-failed', id);
      throw placed(error, this.#layout.keyPath(id));
    }
    this.forget(id);
    this.#foreign.add(id);
    this.#stamps.set(id, stamp);
    this.#audit.note('decrypt-failed', id);
    return false;
  }

  async #openFile(id: string, file: Buffer, identities: readonly string[]): Promise<boolean> {
    const { openKey } = await import('../../crypto/age/session-key.ts');
    const opened = await openKey(file, identities);
    if (opened) this.take(new SessionCipher(opened.key, id), opened.recipients);
    return opened !== null;
  }

  /** A new key whose log is in its place already, where giving it one was cut short between the two. */
  async #openNext(id: string, identities: readonly string[]): Promise<boolean> {
    const next = readNextKeyFile(this.#layout, id);
    if (!next || !(await this.#openFile(id, next, identities))) return false;
    const fresh = this.#ciphers.get(id)!;
    const recipients = this.#recipients.get(id) ?? null;
    this.forget(id);
    if (!opensLog(this.#layout, id, fresh)) return false;
    const before = readKeyFile(this.#layout, id);
    if (before && (await this.#openFile(id, before, identities))) {
      await this.finishRekey(this.#ciphers.get(id)!, fresh, recipients);
    } else this.take(fresh, recipients);
    return true;
  }

  /** The log is in its place under the new key: what was kept beside it follows, and then the key. */
  async finishRekey(old: SessionCipher, fresh: SessionCipher, recipients: readonly string[] | null): Promise<void> {
    for (const path of sealedOriginals(this.#layout, fresh.sessionId)) {
      if (!isSealedWith(path, fresh)) await resealFile(path, old, fresh);
    }
    promoteNextKey(this.#layout, fresh.sessionId);
    this.take(fresh, recipients);
  }

  /** The same for a session that must be readable. Throws SESSION_ENCRYPTED, with what keeps it locked. */
  async require(id: string): Promise<void> {
    if (await this.unlock(id, 'ask')) return;
    const why = this.#foreign.has(sealedId(id))
      ? 'its key was not made for any identity here: have it shared with you (roo session keys export)'
      : 'unlock your identity: ROO_IDENTITY, ROO_PASSPHRASE_FILE, or ask on a terminal; roo session keys shows it';
    throw new SessionError('SESSION_ENCRYPTED', `session ${id} is encrypted, and no key for it is at hand`, {
      op: 'unlock',
      path: this.#layout.keyPath(id),
      hint: why,
    });
  }

  /** Who can read a session that was unlocked; null where another tool made its key and kept no list. */
  recipientsOf(id: string): readonly string[] | null {
    return this.#recipients.get(sealedId(id)) ?? null;
  }

  /** A key for a session that has none, not yet durable: `save` makes it so. */
  make(id: string): SessionCipher {
    const cipher = SessionCipher.fresh(sealedId(id));
    this.take(cipher, null);
    return cipher;
  }

  /** Makes a session's key durable, for those who may read the session. Whoever is not among them is let out. */
  async save(cipher: SessionCipher, recipients: readonly string[]): Promise<void> {
    writeKeyFile(this.#layout, cipher.sessionId, await this.sealed(cipher, recipients));
    this.take(cipher, recipients);
  }

  /** The key file that `save` writes. Throws USAGE for recipients that are none. */
  async sealed(cipher: SessionCipher, recipients: readonly string[]): Promise<Uint8Array> {
    const { sealKey } = await import('../../crypto/age/session-key.ts');
    return sealKey(cipher.dataKey, recipients);
  }

  /** Has a key at hand that is durable elsewhere. */
  take(cipher: SessionCipher, recipients: readonly string[] | null): void {
    this.#ciphers.set(cipher.sessionId, cipher);
    this.#recipients.set(cipher.sessionId, recipients);
    this.#stamps.set(cipher.sessionId, this.stampOf(cipher.sessionId));
    this.#foreign.delete(cipher.sessionId);
  }

  /** While a session is made an encrypted one, its key does not say yet that it is. */
  async whileOpen<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.#open.add(sealedId(id));
    try {
      return await work();
    } finally {
      this.#open.delete(sealedId(id));
    }
  }

  /** Own identity and those that every new session is for. Throws KEY_MISSING where there is none. */
  async newRecipients(): Promise<string[]> {
    const source = await this.#source();
    try {
      const recipients = source.recipients();
      if (recipients.length > 0) return recipients;
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'KEY_MISSING') throw error;
      // An identity under a passphrase may tell its recipient only when it is unlocked.
      await source.identities();
      return source.recipients();
    }
    throw new SessionError('KEY_MISSING', 'there is no identity that could read an encrypted session', {
      op: 'encrypt',
      hint: 'make one: roo session keys create',
    });
  }

  /** Secret identities, the current one first; none where they would have to be asked for, or there are none. */
  identities(how: Unlocking): Promise<readonly string[]> {
    return this.#identities(how);
  }

  forget(id: string): void {
    this.#ciphers.delete(sealedId(id));
    this.#recipients.delete(sealedId(id));
    this.#stamps.delete(sealedId(id));
    this.#foreign.delete(sealedId(id));
  }

  async #identities(how: Unlocking): Promise<readonly string[]> {
    const source = await this.#source();
    if (how === 'quietly') return source.available();
    try {
      return await source.identities();
    } catch (error) {
      // That the session stays locked is said by whoever reads it.
      if (error instanceof SessionError && error.code === 'KEY_MISSING') return [];
      throw error;
    }
  }
}
