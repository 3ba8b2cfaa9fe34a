// Sessions in and out of the store: documents for people and other programs, and what they or other agents wrote.

import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Warning } from '../../core/errors.ts';
import { SessionError, systemError } from '../../core/errors.ts';
import { exportJson } from '../../export/json-export.ts';
import { exportJsonl } from '../../export/jsonl-export.ts';
import { exportMarkdown, titleLine } from '../../export/markdown-export.ts';
import { exportYaml } from '../../export/yaml-export.ts';
import { loadAdapter } from '../../adapters/registry.ts';
import type {
  DiscoveredSession,
  ImportOptions,
  ImportResult,
  ISessionSerializer,
  Reported,
} from '../types/service-types.ts';
import type { ExportFormat } from '../types/session-types.ts';
import { ExportSource } from './export-source.ts';
import { detectFormat } from './import/import-detect.ts';
import type { ImportFormat } from './import/import-detect.ts';
import { discover } from './import/import-discover.ts';
import { importFormat1, importYaml } from './import/import-document.ts';
import type { ImportFile, ImportWish } from './import/import-file.ts';
import { importJsonl, importLog } from './import/import-own.ts';
import { SessionImport } from './import/import-session.ts';
import type { PlainFile } from './import/import-unpack.ts';
import { spooled, unpacked } from './import/import-unpack.ts';
import type { SerializerStore } from './serializer-store.ts';

export type { SerializerStore } from './serializer-store.ts';

export interface SerializerOptions {
  /** What `importFile('-')` reads. */
  input?: AsyncIterable<Uint8Array>;
  /** Variables by which agents say where they keep their sessions. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Where packed files are unpacked; the system's temporary folder when absent. */
  temporary?: string;
}

/** A longer document is not one string: V8 could hold twice as much, a caller's memory may not. */
const STRING_BYTES_MAX = 256 * 1024 * 1024;

export class SessionSerializer implements ISessionSerializer {
  readonly #store: SerializerStore;
  readonly #options: SerializerOptions;

  constructor(store: SerializerStore, options: SerializerOptions = {}) {
    this.#store = store;
    this.#options = options;
  }

  async exportSession(id: string, format: ExportFormat): Promise<string> {
    const pieces: string[] = [];
    let bytes = 0;
    for await (const piece of this.exportStream(id, format)) {
      bytes += Buffer.byteLength(piece);
      if (bytes > STRING_BYTES_MAX) {
        throw new SessionError('EXPORT_TOO_LARGE', `session ${id} is over ${STRING_BYTES_MAX} bytes as ${format}`, {
          op: 'export',
          hint: `use exportStream, or roo session export ${id} ${format} -o FILE`,
        });
      }
      pieces.push(piece);
    }
    return pieces.join('');
  }

  /** Reads the log while the document is read, in memory that does not grow with it. */
  exportStream(id: string, format: ExportFormat): Reported<string> {
    const warnings: Warning[] = [];
    const pieces = this.#pieces(id, format, warnings);
    return { warnings, [Symbol.asyncIterator]: () => pieces };
  }

  async sealed(document: AsyncIterable<string>, recipients: readonly string[]): Promise<AsyncIterable<string>> {
    const { sealDocument } = await import('../../crypto/age/document.ts');
    return sealDocument(document, recipients);
  }

