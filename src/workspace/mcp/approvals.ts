// Which servers of a project's files may start. Such a file comes with a clone, and naming a server in it is naming a
// program to run: the user agrees once to each, and again when its command line or address has changed.

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

/** The servers that the user has not agreed to. `path` is a file of this module, in ROO_HOME; none agrees to nothing. */
export function unapprovedServers<Server extends HubServer>(path: string, servers: readonly Server[]): Server[] {
  if (servers.length === 0) return [];
  const approved = new Set(readFingerprints(path));
  return servers.filter((server) => !approved.has(fingerprintOf(server)));
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
