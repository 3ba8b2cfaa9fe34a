// Who else new sessions are for. A mistake here lets a stranger in or locks a friend out, so what is added is tried out
// first, and what is removed has to be there.

import { SessionError } from '../../../core/errors.ts';
import { isUnsafe } from '../../../core/safe-text.ts';
import { holdKeys } from '../../../store/key-lock.ts';
import type { KeyContext } from './key-context.ts';
import { readOthers, readOwnNote, writeOthers } from './recipient-notes.ts';
import type { OtherRecipient } from './recipient-notes.ts';

const NAME_CHARACTERS_MAX = 64;

/** Adding one again gives it the name. */
export async function addOther(context: KeyContext, recipient: string, name: string | null): Promise<OtherRecipient> {
  const { assertOneKind, assertRecipient } = await import('../../../crypto/age/recipients.ts');
  await assertRecipient(recipient);
  assertName(name);
  return holdKeys(context.home, context.now(), async () => {
    const known = readOthers(context.files);
    const rest = known.filter((other) => other.recipient !== recipient);
    const own = readOwnNote(context.files)?.recipient;
    if (recipient === own) throw refused('this is your own recipient: every new session is for it anyway');
    if (name !== null && rest.some((other) => other.name === name)) {
      throw refused(`there is another recipient of the name ${name}`, `roo session keys remove ${name}`);
    }
    assertOneKind([...(own === undefined ? [] : [own]), ...rest.map((other) => other.recipient), recipient]);
    const before = known.find((other) => other.recipient === recipient);
    const added = { recipient, name: name ?? before?.name ?? null, addedAt: before?.addedAt ?? context.now() };
    writeOthers(context.files, [...rest, added]);
    return added;
  });
}

export async function removeOther(context: KeyContext, recipientOrName: string): Promise<OtherRecipient> {
  return holdKeys(context.home, context.now(), async () => {
    const known = readOthers(context.files);
    const found = known.find(({ recipient, name }) => recipient === recipientOrName || name === recipientOrName);
    if (!found) {
      throw refused('there is no recipient of this name among those of new sessions', 'roo session keys lists them');
    }
    writeOthers(
      context.files,
      known.filter((other) => other !== found),
    );
    return found;
  });
}

/** A name that looks like a recipient would make it unclear who is meant. */
function assertName(name: string | null): void {
  if (name === null) return;
  const isGood = name.trim() !== '' && name.length <= NAME_CHARACTERS_MAX && !isUnsafe(name) && !/[\n\t]/.test(name);
  if (!isGood) throw refused(`a name has 1 to ${NAME_CHARACTERS_MAX} characters, on one line`);
  if (/^age(?:1|-secret)/i.test(name)) throw refused('a name must not look like a key of age');
}

function refused(message: string, hint?: string): SessionError {
  return new SessionError('USAGE', message, { op: 'recipient', hint });
}
