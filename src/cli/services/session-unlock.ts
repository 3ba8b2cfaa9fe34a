// Which encrypted sessions can be read from here on: their keys and names are unlocked before anything looks at them.

import type { Warning } from '../../core/errors.ts';
import { SessionError, warningOf } from '../../core/errors.ts';
import { keyedIds } from '../../store/session-key-files.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import type { KeyRing, Unlocking } from './KeyRing.ts';
import type { SessionCatalogue } from './session-catalogue.ts';

export class SessionUnlock {
  readonly #layout: StoreLayout;
  readonly #keys: KeyRing;
  readonly #catalogue: SessionCatalogue;
  readonly #warn: (warning: Warning) => void;

  constructor(layout: StoreLayout, keys: KeyRing, catalogue: SessionCatalogue, warn: (warning: Warning) => void) {
    this.#layout = layout;
    this.#keys = keys;
    this.#catalogue = catalogue;
    this.#warn = warn;
  }

  /** See `ISessionStorage.unlockNames`. */
  async names(how: Unlocking): Promise<void> {
    if (this.#keys.isEmpty) return;
    const identities = await this.#keys.identities(how);
    if (identities.length === 0) return;
    const { NameSeal } = await import('../../crypto/name-seal.ts');
    this.#catalogue.openNames(new NameSeal(identities));
    // A session that stays locked is tried again when its key file has changed.
    const unread = this.#catalogue.unread().filter(({ id, note }) => note !== this.#keys.stampOf(id));
    for (const { id } of unread) await this.#tryOne(id);
    const ids = unread.map(({ id }) => id);
    if (ids.length > 0) this.#catalogue.refreshSealed(ids, (id) => this.#keys.stampOf(id));
  }

  /** All keys that an identity here opens, asking for it once. */
  async all(): Promise<void> {
    await this.names('ask');
    if (!this.#keys.isEmpty) for (const id of keyedIds(this.#layout)) await this.#tryOne(id);
  }

  /** One key file that is damaged keeps nobody from the other sessions. */
  async #tryOne(id: string): Promise<void> {
    try {
      await this.#keys.unlock(id, 'quietly');
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#warn(warningOf(error));
    }
  }
}
