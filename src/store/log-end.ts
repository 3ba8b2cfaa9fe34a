// Where a writer goes on: behind the last frame of a log that is in order. What a crash left there is put in order
// first, and nothing of it is thrown away.

import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import type { SessionRecord } from '../core/record.ts';
import { AppendFile } from './append-file.ts';
import { syncDirectory } from './durable-files.ts';
import type { ComposerOptions } from './frame-composer.ts';
import { FrameComposer } from './frame-composer.ts';
import { CHAIN_START, linkOf } from './log-chain.ts';
import { partPaths } from './log-parts.ts';
import { LogReader } from './log-reader.ts';
import { assertWritable, cutError, unsealedError } from './log-warnings.ts';
import { cutTornTail, freePath } from './log-recover.ts';
import { findMessage } from './message-place.ts';
import type { StoreLayout } from './store-layout.ts';

type ComposingOptions = Omit<ComposerOptions, 'blobs' | 'find' | 'cipher'>;

export interface LogEnd {
  file: AppendFile;
  composer: FrameComposer;
  /** Torn bytes that were cut off are kept in this file; null when the log ended cleanly. */
  tornPath: string | null;
}

/** Opens the end of a log for appending; throws what LogReader.open throws. The caller holds the session's lock. */
export function openEnd(layout: StoreLayout, id: string, options: ComposingOptions): LogEnd {
  const reader = LogReader.open(layout, id);
  try {
    assertWritable(reader);
    assertSealedWhole(layout, reader);
    const tidied = tidy(reader);
    if (!tidied.isLastPart) {
      const end = openEnd(layout, id, options);
      return { ...end, tornPath: tidied.tornPath ?? end.tornPath };
    }
    const { path, ino } = reader.file(reader.parts);
    const composer = composerAtEnd(layout, reader, options);
    const file = AppendFile.open(path, reader.parts, reader.tail().endBytes, ino);
    return { file, composer, tornPath: tidied.tornPath };
  } finally {
    reader.close();
  }
}

/** Throws where going on would cover the traces of a log that was cut or exchanged, or write in plain what was not. */
function assertSealedWhole(layout: StoreLayout, reader: LogReader): void {
  if (!reader.cipher && layout.keys?.isSealed(reader.id)) throw unsealedError(reader.id, reader.path);
  if (reader.isCut) throw cutError(reader.id, reader.path);
}

/** `isLastPart` is false when the last part held nothing of the log and is gone now. */
function tidy(reader: LogReader): { tornPath: string | null; isLastPart: boolean } {
  for (const path of reader.leftovers) setAside(path);
  const { path, size } = reader.file(reader.parts);
  const { endBytes } = reader.tail();
  const tornPath = endBytes < size ? cutTornTail(path, endBytes) : null;
  // A crash between making a part and its first frame. As an empty file it would stand where the next part belongs.
  const isLastPart = reader.parts === 1 || endBytes > 0;
  if (!isLastPart) {
    rmSync(path, { force: true });
    syncDirectory(dirname(path));
  }
  return { tornPath, isLastPart };
}

/** A file that stands where the next part will be, and is none of this log. */
function setAside(path: string): void {
  try {
    renameSync(path, freePath(path.replace(/\.json\.gz$/, '.leftover')));
    syncDirectory(dirname(path));
  } catch (error) {
    throw systemError(error, 'set aside', path);
  }
}

function composerAtEnd(layout: StoreLayout, reader: LogReader, options: ComposingOptions): FrameComposer {
  const last = reader.lastFrame();
  const { last: lastInPart, endBytes } = reader.tail();
  const distance = lastInPart ? endBytes - lastInPart.offset : 0;
  const fold = reader.fold();
  // Where damage took the record of an epoch its frames still tell: those of a lower one would not be read.
  if (last) fold.epoch = Math.max(fold.epoch, last.frame.epoch);
  const start = {
    fold,
    link: last ? linkOf(last.frame) : CHAIN_START,
    part: reader.parts,
    offset: endBytes,
    // Over whatever lies between: the chain stays walkable from its end. A distance that has no room is left out.
    prevBytes: distance > 0xffffffff ? 0 : distance,
  };
  return new FrameComposer(start, {
    ...options,
    blobs: reader.blobs,
    cipher: reader.cipher,
    find: finderOf(layout, reader.id, reader.session),
  });
}

/** Looks for messages that are not among the newest: in what is on the disk by now, or at the fork point. */
export function finderOf(layout: StoreLayout, id: string, { base }: SessionRecord): ComposerOptions['find'] {
  return (messageId) => {
    if (base?.messageId === messageId) return base.at;
    if (partPaths(layout, id).length === 0) return null;
    const reader = LogReader.open(layout, id);
    try {
      return findMessage(reader, messageId);
    } finally {
      reader.close();
    }
  };
}
