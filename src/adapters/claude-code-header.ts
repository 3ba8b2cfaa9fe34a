// What Claude Code repeats on every line: session, project, client version. It is told once, and again when it changes;
// the lines then keep only what differs.

import path from 'node:path';
import type { ForeignHeader, ForeignRecord, ForeignSession, Sink } from './adapter.ts';
import type { Entry } from './entry-reader.ts';
import { present, textOf, timeOf, without } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Id of the session in a file, and its parent. The file's name is the id, because after a resume in older clients the
 * lines copied from the session before still carry that one's id. A subagent's file carries its session's id.
 */
export function identityOf(file: string, entry: JsonObject): Pick<ForeignSession, 'id' | 'parent'> {
  const name = path.basename(file, '.jsonl');
  const sessionId = textOf(entry['sessionId']);
  if (entry['isSidechain'] === true || name.startsWith('agent-')) {
    const agentId = textOf(entry['agentId']);
    const agent = agentId === undefined ? name : `agent-${agentId}`;
    return sessionId === undefined ? { id: agent } : { id: `${sessionId}/${agent}`, parent: sessionId };
  }
  return { id: UUID.test(name) ? name : (sessionId ?? name) };
}

/** A title by who gave it: the user, then the client's model, then a summary of older clients. */
export type TitleRank = 1 | 2 | 3;

const MOVED: ReadonlySet<string> = new Set(['type', 'uuid', 'parentUuid', 'timestamp', 'sessionId', 'message']);
const REPEATED = ['cwd', 'version', 'gitBranch', 'userType', 'entrypoint', 'isSidechain', 'slug', 'agentId'] as const;

export class ClaudeHeader {
  readonly #sink: Sink;
  readonly #file: string;
  readonly #usual = new Map<string, unknown>();
  #header: ForeignHeader = { id: '' };
  #identified = false;
  #cwd: string | undefined;
  #titleRank = 0;

  constructor(sink: Sink, file: string) {
    this.#sink = sink;
    this.#file = file;
  }

  /** The branch at the beginning; undefined outside a repository. */
  get gitBranch(): string | undefined {
    return textOf(this.#usual.get('gitBranch')) || undefined;
  }

  /** Takes in what an entry says of the session. Gives a `state` record when the working directory changed. */
  async see({ value, key }: Entry): Promise<ForeignRecord | undefined> {
    for (const field of REPEATED) {
      if (value[field] !== undefined && !this.#usual.has(field)) this.#usual.set(field, value[field]);
    }
    const cwd = textOf(value['cwd']);
    const at = timeOf(value['timestamp']);
    await this.say({
      ...(this.#identified ? undefined : identityOf(this.#file, value)),
      ...(cwd !== undefined && this.#cwd === undefined && { project: { path: cwd } }),
      ...present({ version: textOf(value['version']), createdAt: this.#header.createdAt ?? at }),
    });
    this.#identified ||= typeof value['sessionId'] === 'string';
    const before = this.#cwd;
    if (cwd === undefined || cwd === before) return undefined;
    this.#cwd = cwd;
    if (before === undefined) return undefined;
    return { id: `${key}:cwd`, ...present({ at }), type: 'state', patch: { workingDirectory: cwd } };
  }

  /** Tells the sink when something is new. */
  async say(patch: Partial<ForeignHeader>): Promise<void> {
    const next: ForeignHeader = { ...this.#header, ...patch };
    const old: Readonly<Record<string, unknown>> = { ...this.#header };
    // Projects are told once, so comparing them by identity is enough.
    if (Object.entries(next).every(([field, value]) => old[field] === value)) return;
    this.#header = next;
    await this.#sink.header(next);
  }

  async title(rank: TitleRank, title: string): Promise<void> {
    if (rank < this.#titleRank || title === '') return;
    this.#titleRank = rank;
    await this.say({ title });
  }

  /** The fields of an entry that have no other place and are not as usual; undefined when there are none. */
  rest(entry: JsonObject, moved: readonly string[] = []): JsonObject | undefined {
    const usual = REPEATED.filter((field) => entry[field] === this.#usual.get(field));
    return without(entry, new Set([...MOVED, ...moved, ...usual]));
  }
}
