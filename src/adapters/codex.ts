// Sessions of Codex: one rollout (JSON Lines) each under `sessions/<year>/<month>/<day>/`, archived ones under
// `archived_sessions/`. Read: clients from April 2025 (bare items) to 0.169. Its SQLite files are derived; not read.

import path from 'node:path';
import { SessionError } from '../core/errors.ts';
import { jsonStringIn } from '../core/json.ts';
import { messageText, oneLine } from '../core/message-text.ts';
import type { Adapter, ForeignSession } from './adapter.ts';
import { sessionIdOf } from './codex-header.ts';
import { promptParts } from './codex-items.ts';
import { codexLine, isCodexEntry } from './codex-lines.ts';
import { CodexReader } from './codex-reader.ts';
import { assertFormat, headEntries, readEntries } from './entry-reader.ts';
import { readFolder, readFound, readSmallFile } from './folder-reader.ts';
import { objectOf, present, textOf } from './json-values.ts';

const TITLE = 'Codex';
const TITLE_CHARACTERS_MAX = 80;

export const codex: Adapter = {
  name: 'codex',
  title: TITLE,

  detect(_path, head) {
    // The first line holds the client's whole instructions and may be longer than the head.
    return (
      headEntries(head).some(isCodexEntry) ||
      /^\{"timestamp":"[^"]*",(?:"ordinal":\d+,)?"type":"session_meta","payload":\{/.test(head)
    );
  },

  async *list(home, environment) {
    const root = environment['CODEX_HOME'] || path.join(home, '.codex');
    const names = await readNames(path.join(root, 'session_index.jsonl'));
    for (const folder of ['sessions', 'archived_sessions']) yield* sessionsIn(path.join(root, folder), names);
  },

  async read(paths, sink) {
    for (const file of paths) {
      if (!file.endsWith('.zst')) continue;
      throw new SessionError('NOT_SUPPORTED', `${file} is compressed by Codex`, {
        op: 'import',
        path: file,
        hint: `unpack it (zstd -d ${path.basename(file)}) and import the result`,
      });
    }
    await assertFormat(paths, TITLE, isCodexEntry);
    const reader = new CodexReader(sink, paths[0]!);
    for await (const entry of readEntries(paths, sink)) await reader.read(entry);
    await reader.end();
  },
};

/** Names given by the user, by session id; the last one counts. */
async function readNames(file: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const entry of headEntries((await readSmallFile(file)) ?? '')) {
    const id = textOf(entry['id']);
    const name = textOf(entry['thread_name']);
    if (id !== undefined && name !== undefined) names.set(id, name);
  }
  return names;
}

async function* sessionsIn(folder: string, names: ReadonlyMap<string, string>): AsyncGenerator<ForeignSession> {
  for (const entry of await readFolder(folder)) {
    if (entry.isFolder) yield* sessionsIn(entry.path, names);
    else if (/^rollout-.*\.jsonl(\.zst)?$/.test(entry.name)) {
      const session = await sessionAt(entry.path, names);
      if (session !== undefined) yield session;
    }
  }
}

async function sessionAt(file: string, names: ReadonlyMap<string, string>): Promise<ForeignSession | undefined> {
  const found = await readFound(file);
  if (found === undefined || found.sizeBytes === 0) return undefined;
  const id = sessionIdOf(file);
  const title = names.get(id) ?? firstPrompt(found.head);
  // Before the instructions in the line, so it is there even when the line is longer than the head.
  const cwd = /"cwd":("(?:[^"\\]|\\.)*")/.exec(found.head)?.[1];
  return {
    agent: 'codex',
    id,
    paths: [file],
    ...present({ title, projectPath: cwd === undefined ? undefined : jsonStringIn(cwd) }),
    updatedAtMs: found.updatedAtMs,
    sizeBytes: found.sizeBytes,
  };
}

function firstPrompt(head: string): string | undefined {
  for (const value of headEntries(head)) {
    const { type, payload } = codexLine({ value, key: '', line: 0, offsetBytes: 0, lengthBytes: 0 });
    if (type !== 'response_item' || objectOf(payload)['type'] !== 'message') continue;
    const { role, parts } = promptParts(payload);
    const text = role === 'user' ? oneLine(messageText({ parts }), TITLE_CHARACTERS_MAX) : '';
    if (text !== '') return text;
  }
  return undefined;
}
