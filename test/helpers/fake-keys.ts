// Keys without secrets, for tests of the command line itself. What the real ones do is tested with real files.

import type { KeyList, OtherRecipient, SessionKeys } from '../../src/cli/services/SessionKeys.ts';
import { did } from './fake-sessions.ts';
import type { FakeState } from './fake-sessions.ts';

const AT = '2026-01-02T10:00:00.000Z';
const OWN = { recipient: 'age1own', keptIn: 'passphrase' } as const;
const OTHER: OtherRecipient = { recipient: 'age1bob', name: 'bob', addedAt: AT };

export function fakeKeys(state: FakeState): SessionKeys {
  const keys: Partial<SessionKeys> = {
    own: () => OWN,
    list: (): KeyList => ({
      own: OWN,
      createdAt: AT,
      retired: [{ recipient: 'age1old', at: AT }],
      others: [OTHER],
    }),
    knownRecipient: async () => OWN.recipient,
    exportIdentity: async () => 'AGE-SECRET-KEY-1FAKE\n',
    async create(options) {
      did(state, 'keys.create', options);
      return OWN;
    },
    async importIdentity(path, wish) {
      did(state, 'keys.importIdentity', path, wish);
      return OWN;
    },
    async rotate(options) {
      did(state, 'keys.rotate', options);
      return { previous: { identity: '', recipient: 'age1old' }, current: { identity: '', recipient: OWN.recipient } };
    },
    passphraseIn: (path) => `content of ${path}`,
    async changePassphrase(passphrase) {
      did(state, 'keys.changePassphrase', passphrase);
      return OWN;
    },
    async addRecipient(recipient, name = null) {
      did(state, 'keys.addRecipient', recipient, name);
      return { ...OTHER, recipient, name };
    },
    async removeRecipient(named) {
      did(state, 'keys.removeRecipient', named);
      return OTHER;
    },
  };
  return keys as SessionKeys;
}
