// Takes something out of what a session's background processes have said, when none of them says anything any more.
// What comes out has another length, and the names of the files say where they begin: so it becomes one file.

import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { segmentsOf } from './output-log.ts';
import type { Segment } from './output-log.ts';
import { ProcessFiles, processFolder } from './process-files.ts';
import { unfinishedIn } from './supervisor.ts';
import { isSupervised } from './supervisor-lock.ts';

interface Filter {
  write(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/** Ids of the processes of a session that have files here; `isQuiet` when nothing writes to any of them. */
export function outputsOf(home: string, sessionId: string): { files: ProcessFiles; ids: string[]; isQuiet: boolean } {
  const files = new ProcessFiles(processFolder(home, sessionId));
  if (!existsSync(files.folder)) return { files, ids: [], isQuiet: true };
  return { files, ids: files.ids(), isQuiet: unfinishedIn(files).length === 0 && !isSupervised(files.folder) };
}

/** Passes all output of a process through a filter that reports what it sees. */
export async function lookThroughOutput(files: ProcessFiles, id: string, filter: Filter): Promise<void> {
  for await (const piece of piecesOf(freshSegments(files, id))) filter.write(piece);
  filter.end();
}

/** Replaces all output of a process by what a filter leaves of it. */
export async function filterOutput(files: ProcessFiles, id: string, filter: Filter): Promise<void> {
  const [first] = segmentsOf(files, id);
  if (!first) return;
  const beside = join(files.folder, `${id}.output.new`);
  let descriptor = -1;
  try {
    descriptor = openSync(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    for await (const piece of piecesOf(freshSegments(files, id))) writeWhole(descriptor, filter.write(piece));
    writeWhole(descriptor, filter.end());
    fsyncSync(descriptor);
    renameSync(beside, first.path);
    for (const { path } of segmentsOf(files, id).slice(1)) rmSync(path, { force: true });
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'write', first.path);
  } finally {
    if (descriptor >= 0) closeSync(descriptor);
  }
}

/** Files whose place an earlier one covers: their bytes were taken over there, and a crash kept them from going. */
export function staleOutput(files: ProcessFiles, id: string): string[] {
  const fresh = new Set(freshSegments(files, id).map(({ path }) => path));
  return segmentsOf(files, id).flatMap(({ path }) => (fresh.has(path) ? [] : [path]));
}

function freshSegments(files: ProcessFiles, id: string): Segment[] {
  const fresh: Segment[] = [];
  for (const segment of segmentsOf(files, id)) {
    const before = fresh.at(-1);
    if (!before || before.startBytes + before.sizeBytes <= segment.startBytes) fresh.push(segment);
  }
  return fresh;
}

async function* piecesOf(segments: readonly Segment[]): AsyncGenerator<Uint8Array> {
  for (const { path } of segments) for await (const piece of createReadStream(path)) yield piece as Buffer;
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
}
