// What anybody can read who has the files: every file below a folder, with all gzip members unpacked.

import { gunzipSync } from 'node:zlib';
import { filesIn } from './temp-home.ts';

/** By path. A log is shown unpacked as well as it is, with whatever stands between and behind its members. */
export function plainBytesIn(folder: string): Map<string, Buffer> {
  return new Map([...filesIn(folder)].map(([name, bytes]) => [name, Buffer.concat([bytes, ...membersIn(bytes)])]));
}

function membersIn(bytes: Buffer): Buffer[] {
  const members: Buffer[] = [];
  for (
    let at = bytes.indexOf('\x1f\x8b\x08', 0, 'latin1');
    at >= 0;
    at = bytes.indexOf('\x1f\x8b\x08', at + 1, 'latin1')
  ) {
    try {
      members.push(gunzipSync(bytes.subarray(at)));
    } catch {
      // Only looked like a member, or was cut: what it holds cannot be read by anybody.
    }
  }
  return members;
}
