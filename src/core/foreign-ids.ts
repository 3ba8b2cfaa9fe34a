// Ids for what comes from elsewhere. They follow from the content, so that importing the same thing again finds it, and
// have the shape of our own. The digests are SHA-256 over what identifies the thing; whoever imports makes them.

/** A UUIDv4-shaped session id from a digest of at least 16 bytes. */
export function sessionIdFrom(digest: Uint8Array): string {
  return uuid(new Uint8Array(digest.subarray(0, 16)), 4);
}

/** A UUIDv7-shaped record id: sorts by its time (milliseconds since 1970), all other bits come from the digest. */
export function recordIdFrom(atMs: number, digest: Uint8Array): string {
  const bytes = new Uint8Array(digest.subarray(0, 16));
  let rest = Number.isFinite(atMs) && atMs > 0 ? Math.floor(atMs) : 0;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return uuid(bytes, 7);
}

/** Ids that are kept as they are; anything else from a stranger gets an id of ours. */
export function isKeepableId(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/.test(text);
}

function uuid(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
