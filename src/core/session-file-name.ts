// File names of sessions, and which names are sessions. Pure, so that names made on Windows or macOS, or by a file
// syncer, are judged the same way everywhere.

import { SessionError } from './errors.ts';

/** Letters that are safe in a file name on every system; also keeps `..`, separators and NUL out. */
const ID = /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/;
const CONFLICT_ID = /^([0-9A-Za-z][0-9A-Za-z_-]{0,63})~[0-9a-f]{8}$/;
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/i;
const LOG = /^session-([0-9A-Za-z][0-9A-Za-z_-]{0,63})(?:\.part([2-9]|[1-9][0-9]{1,5}))?\.json\.gz$/;
/** What syncers and file managers put into a name when both sides changed the file, or a person copies it. */
const COPIED = String.raw`(?: \(.+\)| copy(?: [0-9]+)?| - Copy(?: \([0-9]+\))?|\.sync-conflict-[0-9A-Za-z-]+)`;
/** They put it before the last ending (`.gz`), or before what they take for it; one adds the computer's name there. */
const CONFLICT = new RegExp(
  `^session-([0-9A-Za-z][0-9A-Za-z_-]{0,63}?)${COPIED}?\\.json(?:${COPIED}|-[0-9A-Za-z-]+)?\\.gz$`,
);

export type SessionFileName =
  | { kind: 'log'; id: string; part: number }
  /** A second version of the log of `of`; listed as a session of its own with this id. */
  | { kind: 'conflict'; id: string; of: string };

/** Name of a part's file; part 1 has the story's name. */
export function sessionFileName(id: string, part = 1): string {
  return part === 1 ? `session-${id}.json.gz` : `session-${id}.part${part}.json.gz`;
}

/** What a name in the sessions folder stands for; null for everything that is no session log. */
export function parseSessionFileName(name: string): SessionFileName | null {
  const log = LOG.exec(name);
  if (log) return DEVICE.test(log[1]!) ? null : { kind: 'log', id: log[1]!, part: Number(log[2] ?? 1) };
  const conflict = CONFLICT.exec(name);
  if (!conflict) return null;
  return { kind: 'conflict', id: `${conflict[1]}~${nameHash(name)}`, of: conflict[1]! };
}

/** True for an id that may be used in a file name: no path, no Windows device, at most 64 characters. */
export function isSessionId(text: string): boolean {
  return ID.test(text) ? !DEVICE.test(text) : CONFLICT_ID.test(text);
}

/** Throws SESSION_ID_INVALID unless `isSessionId`. */
export function assertSessionId(text: string, op: string): void {
  if (isSessionId(text)) return;
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  throw new SessionError('SESSION_ID_INVALID', `${JSON.stringify(shown)} is not a session id`, {
    op,
    hint: 'ids have at most 64 letters, digits, - and _; see roo session list',
  });
}

/** FNV-1a over UTF-16 units, 8 hex digits: tells conflict copies of one session apart; not for security. */
function nameHash(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
