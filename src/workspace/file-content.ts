// What the bytes of a file are, told from its beginning: names lie, and a model that is sent bytes as text, or a picture
// under the wrong type, fails in ways nobody understands.

/** Bytes of the beginning that `contentOf` looks at. */
export const SNIFF_BYTES = 8192;
/** Larger pictures are refused by the providers. */
export const IMAGE_BYTES_MAX = 5 * 1024 * 1024;

export type Content = { kind: 'text' } | { kind: 'image'; mediaType: string } | { kind: 'binary' };

/** A file without NUL is text, as git and grep say; its encoding may still not be UTF-8. */
export function contentOf(start: Buffer): Content {
  const mediaType = imageType(start);
  if (mediaType !== null) return { kind: 'image', mediaType };
  return start.subarray(0, SNIFF_BYTES).includes(0) ? { kind: 'binary' } : { kind: 'text' };
}

/** The four kinds that every provider with eyes takes; by their signatures. */
function imageType(start: Buffer): string | null {
  const at = (from: number, to: number): string => start.toString('latin1', from, to);
  if (at(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (at(0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  if (at(0, 6) === 'GIF87a' || at(0, 6) === 'GIF89a') return 'image/gif';
  if (at(0, 4) === 'RIFF' && at(8, 12) === 'WEBP') return 'image/webp';
  return null;
}
