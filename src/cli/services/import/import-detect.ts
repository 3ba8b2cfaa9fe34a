// Which format a file is in, told by its first bytes, never by its name alone.

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Adapter } from '../../../adapters/adapter.ts';
import { ADAPTER_NAMES, detectAdapter, loadAdapter } from '../../../adapters/registry.ts';
import { SessionError, systemError } from '../../../core/errors.ts';
import { beginsAsFormat1 } from '../../../core/format1-parser.ts';
import { parseJson } from '../../../core/json.ts';
import { looseObject } from '../../../core/loose-values.ts';
import { parseSessionFileName } from '../../../core/session-file-name.ts';
import { JSONL_FORMAT } from '../../../export/jsonl-export.ts';
import { isGzip, textOfHead } from '../../../store/format1-file.ts';
import { assertNoArchive } from './import-archive.ts';
import { findMagic } from '../../../store/frame.ts';

export type ImportFormat = { kind: 'log' | 'json' | 'jsonl' | 'yaml' } | { kind: 'agent'; adapter: Adapter };

export interface Detected {
  format: ImportFormat;
  /** The file is packed and must be unpacked to be read. A log is gzip too, and is read as it is. */
  isPacked: boolean;
}

const OWN_FORMATS = ['log', 'json', 'jsonl', 'yaml'] as const;
const HEAD_BYTES = 64 * 1024;

/** Throws FORMAT_UNKNOWN, also where `from` names a format that there is none of. */
export async function detectFormat(path: string, from: string | undefined): Promise<Detected> {
  const head = await readHead(path);
  const packed = isGzip(head);
  if (from !== undefined) return { format: await formatNamed(from, path), isPacked: packed && from !== 'log' };
  if (isLog(path, head)) return { format: { kind: 'log' }, isPacked: false };
  assertNoArchive(path, head);
  const text = textOfHead(head).replace(/^\uFEFF/, '');
  const format = own(text) ?? (await foreign(path, text));
  if (format) return { format, isPacked: packed };
  throw unknown(path, text);
}

async function formatNamed(name: string, path: string): Promise<ImportFormat> {
  const kind = OWN_FORMATS.find((each) => each === name);
  if (kind !== undefined) return { kind };
  const adapter = await loadAdapter(name);
  if (adapter !== undefined) return { kind: 'agent', adapter };
  const message = `there is no format ${JSON.stringify(name)}`;
  throw new SessionError('FORMAT_UNKNOWN', message, { op: 'import', path, hint: `known are ${known()}` });
}

/** Frames of ours, also where the first one is damaged and only the file's name still says what it is. */
function isLog(path: string, head: Buffer): boolean {
  if (findMagic(head, 0) === 0) return true;
  return parseSessionFileName(basename(path)) !== null && findMagic(head, 0) > 0;
}

function own(text: string): ImportFormat | undefined {
  const first = looseObject(firstLine(text));
  if (first['format'] === JSONL_FORMAT || (first['type'] === 'session' && typeof first['format'] === 'number'))
    return { kind: 'jsonl' };
  if (beginsAsFormat1(text)) return { kind: 'json' };
  return looksLikeYaml(text) ? { kind: 'yaml' } : undefined;
}

async function foreign(path: string, text: string): Promise<ImportFormat | undefined> {
  const adapter = await detectAdapter(path, text);
  return adapter && { kind: 'agent', adapter };
}

function firstLine(text: string): unknown {
  try {
    return parseJson(text.slice(0, text.indexOf('\n') + 1 || text.length));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SessionError) return undefined;
    throw error;
  }
}

/** Top-level keys of the story's Session, as in `roo session export … yaml`, or of its envelope. */
function looksLikeYaml(text: string): boolean {
  const keys = new Set([...text.matchAll(/^(\w+):(?:\s|$)/gm)].map((match) => match[1]));
  return (
    (keys.has('id') && (keys.has('metadata') || keys.has('history'))) || (keys.has('version') && keys.has('session'))
  );
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await file.read(bytes, 0, HEAD_BYTES, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw systemError(error, 'read', path);
  }
}

function known(): string {
  return [...OWN_FORMATS, ...ADAPTER_NAMES].join(', ');
}

function unknown(path: string, text: string): SessionError {
  const isMarkdown = text.startsWith('# ');
  const message = text.trim() === '' ? `there is nothing in ${path}` : `${path} is in no format that roo knows`;
  return new SessionError('FORMAT_UNKNOWN', message, {
    op: 'import',
    path,
    hint: isMarkdown
      ? 'a Markdown transcript is for reading; export the session as json or jsonl to import it elsewhere'
      : `known are ${known()}; --from names one`,
  });
}
