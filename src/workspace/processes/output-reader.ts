// Reads the log of a process from any place, backwards by lines, or on and on while it grows. Says what was dropped.

import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { systemError } from '../../core/errors.ts';
import { segmentsOf } from './output-log.ts';
import type { Segment } from './output-log.ts';
import type { ProcessFiles } from './process-files.ts';

const CHUNK_BYTES = 64 * 1024;
const LOOK_MS = 100;
const NEWLINE = 10;

export interface OutputPiece {
  bytes: Uint8Array;
  /** Place behind it in all output: from there one goes on. */
  endBytes: number;
}

/** The bytes from a place on, as far as they are there now. Begins with a line that says so where some were dropped. */
export async function* readOutput(files: ProcessFiles, id: string, fromBytes: number): AsyncGenerator<OutputPiece> {
  let at = fromBytes;
  for (;;) {
    const segments = segmentsOf(files, id);
    const first = segments[0];
    if (!first) return;
    if (first.startBytes > at) {
      const said = `[${first.startBytes - at} bytes before this were dropped: the log is full]\n`;
      at = first.startBytes;
      yield { bytes: Buffer.from(said), endBytes: at };
    }
    const segment = segments.findLast(({ startBytes }) => startBytes <= at)!;
    const endBytes = segment.startBytes + segment.sizeBytes;
    if (at >= endBytes) return;
    const file = await openSegment(segment);
    if (!file) continue; // Dropped in this moment.
    try {
      while (at < endBytes) {
        const length = Math.min(CHUNK_BYTES, endBytes - at);
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at - segment.startBytes);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield { bytes: buffer.subarray(0, bytesRead), endBytes: at };
      }
    } finally {
      await file.close();
    }
  }
}

/** Where the last lines begin. A last line without its end counts as one. */
export async function startOfLastLines(files: ProcessFiles, id: string, lines: number): Promise<number> {
  const segments = segmentsOf(files, id);
  const last = segments.at(-1);
  const endBytes = last ? last.startBytes + last.sizeBytes : 0;
  if (lines <= 0) return endBytes;
  let missing = lines;
  for (const segment of segments.toReversed()) {
    const file = await openSegment(segment);
    if (!file) return segment.startBytes + segment.sizeBytes;
    try {
      for (let at = segment.sizeBytes; at > 0;) {
        const length = Math.min(CHUNK_BYTES, at);
        at -= length;
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, at);
        for (let i = buffer.lastIndexOf(NEWLINE); i >= 0; i = i === 0 ? -1 : buffer.lastIndexOf(NEWLINE, i - 1)) {
          const place = segment.startBytes + at + i + 1;
          if (place < endBytes && --missing === 0) return place;
        }
      }
    } finally {
      await file.close();
    }
  }
  return segments[0]?.startBytes ?? 0;
}

/** What is there from a place on and what comes, until `isOver` said so before the last look, or the signal. */
export async function* followOutput(
  files: ProcessFiles,
  id: string,
  fromBytes: number,
  isOver: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<OutputPiece> {
  let at = fromBytes;
  while (!signal.aborted) {
    const wasOver = isOver();
    for await (const piece of readOutput(files, id, at)) {
      at = piece.endBytes;
      yield piece;
      if (signal.aborted) return;
    }
    if (wasOver) return;
    await wait(LOOK_MS, undefined, { signal }).catch(ignoreAbort);
  }
}

async function openSegment({ path }: Segment): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw systemError(error, 'read', path);
  }
}

function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error;
}
