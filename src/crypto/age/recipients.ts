// What may stand as a recipient: age1… and age1pq1…, and nothing that would be a mistake to write down. A secret key
// given in the place of a public one is refused without being repeated, since errors end up in logs.

import { SessionError } from '../../core/errors.ts';

const POST_QUANTUM = 'age1pq1';
/** The data part of age's own kind; what has a "1" behind a name of its own belongs to a plugin or a device. */
const NATIVE = /^age1(?:pq1)?[02-9ac-hj-np-z]+$/;

/** Throws USAGE for what nobody can be let in by. */
export async function assertRecipient(text: string): Promise<void> {
  const shown = shownRecipient(text);
  if (/^AGE-(?:SECRET-KEY|PLUGIN)-/i.test(text)) {
    throw refused(
      'this is a secret key, not a recipient; it was not used',
      'give the recipient that belongs to it: age1…',
    );
  }
  if (/^(?:ssh-|ecdsa-|sk-)/.test(text)) {
    throw refused('ssh keys are not supported as recipients', 'ask for an age recipient: roo session keys export');
  }
  if (/^age1[a-z0-9-]+1/.test(text) && !text.startsWith(POST_QUANTUM)) {
    throw refused(`${shown} belongs to a plugin or a device, which is not supported`, 'give one of age itself: age1…');
  }
  const wrong = `${shown} is not a recipient of age`;
  const hint = 'a recipient is one line, age1…, as roo session keys export and age-keygen -y show it';
  if (!NATIVE.test(text)) throw refused(wrong, hint);
  const { Encrypter } = await import('age-encryption');
  try {
    // A point that gives every sender the same secret has a fitting checksum; only using it shows.
    const encrypter = new Encrypter();
    encrypter.addRecipient(text);
    await encrypter.encrypt('');
  } catch {
    throw refused(`${wrong}: a character is wrong or missing, or nothing can be encrypted for it`, hint);
  }
}

/** Throws USAGE for nobody, and for a mix of kinds: the weakest of them would decide for all. */
export function assertOneKind(recipients: readonly string[]): void {
  if (recipients.length === 0) throw refused('there is no recipient: nobody could open it', 'name one: age1…');
  const safe = recipients.filter((recipient) => recipient.startsWith(POST_QUANTUM));
  if (safe.length === 0 || safe.length === recipients.length) return;
  const weak = recipients.find((recipient) => !recipient.startsWith(POST_QUANTUM));
  throw refused(
    `post-quantum recipients and others cannot be mixed: ${shownRecipient(weak!)} would undo what they protect from`,
    'make them of one kind: all age1pq1… or all age1…',
  );
}

/** A recipient in a message: those of the post-quantum kind have two thousand characters. */
export function shownRecipient(text: string): string {
  return text.length > 70 ? `${text.slice(0, 20)}…${text.slice(-8)}` : text;
}

function refused(message: string, hint: string): SessionError {
  return new SessionError('USAGE', message, { op: 'recipient', hint });
}
