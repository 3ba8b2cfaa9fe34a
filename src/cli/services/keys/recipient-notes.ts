// The public half of the keys folder: the own recipient, so that sessions can be encrypted while the identity is locked,
// and the others that new sessions are for. A file that cannot be understood fails what needs it: a recipient who was
// silently left out could never read what was written meanwhile.

import { SessionError } from '../../../core/errors.ts';
import type { KeyFiles } from '../../../store/key-files.ts';

/** Somebody whom new sessions are for beside oneself: a second machine, a team mate, a key in a safe. */
export interface OtherRecipient {
  recipient: string;
  name: string | null;
  addedAt: string;
}

export interface OwnRecipientNote {
  recipient: string;
  createdAt: string | null;
  /** Recipients of before, the latest first; their identities are kept. */
  retired: readonly { recipient: string; at: string }[];
}

const RECIPIENT = /^age1[0-9a-z]+$/;
const RETIRED = /^# retired: (\S+) (age1[0-9a-z]+)$/gm;

/** Null when there is none. Throws KEY_DAMAGED, STORE_UNSAFE. */
export function readOwnNote(files: KeyFiles): OwnRecipientNote | null {
  const text = files.text(files.recipientPath);
  if (text === null) return null;
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [recipient = ''] = lines;
  if (lines.length !== 1 || !RECIPIENT.test(recipient)) throw unreadable(files.recipientPath, 'it holds no recipient');
  const retired = Array.from(text.matchAll(RETIRED), ([, at, old]) => ({ recipient: old!, at: at! }));
  return { recipient, createdAt: /^# created: (\S+)$/m.exec(text)?.[1] ?? null, retired };
}

export function writeOwnNote(files: KeyFiles, note: OwnRecipientNote): void {
  const comments = [
    ...(note.createdAt === null ? [] : [`# created: ${note.createdAt}`]),
    ...note.retired.map(({ recipient, at }) => `# retired: ${at} ${recipient}`),
  ];
  files.write(files.recipientPath, Buffer.from([...comments, note.recipient, ''].join('\n')));
}

/** Empty when there are none. Throws KEY_DAMAGED, STORE_UNSAFE. */
export function readOthers(files: KeyFiles): OtherRecipient[] {
  const text = files.text(files.othersPath);
  if (text === null) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(files.othersPath, 'it is not JSON', error);
  }
  if (Array.isArray(value) && value.every(isOther)) return value;
  throw unreadable(files.othersPath, 'it is no list of recipients');
}

export function writeOthers(files: KeyFiles, others: readonly OtherRecipient[]): void {
  files.write(files.othersPath, Buffer.from(`${JSON.stringify(others, null, 2)}\n`));
}

function isOther(value: unknown): value is OtherRecipient {
  const { recipient, name, addedAt } = (value ?? {}) as Partial<Record<keyof OtherRecipient, unknown>>;
  const isNamed = name === null || typeof name === 'string';
  return typeof recipient === 'string' && RECIPIENT.test(recipient) && isNamed && typeof addedAt === 'string';
}

function unreadable(path: string, why: string, cause?: unknown): SessionError {
  return new SessionError('KEY_DAMAGED', `${path} cannot be read: ${why}`, {
    op: 'read recipients',
    path,
    cause,
    hint: 'put it right, or move it away and add the recipients again; nothing was changed',
  });
}
