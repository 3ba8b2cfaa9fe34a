// Which servers may start. A project's file comes with a clone and a session's record may come from somebody else;
// naming a server in them is naming a program to run. The user agrees once to each, and again when its command line or
// address has changed. His own config file is agreement enough.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SessionError, systemError } from '../../core/errors.ts';
import type { HubServer } from './connection-info.ts';

/** SHA-256 of file, name and way to the server, so that no secret of the file stands in a second one. */
function fingerprintOf({ source, name, transport }: HubServer): string {
  return createHash('sha256')
    .update(JSON.stringify([source, name, transport]))
    .digest('hex');
}

/** Those the user has not agreed to. `path` is a file of this module, in ROO_HOME; where it is not, nothing is agreed. */
export function unapprovedServers(path: string, servers: readonly HubServer[]): HubServer[] {
  const foreign = servers.filter(({ trust }) => trust !== 'user');
  if (foreign.length === 0) return [];
  const approved = new Set(readFingerprints(path));
  return foreign.filter((server) => !approved.has(fingerprintOf(server)));
}

/** The user has agreed to these. */
export function approveServers(path: string, servers: readonly HubServer[]): void {
  const approved = new Set([...readFingerprints(path), ...servers.map(fingerprintOf)]);
  const beside = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(beside, `${JSON.stringify([...approved], null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'write', path);
  }
}

function readFingerprints(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'read', path);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new SessionError('CONFIG_INVALID', `${path} is not the list of agreements it should be`, {
    op: 'read config',
    path,
    hint: 'move it away: every server of a project is then asked about again',
  });
}