  async *#pieces(id: string, format: ExportFormat, warnings: Warning[]): AsyncGenerator<string> {
    const reader = this.#store.openReader(id);
    this.#store.audit.note('export', id);
    try {
      const source = new ExportSource(reader, this.#store.openBase, warnings);
      if (format === 'jsonl') {
        yield* exportJsonl(id, source.items(this.#store.waiting(id)));
        return;
      }
      const session = source.session(this.#store.details(id));
      if (format === 'json') yield* exportJson(session);
      else if (format === 'yaml') yield* exportYaml({ ...session }, titleLine(session));
      else yield* exportMarkdown(session);
    } finally {
      reader.close();
    }
  }

  /**
   * Brings in the session that a file holds: one of ours in any form but Markdown, or another agent's. `-` is standard
   * input. Throws FORMAT_UNKNOWN, CHECKSUM_MISMATCH, IMPORT_REFUSED and what writing throws.
   */
  async importFile(path: string, options: ImportOptions): Promise<ImportResult> {
    const plain = path === '-' ? await this.#spooledInput() : null;
    try {
      return await this.#importPlain(plain?.path ?? path, plain ? 'standard input' : path, options);
    } finally {
      await plain?.remove();
    }
  }

  /** What other agents keep under a home folder, and whether it is new here. */
  discover(home: string): Reported<DiscoveredSession> {
    return discover(this.#store, home, this.#options.environment ?? process.env);
  }

  /** Brings in one session that `discover` found, or what is new of it. */
  async importDiscovered(found: DiscoveredSession): Promise<ImportResult> {
    const adapter = await loadAdapter(found.agent);
    if (!adapter) {
      throw new SessionError('FORMAT_UNKNOWN', `there is no adapter ${found.agent}`, { op: 'import' });
    }
    const { agent, path, sizeBytes, updatedAt } = found;
    const paths = found.paths;
    const mtimeMs = Date.parse(updatedAt);
    const file: ImportFile = { agent, policy: 'foreign', path, plainPath: path, sizeBytes, mtimeMs };
    return this.#import(file, { noteSource: 'always' }, (into) => adapter.read(paths, into));
  }

  async #importPlain(given: string, shownPath: string, options: ImportOptions): Promise<ImportResult> {
    // The user may name a link; below this no link is followed.
    const { path, ...facts } = await fileAt(given);
    const { format, isPacked } = await detectFormat(path, options.from);
    const plain = isPacked ? await unpacked(path, this.#options.temporary ?? tmpdir()) : null;
    try {
      const file: ImportFile = {
        agent: format.kind === 'agent' ? format.adapter.name : 'roo',
        policy: format.kind === 'agent' ? 'foreign' : 'own',
        path: shownPath,
        plainPath: plain?.path ?? path,
        ...facts,
      };
      const { name, dryRun } = options;
      const wish: ImportWish = { ...(name !== undefined && { name }), ...(dryRun && { dryRun }) };
      const { imported, warnings } = await this.#import(file, wish, (into) => this.#read(format, file.plainPath, into));
      return { imported, warnings: [...(plain?.warnings ?? []), ...warnings] };
    } finally {
      await plain?.remove();
    }
  }

  #read(format: ImportFormat, path: string, into: SessionImport): Promise<void> {
    switch (format.kind) {
      case 'agent':
        return format.adapter.read([path], into);
      case 'log':
        return importLog(path, into, this.#store);
      case 'json':
        return importFormat1(path, into);
      case 'jsonl':
        return importJsonl(path, into);
      case 'yaml':
        return importYaml(path, into);
    }
  }

  async #import(
    file: ImportFile,
    wish: ImportWish,
    read: (into: SessionImport) => Promise<void>,
  ): Promise<ImportResult> {
    const into = new SessionImport(this.#store, file, wish);
    try {
      await this.#store.door?.ready();
      await read(into);
      const imported = await into.finish();
      if (!wish.dryRun && imported.status !== 'unchanged') this.#store.audit.note('import', imported.id);
      return { imported: [imported], warnings: into.warnings };
    } catch (error) {
      await into.abandon();
      throw error;
    }
  }

  #spooledInput(): Promise<PlainFile> {
    return spooled(this.#options.input ?? process.stdin, this.#options.temporary ?? tmpdir());
  }
}

async function fileAt(given: string): Promise<{ path: string; sizeBytes: number; mtimeMs: number }> {
  try {
    const path = await fs.realpath(given);
    const stat = await fs.stat(path);
    if (!stat.isFile()) {
      const hint = stat.isDirectory()
        ? 'name a file in it; roo session discover looks for sessions of agents'
        : undefined;
      throw new SessionError('FORMAT_UNKNOWN', `${given} is no file`, { op: 'import', path: given, hint });
    }
    return { path, sizeBytes: stat.size, mtimeMs: Math.floor(stat.mtimeMs) };
  } catch (error) {
    throw systemError(error, 'read', given);
  }
}
