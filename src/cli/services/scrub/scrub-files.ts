// What a session leaves beside its log, and that may hold secrets as well: changes that wait for it, outputs that a crash
// cut short, the note of the trash, and what this machine alone keeps of it.

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { systemError } from '../../../core/errors.ts';
import type { LogRecord, NewRecord } from '../../../core/record.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import { BlobTransfer } from '../../../store/blob-transfer.ts';
import { isThere, replaceFile, syncDirectory } from '../../../store/durable-files.ts';
import { filterFile, lookThrough } from '../../../store/filtered-file.ts';
import { entryBytes, readInbox } from '../../../store/inbox.ts';
import { readSafely } from '../../../store/safe-file.ts';
import type { StoreLayout } from '../../../store/store-layout.ts';
import { filterOutput, lookThroughOutput, outputsOf, staleOutput } from '../../../workspace/processes/filter-output.ts';
import type { MachineRedactor } from '../../../workspace/secrets/machine-redactor.ts';
import { redactRecords } from '../record-redaction.ts';
import type { LogLook } from './scrub-log.ts';
import type { ScrubTally } from './scrub-tally.ts';

/** A file in which something was found, and how it is taken out. */
export interface FileChange {
  path: string;
  apply(): void | Promise<void>;
}

export interface ScrubPlace {
  id: string;
  /** Where the session is: the store's, or the one of its folder in the trash. */
  layout: StoreLayout;
  /** That folder; null for a session in the store. */
  trashFolder: string | null;
}

/** The fingerprints of a session's files, unpacked, are not larger than this. */
const SNAPSHOT_BYTES_MAX = 256 * 1024 * 1024;

export class ScrubFiles {
  readonly changes: FileChange[] = [];
  /** What could not be looked into, or must not be changed now, a sentence each. */
  readonly remains: string[] = [];
  /** Something was found that a list shows: the index has it too. */
  isListed = false;
  readonly #place: ScrubPlace;
  readonly #redactor: MachineRedactor;
  readonly #tally: ScrubTally;

  constructor(place: ScrubPlace, redactor: MachineRedactor, tally: ScrubTally) {
    this.#place = place;
    this.#redactor = redactor;
    this.#tally = tally;
  }

  /** Looks through all of them; changes nothing. */
  async look({ fold, blobs }: Pick<LogLook, 'fold' | 'blobs'>): Promise<void> {
    const { id, layout, trashFolder } = this.#place;
    this.#lookAtInbox();
    for (const callId of Object.keys(fold.openCalls)) await this.#lookAtPartial(callId, blobs);
    if (trashFolder !== null) await this.#lookAtJson(join(trashFolder, 'trash.json'));
    await this.#lookAtJson(join(layout.stateDir, 'grants', `${id}.json`));
    this.#lookAtSnapshot(join(layout.stateDir, 'files', id));
    await this.#lookAtProcesses();
  }

  async #lookAtPartial(callId: string, blobs: BlobStore): Promise<void> {
    const path = blobs.partialPath(callId);
    const stream = blobs.partialStream(callId);
    if (path === null || !stream) return;
    const before = this.#tally.total;
    const filter = this.#counting();
    for await (const piece of stream) filter.write(piece as Buffer);
    filter.end();
    if (this.#tally.total === before) return;
    const apply = (): Promise<void> =>
      new BlobTransfer({ to: blobs }).takePartial(callId, blobs, this.#redactor.byteStream());
    this.changes.push({ path, apply });
  }

  #lookAtInbox(): void {
    const { id, layout } = this.#place;
    const { entries, warnings } = readInbox(layout, id);
    for (const { name, records } of entries) {
      let isFound = false;
      const redacted = redactRecords(records as NewRecord[], this.#redactor, (found) => {
        isFound = true;
        this.#tally.add(found);
      });
      const path = join(layout.inboxDir(id), name);
      if (!isFound) continue;
      this.isListed = true;
      const cipher = layout.keys?.isSealed(id) ? layout.keys.cipherOf(id) : null;
      const bytes = (): Buffer => entryBytes(name, redacted as LogRecord[], cipher);
      this.changes.push({ path, apply: () => replaceFile(path, bytes()) });
    }
    this.remains.push(...warnings.map(({ message, path }) => `${message}${path === undefined ? '' : ` (${path})`}`));
  }

  async #lookAtProcesses(): Promise<void> {
    const { id, layout } = this.#place;
    const { files, ids, isQuiet } = outputsOf(layout.home, id);
    for (const processId of ids) await this.#lookAtJson(join(files.folder, `${processId}.json`));
    if (!isQuiet) {
      this.remains.push(`what its background processes say, in ${files.outputFolder}: they still run, or just ended`);
      return;
    }
    for (const processId of ids) {
      for (const path of staleOutput(files, processId)) this.changes.push({ path, apply: () => removeFile(path) });
      const before = this.#tally.total;
      await lookThroughOutput(files, processId, this.#counting());
      if (this.#tally.total === before) continue;
      const path = join(files.outputFolder, `${processId}.*.log`);
      this.changes.push({ path, apply: () => filterOutput(files, processId, this.#redactor.byteStream()) });
    }
    const errors = join(files.folder, 'supervisor.err');
    if (isThere(errors)) await this.#lookAtBytes(errors);
  }

  /** Fingerprints are derived, and of no use under other names: they are taken anew when the session is next saved. */
  #lookAtSnapshot(path: string): void {
    const bytes = readSafely(path);
    if (bytes === null) return;
    let document: unknown;
    try {
      document = JSON.parse(gunzipSync(bytes, { maxOutputLength: SNAPSHOT_BYTES_MAX }).toString());
    } catch {
      this.remains.push(`what cannot be understood in ${path}`);
      return;
    }
    const { found } = this.#redactor.redactJson(document);
    this.#tally.add(found);
    if (found.length > 0) this.changes.push({ path, apply: () => removeFile(path) });
  }

  async #lookAtJson(path: string): Promise<void> {
    const bytes = readSafely(path);
    if (bytes === null) return;
    let document: unknown;
    try {
      document = JSON.parse(bytes.toString('utf8'));
    } catch {
      await this.#lookAtBytes(path); // Whatever it is, a secret in it is one.
      return;
    }
    const { value, found } = this.#redactor.redactJson(document);
    this.#tally.add(found);
    const text = (): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
    if (found.length > 0) this.changes.push({ path, apply: () => replaceFile(path, text()) });
  }

  async #lookAtBytes(path: string): Promise<void> {
    const before = this.#tally.total;
    await lookThrough(path, this.#counting());
    if (this.#tally.total === before) return;
    this.changes.push({ path, apply: () => filterFile(path, this.#redactor.byteStream()) });
  }

  #counting(): ReturnType<MachineRedactor['byteStream']> {
    return this.#redactor.byteStream((found) => this.#tally.add([found]));
  }
}

/** Takes a file away, durably. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
    syncDirectory(dirname(path));
  } catch (error) {
    throw systemError(error, 'remove', path);
  }
}
