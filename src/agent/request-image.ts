// An image as a request carries it, or word that it cannot: one image that a provider refuses would make every later
// request of the session fail.

import type { LanguageModelV4FilePart } from '@ai-sdk/provider';
import type { ImagePart } from '../core/record.ts';

/** What both wire formats take. */
const MEDIA_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** Anthropic's limit of 5 MiB, counted in characters of base64; the lowest of the providers. */
const BASE64_CHARACTERS_MAX = 5 * 1024 * 1024;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Null where it has no data at hand, or is of a kind or size that providers refuse. The base64 goes out as it is. */
export function imageOf(part: ImagePart): LanguageModelV4FilePart | null {
  const mediaType = part.mediaType.toLowerCase().replace('image/jpg', 'image/jpeg');
  const { data } = part;
  if (data === undefined || data.length > BASE64_CHARACTERS_MAX || data.length % 4 !== 0) return null;
  if (!MEDIA_TYPES.has(mediaType) || !BASE64.test(data)) return null;
  return { type: 'file', mediaType, data: { type: 'data', data } };
}
