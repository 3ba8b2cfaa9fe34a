// Archives are told what they are, and not opened: a name in one may lead anywhere, be a link or a device, and whoever
// unpacks it should see where it goes. Known by their magic numbers, a tar by the one in its first header.

import { SessionError } from '../../../core/errors.ts';
import { isGzip, unpackedHead } from '../../../store/format1-file.ts';

const MAGIC: readonly [kind: string, bytes: Buffer, offset: number][] = [
  ['zip', Buffer.from('PK\x03\x04'), 0],
  ['zip', Buffer.from('PK\x05\x06'), 0],
  ['tar', Buffer.from('ustar'), 257],
  ['7z', Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), 0],
  ['rar', Buffer.from('Rar!\x1a\x07'), 0],
  ['xz', Buffer.from('\xfd7zXZ\0', 'latin1'), 0],
  ['bzip2', Buffer.from('BZh'), 0],
  ['zstd', Buffer.from('28b52ffd', 'hex'), 0],
];

/** Throws FORMAT_UNKNOWN, with what to do, for a head that begins an archive or a packing that is not read here. */
export function assertNoArchive(path: string, head: Buffer): void {
  const kind = kindOf(head) ?? (isGzip(head) ? kindOf(unpackedHead(head)) : undefined);
  if (kind === undefined) return;
  throw new SessionError('FORMAT_UNKNOWN', `${path} is a ${kind} archive`, {
    op: 'import',
    path,
    hint: 'unpack it into an empty folder, look at what came out, and import the session file in it',
  });
}

function kindOf(head: Buffer): string | undefined {
  return MAGIC.find(([, bytes, offset]) => head.indexOf(bytes, offset) === offset)?.[0];
}
