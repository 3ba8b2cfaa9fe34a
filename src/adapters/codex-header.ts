// What a rollout says of its session: the first line, and names and models told later.

import type { ForeignHeader, ForeignRecord, Sink } from './adapter.ts';
import type { CodexLine } from './codex-lines.ts';
import { listOf, objectOf, present, presentOrNone, textOf, timeOf, without } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

export class CodexHeader {
  readonly #sink: Sink;
  #header: ForeignHeader;
  #told = '';
  #hasMeta = false;
  #cwd: string | undefined;

  constructor(sink: Sink, file: string) {
    this.#sink = sink;
    this.#header = { id: sessionIdOf(file) };
  }

  get model(): string | undefined {
    return this.#header.model;
  }

  /** Tells the sink at least the id, for a rollout whose first line is lost. */
  async tell(): Promise<void> {
    if (this.#told === '') await this.say({});
  }

  /** Records made from a `session_meta` line. Only the first is this session's: a fork copies its parent's after it. */
  async meta(line: CodexLine, id: string): Promise<ForeignRecord[]> {
    const { payload, entry } = line;
    const custom = (value: JsonObject): ForeignRecord => ({
      id,
      ...present({ at: line.at }),
      type: 'custom',
      kind: 'codex:session_meta',
      value,
    });
    if (this.#hasMeta) return [custom(entry.value)];
    this.#hasMeta = true;
    const git = objectOf(payload['git']);
    const cwd = textOf(payload['cwd']);
    this.#cwd = cwd;
    const gitRemote = withoutCredentials(textOf(git['repository_url']));
    await this.say(
      present({
        id: textOf(payload['id']) ?? textOf(payload['session_id']) ?? this.#header.id,
        project: cwd === undefined ? undefined : { path: cwd, ...present({ gitRemote }) },
        version: textOf(payload['cli_version']),
        createdAt: timeOf(payload['timestamp']) ?? line.at,
        parent: parentOf(payload),
      }),
    );
    const context = presentOrNone({
      systemPrompt: textOf(objectOf(payload['base_instructions'])['text']) ?? textOf(payload['instructions']),
      tools: payload['dynamic_tools'] === undefined ? undefined : [...listOf(payload['dynamic_tools'])],
      gitBranch: textOf(git['branch']),
      gitCommit: textOf(git['commit_hash']),
    });
    // The instructions are the bulk of the line, and in the context record.
    const rest = without(payload, new Set(['base_instructions', 'instructions', 'dynamic_tools'])) ?? {};
    const records = [custom(payload === entry.value ? rest : { ...entry.value, payload: rest })];
    if (context === undefined) return records;
    return [...records, { id: `${id}:context`, ...present({ at: line.at }), type: 'context', context }];
  }

  /** Takes in the settings of a turn. Gives a `state` record when the working directory changed. */
  async turn(line: CodexLine, id: string): Promise<ForeignRecord | undefined> {
    await this.say(present({ model: textOf(line.payload['model']) }));
    const cwd = textOf(line.payload['cwd']);
    const before = this.#cwd;
    if (cwd === undefined || cwd === before) return undefined;
    this.#cwd = cwd;
    if (before === undefined) await this.say({ project: { path: cwd } });
    return { id: `${id}:cwd`, ...present({ at: line.at }), type: 'state', patch: { workingDirectory: cwd } };
  }

  /** Tells the sink when something is new. */
  async say(patch: Partial<ForeignHeader>): Promise<void> {
    this.#header = { ...this.#header, ...patch };
    const told = JSON.stringify(this.#header);
    if (told === this.#told) return;
    this.#told = told;
    await this.#sink.header(this.#header);
  }
}

/** Rollouts are named `rollout-<local time>-<uuid>.jsonl`. */
export function sessionIdOf(file: string): string {
  const name = file
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.jsonl(\.zst)?$/, '');
  return /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(name)?.[0] ?? name;
}

function parentOf(payload: JsonObject): string | undefined {
  const subagent = objectOf(objectOf(payload['source'])['subagent']);
  return textOf(payload['parent_thread_id']) ?? textOf(objectOf(subagent['thread_spawn'])['parent_thread_id']);
}

/** Tokens are often kept in the URL of a remote. */
function withoutCredentials(url: string | undefined): string | undefined {
  return url?.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^@/]*@/i, '$1');
}
