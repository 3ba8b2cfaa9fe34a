// A checksum over the words of a session in order: says whether a log still holds the words that were indexed.

import { crc32 } from 'node:zlib';
import type { IndexedText } from './index-source.ts';

/** Of one more text; begin with 0. */
export function textChecksum({ text }: IndexedText, before: number): number {
  return crc32('\0', crc32(text, before));
}
