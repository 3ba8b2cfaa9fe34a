// Documents of ours that hold every record: a log copied from elsewhere, and JSON Lines. Both are a stream of records
// and of the blobs they name.

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileEntries } from '../../../adapters/entry-reader.ts';
import type { ForeignRecord } from '../../../adapters/adapter.ts';
import type { Warning } from '../../../core/errors.ts';
import { SessionError, warningOf } from '../../../core/errors.ts';
import { checkRecord } from '../../../core/foreign-record-check.ts';
import { looseTime } from '../../../core/loose-values.ts';
import { isBlobHash } from '../../../core/record-needs.ts';
import type { BlobRef, LogRecord, SessionRecord } from '../../../core/record.ts';
import { parseSessionFileName, sessionFileName } from '../../../core/session-file-name.ts';
import { JSONL_END, JSONL_FORMAT, JSONL_VERSION } from '../../../export/jsonl-export.ts';
import { LogReader } from '../../../store/log-reader.ts';
import type { StoreLayout } from '../../../store/store-layout.ts';
import { storeLayout } from '../../../store/store-layout.ts';
import { ExportSource } from '../export-source.ts';
import type { BlobIntake } from './import-blobs.ts';
import type { SessionImport } from './import-session.ts';
import type { SerializerStore } from '../serializer-store.ts';

/** Reads a log with its parts, and its blobs if they were copied along. */
export async function importLog(path: string, into: SessionImport, store: SerializerStore): Promise<void> {
  const name = parseSessionFileName(basename(path));
  const folder = dirname(path);
  const layout: StoreLayout = { ...storeLayout(folder, folder), trust: 'foreign' };
  const here: StoreLayout = {
    ...layout,
    logPath: (id, part = 1) =>
      part === 1 ? path : join(folder, name?.kind === 'log' ? sessionFileName(id, part) : `${basename(path)}.${part}`),
  };
  const reader = LogReader.open(here, name?.kind === 'log' ? name.id : (name?.of ?? 'unnamed'));
  const openBase = (id: string): LogReader =>
    existsSync(layout.logPath(id)) ? LogReader.open(layout, id) : store.openBase(id);
  try {
    const source = new ExportSource(reader, openBase, into.warnings);
    for await (const item of source.items([])) {
      if ('record' in item) await takeRecord(item.record, into);
      else {
        const intake = into.blobs.begin(item.blob);
        if (!intake) continue;
        for await (const chunk of item.chunks) intake.write(chunk);
        finish(intake, into.warnings);
      }
    }
  } finally {
    reader.close();
  }
}

/** Reads JSON Lines: those of an export, or a log as gunzip prints it. */
export async function importJsonl(path: string, into: SessionImport): Promise<void> {
  const lines = new JsonlLines(into);
  for await (const { value, key, line, offsetBytes, lengthBytes } of fileEntries(path, '', into)) {
    const reason = await lines.take(value);
    if (reason === null) continue;
    const text = JSON.stringify(value);
    await into.unreadable({ id: key, reason, path, line, offsetBytes, lengthBytes, text });
  }
  lines.end(path);
}

class JsonlLines {
  readonly #into: SessionImport;
  #intake: BlobIntake | null = null;
  /** A blob that is here already; its pieces are passed over. */
  #passed = '';
  #isExport = false;
  #isComplete = false;

  constructor(into: SessionImport) {
    this.#into = into;
  }

  /** Null when the line was understood, else why not. */
  async take(value: Readonly<Record<string, unknown>>): Promise<string | null> {
    if (value['format'] === JSONL_FORMAT) return this.#begin(value);
    if (value['format'] === JSONL_END) {
      this.#isComplete = true;
      return null;
    }
    if (value['type'] === 'blob') return this.#piece(value);
    if (typeof value['id'] !== 'string') return 'a record without an id';
    const fault = checkRecord(value);
    if (fault !== null) return fault;
    await takeRecord(value as unknown as LogRecord, this.#into);
    return null;
  }

  end(path: string): void {
    this.#stop();
    if (!this.#isExport || this.#isComplete) return;
    const message = `${path} was cut short: its last line is missing. What it holds was imported`;
    this.#into.warnings.push({ code: 'LOG_DAMAGED', message, path });
  }

  #begin(value: Readonly<Record<string, unknown>>): null {
    this.#isExport = true;
    if (typeof value['version'] !== 'number' || value['version'] <= JSONL_VERSION) return null;
    const hint = 'upgrade roo: npm i -g roo-cli@latest';
    throw new SessionError('FORMAT_NEWER', `the file is of version ${value['version']}`, { op: 'import', hint });
  }

  #piece(value: Readonly<Record<string, unknown>>): string | null {
    const { hash, bytes, offset, text, base64 } = value;
    if (typeof hash !== 'string' || !isBlobHash(hash) || !Number.isSafeInteger(bytes)) return 'a piece of no blob';
    const ref: BlobRef = { hash, bytes: bytes as number };
    if (offset === 0) {
      this.#stop();
      this.#intake = this.#into.blobs.begin(ref);
      this.#passed = this.#intake ? '' : hash;
    }
    if (hash === this.#passed) return null;
    const intake = this.#intake;
    if (!intake || intake.ref.hash !== hash || intake.bytes !== offset) return 'a piece of a blob out of its place';
    if (typeof text === 'string') intake.write(Buffer.from(text));
    else if (typeof base64 === 'string') intake.write(Buffer.from(base64, 'base64'));
    else return 'a piece of a blob without its bytes';
    if (intake.bytes < ref.bytes) return null;
    this.#intake = null;
    finish(intake, this.#into.warnings);
    return null;
  }

  /** A blob whose last piece did not come is none. */
  #stop(): void {
    const intake = this.#intake;
    this.#intake = null;
    if (!intake) return;
    intake.abandon();
    const message = `of a part of ${intake.ref.bytes} bytes only ${intake.bytes} are there`;
    this.#into.warnings.push({ code: 'BLOB_DAMAGED', message });
  }
}

async function takeRecord(record: LogRecord, into: SessionImport): Promise<void> {
  if (record.type === 'session') into.header(headerOf(record as SessionRecord));
  else await into.record(record as ForeignRecord);
}

function headerOf(record: SessionRecord): Parameters<SessionImport['header']>[0] {
  if (record.format > 2) {
    const hint = 'upgrade roo: npm i -g roo-cli@latest';
    throw new SessionError('FORMAT_NEWER', 'the session was written by a newer version of roo', { op: 'import', hint });
  }
  const { sessionId, project, origin } = record;
  const createdAt = looseTime(record.at);
  return { id: sessionId, recordId: record.id, project, origin, ...(createdAt !== undefined && { createdAt }) };
}

function finish(intake: BlobIntake, warnings: Warning[]): void {
  try {
    intake.finish();
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'BLOB_DAMAGED') throw error;
    warnings.push(warningOf(error));
  }
}
