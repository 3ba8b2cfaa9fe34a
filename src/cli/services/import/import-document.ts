// Documents of format 1 and their YAML form: a session as a value, its active branch and its state.

import { readFile, stat } from 'node:fs/promises';
import type { ForeignRecord } from '../../../adapters/adapter.ts';
import { SessionError, systemError } from '../../../core/errors.ts';
import type { Format1Facts } from '../../../core/format1.ts';
import { factsOfSession, recordsOfState } from '../../../core/format1.ts';
import { recordsOfMessage } from '../../../core/format1-message.ts';
import { JSON_DEPTH_MAX, parseJson } from '../../../core/json.ts';
import type { LooseObject } from '../../../core/loose-values.ts';
import { isLooseObject, looseList, looseObject } from '../../../core/loose-values.ts';
import { messageText, oneLine } from '../../../core/message-text.ts';
import type { NewRecord } from '../../../core/record.ts';
import { format1Header, format1Messages } from '../../../store/format1-file.ts';
import type { SessionImport } from './import-session.ts';
import { assertModestYaml, tooDeep } from './yaml-limits.ts';

/** A parser of YAML holds the whole document several times over. */
const YAML_BYTES_MAX = 64 * 1024 * 1024;
const PROMPT_CHARACTERS_MAX = 300;

/** Nothing is imported unless the checksum fits: the document is read whole before its first message is taken. */
export async function importFormat1(path: string, into: SessionImport): Promise<void> {
  const document = format1Header(path);
  into.warnings.push(...document.warnings);
  into.header(headerOf(document));
  await take(format1Messages(path, into.blobs), into, 'record');
  await take(recordsOfState(document.header.session, document.firstPrompt), into, 'state');
}

/** Throws IMPORT_REFUSED for a file too large to be parsed as YAML, LOG_UNREADABLE for one that is none. */
export async function importYaml(path: string, into: SessionImport): Promise<void> {
  const value = looseObject(await parsedYaml(path));
  const session = isLooseObject(value['session']) ? value['session'] : value;
  into.header(headerOf(factsOfSession(session)));
  const calls = new Set<string>();
  let firstPrompt: string | undefined;
  for (const message of looseList(looseObject(session['history'])['messages'])) {
    const records = recordsOfMessage(message, calls);
    for (const record of records) firstPrompt ??= promptOf(record);
    await take(records, into, 'record');
  }
  await take(recordsOfState(session, firstPrompt), into, 'state');
}

/** Names for records that have none in the document: their order is the same at every reading. */
async function take(records: Iterable<NewRecord>, into: SessionImport, as: 'record' | 'state'): Promise<void> {
  for (const record of records) {
    const id = record.id ?? `#${as}:${record.type}`;
    await into[as]({ ...record, id } as ForeignRecord);
  }
}

function headerOf({ id, createdAt, project, origin }: Format1Facts): Parameters<SessionImport['header']>[0] {
  return {
    id: id ?? '',
    project,
    ...(createdAt !== undefined && { createdAt }),
    ...(origin !== undefined && { origin }),
  };
}

function promptOf(record: NewRecord): string | undefined {
  if (record.type !== 'message' || record.role !== 'user') return undefined;
  return oneLine(messageText(record), PROMPT_CHARACTERS_MAX) || undefined;
}

async function parsedYaml(path: string): Promise<unknown> {
  const { size } = await stat(path);
  if (size > YAML_BYTES_MAX) {
    const hint = 'export the session as json or jsonl: those are read in pieces';
    const message = `${path} is larger than ${YAML_BYTES_MAX} bytes`;
    throw new SessionError('IMPORT_REFUSED', message, { op: 'import', path, hint });
  }
  const { Lexer, parseDocument } = await import('yaml');
  const text = await readFile(path, 'utf8');
  assertModestYaml(text, path, new Lexer());
  try {
    // Each key is not compared with every other; the last of two that are the same counts, as in JSON.
    const document = parseDocument(text, { intAsBigInt: true, logLevel: 'error', uniqueKeys: false });
    if (document.errors.length > 0) throw document.errors[0]!;
    return plain(document.toJS({ maxAliasCount: 100 }), 0);
  } catch (error) {
    if (error instanceof SessionError) throw error;
    // How deep the parser gets before it runs out of stack depends on who called it; too deep is too deep.
    if (error instanceof RangeError || (error as { code?: unknown }).code === 'RESOURCE_EXHAUSTION') {
      throw tooDeep(path, error);
    }
    // The parser's word for too many aliases.
    if (error instanceof ReferenceError) {
      throw new SessionError('IMPORT_REFUSED', `${path} repeats itself beyond reason`, {
        op: 'import',
        path,
        cause: error,
      });
    }
    if ((error as Error).name === 'YAMLParseError') {
      const offsetBytes = (error as { pos?: [number, number] }).pos?.[0];
      const message = `${path} is not valid YAML`;
      throw new SessionError('LOG_UNREADABLE', message, { op: 'import', path, offsetBytes, cause: error });
    }
    throw systemError(error, 'read', path);
  }
}

/** Integers as JSON has them, and nothing that JSON has not. */
function plain(value: unknown, depth: number): unknown {
  if (depth > JSON_DEPTH_MAX) {
    throw new SessionError('RECORD_TOO_DEEP', `nested more than ${JSON_DEPTH_MAX} levels`, { op: 'import' });
  }
  if (typeof value === 'bigint') return parseJson(String(value));
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as LooseObject);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, depth + 1)]));
}
