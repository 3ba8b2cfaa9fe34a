// Reads a whole log and says what is right and what is not. Changes nothing.

import { isBlobHash } from '../core/record-needs.ts';
import type { BlobRef, LogRecord } from '../core/record.ts';
import { decodeHeader, HEADER_BYTES } from './frame.ts';
import type { PlacedDamage } from './log-place.ts';
import type { Health } from './log-findings.ts';
import type { LogReader } from './log-reader.ts';

export interface Verified {
  health: Health;
  recordsOk: number;
  recordsDamaged: number;
  bytesKept: number;
  spans: { part: number; offsetBytes: number; lengthBytes: number; reason: string }[];
  /** Blobs that records name and that are missing or not what they were. */
  blobs: { hash: string; reason: 'missing' | 'damaged' }[];
}

/** Walks every frame and every blob. Blobs are hashed when `blobs` is `hash`, else only looked for. */
export function verifyLog(reader: LogReader, blobs: 'look' | 'hash'): Verified {
  const found: Verified = { health: 'ok', recordsOk: 0, recordsDamaged: 0, bytesKept: 0, spans: [], blobs: [] };
  const seen = new Set<string>();
  for (const item of reader.forwards()) {
    if ('damage' in item) {
      const { part, offsetBytes, lengthBytes, reason } = item.damage;
      found.spans.push({ part, offsetBytes, lengthBytes, reason });
      found.bytesKept += lengthBytes;
      found.recordsDamaged += lostRecords(reader, item.damage);
      continue;
    }
    for (const record of reader.records(item)) {
      found.recordsOk++;
      for (const ref of blobsOf(record)) {
        if (seen.has(ref.hash)) continue;
        seen.add(ref.hash);
        const reason = blobFault(reader, ref, blobs);
        if (reason) found.blobs.push({ hash: ref.hash, reason });
      }
    }
  }
  // Lines that are no records, in a frame that is as it was written.
  const told = new Set(found.spans.map(placeOf));
  for (const { part, offsetBytes, lengthBytes, reason } of reader.damage) {
    if (told.has(placeOf({ part, offsetBytes }))) continue;
    found.spans.push({ part, offsetBytes, lengthBytes, reason });
    found.bytesKept += lengthBytes;
    found.recordsDamaged++;
  }
  found.recordsDamaged += found.blobs.length;
  found.health = found.blobs.length > 0 ? 'damaged' : reader.health;
  return found;
}

function placeOf({ part, offsetBytes }: { part: number; offsetBytes: number }): string {
  return `${part}:${offsetBytes}`;
}

function blobFault(reader: LogReader, ref: BlobRef, how: 'look' | 'hash'): 'missing' | 'damaged' | null {
  if (!reader.blobs.has(ref)) return 'missing';
  return how === 'hash' && !reader.blobs.isWhole(ref) ? 'damaged' : null;
}

/** Every blob a record names: its spilled whole, its output, its images. */
export function* blobsOf(record: LogRecord): Generator<BlobRef> {
  const { spilled, blob, parts } = record as { spilled?: BlobRef; blob?: BlobRef; parts?: unknown };
  if (spilled) yield spilled;
  if (isBlobRef(blob)) yield blob;
  if (!Array.isArray(parts)) return;
  for (const part of parts)
    if (isBlobRef((part as { blob?: unknown } | null)?.blob)) yield (part as { blob: BlobRef }).blob;
}

function isBlobRef(value: unknown): value is BlobRef {
  const { hash, bytes } = (value ?? {}) as Partial<BlobRef>;
  return isBlobHash(hash) && Number.isSafeInteger(bytes) && bytes! >= 0;
}

/**
 * Records lost in a span: of a frame whose header can still be read the number it states, of others at least one each.
 * A torn or foreign span holds nothing that was acknowledged in this session.
 */
function lostRecords(reader: LogReader, damage: PlacedDamage): number {
  if (damage.reason !== 'damaged') return 0;
  const start = reader.file(damage.part).bytesAt(damage.offsetBytes, Math.min(HEADER_BYTES, damage.lengthBytes));
  const header = decodeHeader(start, 0);
  const fits = header !== null && header.frameBytes <= damage.lengthBytes;
  return (
    Math.max(damage.framesMissing - 1, 0) + (damage.framesMissing === 0 ? 0 : fits ? Math.max(header.lines, 1) : 1)
  );
}
