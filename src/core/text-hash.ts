// A hash of a text as a number SQLite keeps in six bytes: names rows and projects without storing them twice, and says
// whether names or a row are still the same. Spread evenly, not secure: whoever makes two ids with one hash gets two
// rows all the same (see catalogue-table.ts). Not node:zlib's crc32: loading that takes as long as a whole list.

/** 48 bits, from two FNV-1a hashes over UTF-16 units. */
export function textHash(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ (unit + i), 0x01000193);
  }
  return (low >>> 0) + ((high >>> 16) & 0xffff) * 2 ** 32;
}

/** 32 bits: for numbers that stand in a dozen places. */
export function shortHash(text: string): number {
  return textHash(text) % 2 ** 32;
}
