// Sessions of Gemini CLI: files under `tmp/<project>/chats/`, those of subagents in a folder named after their session.
// A session that was resumed in a later minute lies in several files. Read: clients 0.4 (JSON documents) to 0.61.

import path from 'node:path';
import { jsonStringIn } from '../core/json.ts';
import { oneLine } from '../core/message-text.ts';
import type { Adapter, ForeignHeader, ForeignSession } from './adapter.ts';
import { assertFormat, headEntries } from './entry-reader.ts';
import { readFolder, readFound, readSmallFile } from './folder-reader.ts';
import type { FoundFile } from './folder-reader.ts';
import { openDocument } from './gemini-cli-document.ts';
import { isInjected, textOfContent } from './gemini-cli-parts.ts';
import { GeminiReader } from './gemini-cli-reader.ts';
import { isDocument, openLines } from './gemini-cli-source.ts';
import { isObject, objectOf, present, textOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

const TITLE = 'Gemini CLI';
const TITLE_CHARACTERS_MAX = 80;

export const geminiCli: Adapter = {
  name: 'gemini-cli',
  title: TITLE,

  detect(_path, head) {
    return isDocument(head) ? isSessionDocument(head) : headEntries(head).some(isEntry);
  },

  async *list(home, environment) {
    const root = path.join(environment['GEMINI_CLI_HOME'] || home, '.gemini', 'tmp');
    for (const project of await readFolder(root)) {
      if (!project.isFolder) continue;
      const chats = path.join(project.path, 'chats');
      yield* sessionsIn(chats, await projectPathOf(chats));
      for (const below of await readFolder(chats)) {
        if (below.isFolder) yield* sessionsIn(below.path, await projectPathOf(chats), below.name);
      }
    }
  },

  async read(paths, sink) {
    const heads = new Map<string, string>();
    for (const file of paths) heads.set(file, (await readFound(file))?.head ?? '');
    const documents = paths.filter((file) => isDocument(heads.get(file)!));
    const lines = paths.filter((file) => !documents.includes(file));
    if (!documents.some((file) => isSessionDocument(heads.get(file)!))) await assertFormat(lines, TITLE, isEntry);
    const reader = new GeminiReader(sink, await headerOf(paths[0]!, heads.get(paths[0]!)!));
    for (const [index, file] of paths.entries()) {
      const prefix = index === 0 ? '' : path.basename(file);
      const source = await (documents.includes(file) ? openDocument(file, prefix) : openLines(file, prefix));
      try {
        await reader.readFile(source);
      } finally {
        await source.close();
      }
    }
    await reader.end();
  },
};

function isEntry(value: JsonObject): boolean {
  if (isObject(value['$set']) || typeof value['$rewindTo'] === 'string') return true;
  if (typeof value['sessionId'] === 'string' && typeof value['projectHash'] === 'string') return true;
  const isMessage = typeof value['id'] === 'string' && 'timestamp' in value && 'content' in value && !('role' in value);
  return isMessage && (value['type'] === 'gemini' || value['type'] === 'user');
}

function isSessionDocument(head: string): boolean {
  return /"sessionId"\s*:\s*"/.test(head) && /"projectHash"\s*:\s*"/.test(head);
}

/** What is known before the messages: the id, and from the folder the project and the parent. */
async function headerOf(file: string, head: string): Promise<ForeignHeader> {
  const folder = path.dirname(file);
  const below = path.basename(path.dirname(folder)) === 'chats';
  const projectPath = await projectPathOf(below ? path.dirname(folder) : folder);
  return {
    id: sessionIdOf(file, head),
    ...(projectPath !== undefined && { project: { path: projectPath } }),
    ...(below && { parent: path.basename(folder) }),
  };
}

/** Newer clients write the project's path into its folder, whose name alone does not tell it. */
async function projectPathOf(chats: string): Promise<string | undefined> {
  return (await readSmallFile(path.join(path.dirname(chats), '.project_root')))?.trim() || undefined;
}

function sessionIdOf(file: string, head: string): string {
  const id = /"sessionId"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
  return (id === undefined ? undefined : jsonStringIn(id)) ?? path.basename(file).replace(/\.jsonl?$/, '');
}

async function* sessionsIn(
  folder: string,
  projectPath: string | undefined,
  parent?: string,
): AsyncGenerator<ForeignSession> {
  const byId = new Map<string, FoundFile[]>();
  for (const entry of await readFolder(folder)) {
    if (entry.isFolder || !/\.jsonl?$/.test(entry.name)) continue;
    const found = await readFound(entry.path);
    if (found === undefined || found.sizeBytes === 0) continue;
    const id = sessionIdOf(entry.path, found.head);
    byId.set(id, [...(byId.get(id) ?? []), found]);
  }
  for (const [id, files] of byId) {
    yield {
      agent: 'gemini-cli',
      id,
      paths: files.map((file) => file.path),
      ...present({ title: files.map(titleOf).find(Boolean), projectPath, parent }),
      updatedAtMs: Math.max(...files.map((file) => file.updatedAtMs)),
      sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    };
  }
}

function titleOf({ head }: FoundFile): string | undefined {
  for (const value of headEntries(head)) {
    const summary = textOf(objectOf(value['$set'] ?? value)['summary']);
    if (summary !== undefined) return summary;
    const text = value['type'] === 'user' ? textOfContent(value['content']) : '';
    if (text !== '' && !isInjected(text)) return oneLine(text, TITLE_CHARACTERS_MAX);
  }
  return undefined;
}
