// Sessions of Claude Code: one JSON Lines file each under `projects/<folder name of the project>/`, the talks with
// subagents in files of their own below. Read: clients 1.0 to 2.1.

import path from 'node:path';
import type { Adapter, ForeignSession } from './adapter.ts';
import { identityOf } from './claude-code-header.ts';
import { ClaudeReader } from './claude-code-reader.ts';
import { blocksOf, userParts } from './claude-code-parts.ts';
import { assertFormat, headEntries, readEntries } from './entry-reader.ts';
import { readFolder, readFound } from './folder-reader.ts';
import { objectOf, present, textOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';
import { messageText, oneLine } from '../core/message-text.ts';

const TITLE = 'Claude Code';
const TITLE_CHARACTERS_MAX = 80;

/** Entries that only this client writes and that do not say whether they belong to a sidechain. */
const OWN_TYPES: ReadonlySet<unknown> = new Set([
  'queue-operation',
  'last-prompt',
  'custom-title',
  'ai-title',
  'agent-name',
  'permission-mode',
  'cost-state',
  'api-request',
  'api-request-blob',
  'api-request-shape',
]);

export const claudeCode: Adapter = {
  name: 'claude-code',
  title: TITLE,

  detect(_path, head) {
    // A first line longer than the head (an image in the prompt) is told by its first fields.
    return (
      headEntries(head).some(isEntry) ||
      /^\{"parentUuid":(?:null|"[^"]*"),"(?:logicalParentUuid|isSidechain)":/.test(head)
    );
  },

  async *list(home, environment) {
    const configured = environment['CLAUDE_CONFIG_DIR'];
    const roots = configured
      ? [configured]
      : [path.join(home, '.claude'), path.join(environment['XDG_CONFIG_HOME'] || path.join(home, '.config'), 'claude')];
    for (const root of roots) {
      for (const project of await readFolder(path.join(root, 'projects'))) {
        if (project.isFolder) yield* sessionsIn(project.path);
      }
    }
  },

  async read(paths, sink) {
    await assertFormat(paths, TITLE, isEntry);
    const reader = new ClaudeReader(sink, paths[0]!);
    for await (const entry of readEntries(paths, sink)) await reader.read(entry);
    await reader.end();
  },
};

function isEntry(value: JsonObject): boolean {
  const { type } = value;
  if (typeof value['isSidechain'] === 'boolean') return typeof value['uuid'] === 'string';
  if (type === 'user' || type === 'assistant') {
    // Qwen Code chains its entries the same way, but its messages have `parts`.
    return typeof value['uuid'] === 'string' && objectOf(value['message'])['content'] !== undefined;
  }
  if (type === 'summary') return typeof value['leafUuid'] === 'string';
  if (type === 'file-history-snapshot') return 'snapshot' in value;
  return OWN_TYPES.has(type) && typeof value['sessionId'] === 'string';
}

/** The sessions of one project, and in the folder of each the talks with its subagents. */
async function* sessionsIn(project: string): AsyncGenerator<ForeignSession> {
  for (const entry of await readFolder(project)) {
    if (entry.isFolder) yield* subagentsIn(entry.path);
    else if (entry.name.endsWith('.jsonl')) yield* sessionAt(entry.path);
  }
}

/** However deep: newer clients sort them by what started them. Beside them lie tools' outputs, which are no sessions. */
async function* subagentsIn(folder: string): AsyncGenerator<ForeignSession> {
  for (const entry of await readFolder(folder)) {
    if (entry.isFolder && entry.name !== 'tool-results') yield* subagentsIn(entry.path);
    else if (/^agent-.*\.jsonl$/.test(entry.name)) yield* sessionAt(entry.path);
  }
}

async function* sessionAt(file: string): AsyncGenerator<ForeignSession> {
  const found = await readFound(file);
  // A client that was started and left writes nothing into its file.
  if (found === undefined || found.sizeBytes === 0) return;
  const entries = headEntries(found.head);
  const told = (field: string): string | undefined => entries.map((entry) => textOf(entry[field])).find(Boolean);
  yield {
    agent: 'claude-code',
    ...identityOf(file, entries.find((entry) => typeof entry['sessionId'] === 'string') ?? {}),
    paths: [file],
    ...present({ title: told('customTitle') ?? told('aiTitle') ?? firstPrompt(entries), projectPath: told('cwd') }),
    updatedAtMs: found.updatedAtMs,
    sizeBytes: found.sizeBytes,
  };
}

function firstPrompt(entries: readonly JsonObject[]): string | undefined {
  for (const entry of entries) {
    if (entry['type'] !== 'user' || entry['isMeta'] === true) continue;
    const { role, parts } = userParts(blocksOf(objectOf(entry['message'])['content']));
    const text = role === 'user' ? oneLine(messageText({ parts }), TITLE_CHARACTERS_MAX) : '';
    if (text !== '') return text;
  }
  return undefined;
}
