// CRC-32 of any stretch of a file, at the cost of a few kilobytes: sums of blocks are kept and put together. A header
// may claim a mebibyte and be false, and there is room for one every 64 bytes: summing up each would read the file
// sixteen thousand times.
//
// Putting together: the sum of two stretches is that of the first, moved by the length of the second, and that of the
// second. To move by n bytes is to multiply by x^8n modulo the polynomial of CRC-32, bits reversed.

import { crc32 } from 'node:zlib';

const POLYNOMIAL = 0xedb88320;
const ONE = 0x8000_0000;
const BLOCK_BYTES = 4 * 1024;
const GROUP_BYTES = 1024 * 1024;

/** Fills the buffer from a place in the file; what is read is all there. */
export type ReadInto = (buffer: Buffer, offset: number) => Buffer;

export class RangeCrc {
  readonly #read: ReadInto;
  readonly #sizeBytes: number;
  /** By group: the sums from its beginning to each of its blocks. */
  readonly #groups = new Map<number, Uint32Array>();
  readonly #block = Buffer.alloc(BLOCK_BYTES);

  constructor(read: ReadInto, sizeBytes: number) {
    this.#read = read;
    this.#sizeBytes = sizeBytes;
  }

  /** The sum of the bytes from one place to another, both within the file. */
  of(from: number, to: number): number {
    let sum = 0;
    for (let at = from; at < to;) {
      const end = Math.min(to, at - (at % GROUP_BYTES) + GROUP_BYTES);
      const piece = (this.#upTo(end, at) ^ movedCrc(this.#upTo(at, at), end - at)) >>> 0;
      sum = (movedCrc(sum, end - at) ^ piece) >>> 0;
      at = end;
    }
    return sum;
  }

  /** The sum from the beginning of the group that holds `within` to a place in it or at its end. */
  #upTo(to: number, within: number): number {
    const group = Math.floor(within / GROUP_BYTES);
    const inside = to - group * GROUP_BYTES;
    const block = Math.floor(inside / BLOCK_BYTES);
    const known = this.#sums(group)[block]!;
    const rest = inside % BLOCK_BYTES;
    return rest === 0 ? known : crc32(this.#read(this.#block.subarray(0, rest), to - rest), known);
  }

  #sums(group: number): Uint32Array {
    const known = this.#groups.get(group);
    if (known) return known;
    const from = group * GROUP_BYTES;
    const bytes = this.#read(Buffer.allocUnsafe(Math.min(GROUP_BYTES, this.#sizeBytes - from)), from);
    const sums = new Uint32Array(Math.floor(bytes.length / BLOCK_BYTES) + 1);
    for (let i = 1; i < sums.length; i++) {
      sums[i] = crc32(bytes.subarray((i - 1) * BLOCK_BYTES, i * BLOCK_BYTES), sums[i - 1]);
    }
    this.#groups.set(group, sums);
    return sums;
  }
}

/** x^8, x^16, x^32 … : each the square of the one before. */
const POWERS: readonly number[] = powersOfByte();

/** What a sum becomes when so many zero bytes come behind, without their own part in it. */
export function movedCrc(sum: number, bytes: number): number {
  let moved = sum;
  for (let power = 0, left = bytes; left > 0; power++, left = Math.floor(left / 2)) {
    if (left % 2 === 1) moved = product(POWERS[power]!, moved);
  }
  return moved;
}

function powersOfByte(): number[] {
  const powers = [ONE >>> 8];
  for (let i = 1; i < 32; i++) powers.push(product(powers[i - 1]!, powers[i - 1]!));
  return powers;
}

/** Of two polynomials modulo POLYNOMIAL; the highest bit is x^0. */
function product(a: number, b: number): number {
  let result = 0;
  let factor = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) result ^= factor;
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ POLYNOMIAL;
  }
  return result >>> 0;
}
