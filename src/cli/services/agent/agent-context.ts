// What every request of a session begins with: system prompt and tool list. Written down when the first turn begins and
// kept word for word, so that a provider's cache of the beginning stays warm; what changed meanwhile is told as a note.

import { isAbsolute, relative } from 'node:path';
import { textHash } from '../../../core/text-hash.ts';
import type { Context } from '../../../core/record.ts';
import type { Tool, ToolDefinition } from '../../../core/tool.ts';
import { systemPrompt } from '../../../agent/system-prompt.ts';
import { readProjectContext } from '../../../workspace/project-context.ts';
import type { ProjectContext } from '../../../workspace/project-context.ts';
import type { AgentLog } from './agent-log.ts';

export interface RequestBeginning {
  systemPrompt: string;
  tools: readonly ToolDefinition[];
}

interface Place {
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  userFolder: string;
}

/** Whose system prompt it is: one that another client wrote speaks of tools that are not here. */
const CLIENT = 'roo';

/** What a person is told of the project's instructions. */
export interface ContextNote {
  kind: 'loaded' | 'changed' | 'left-out';
  text: string;
}

export class AgentContext {
  readonly #log: AgentLog;
  readonly #place: Place;
  readonly #tell: (note: ContextNote) => void;
  #hasLooked = false;
  /** The tools of the recorded beginning, as they were given. */
  #made: string | null = null;

  constructor(log: AgentLog, place: Place, tell: (note: ContextNote) => void) {
    this.#log = log;
    this.#place = place;
    this.#tell = tell;
  }

  /** The beginning as it is recorded; records it first where there is none, or where tools or model changed. */
  async ensure(model: string, tools: readonly Tool[]): Promise<RequestBeginning> {
    const definitions = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    const known = this.#log.context;
    // What is recorded may lack secrets that the definitions have: then they are compared with what it was made of.
    const made = JSON.stringify(definitions);
    const isSame = known?.model === model && (made === this.#made || sameJson(known.tools, definitions));
    if (known && isOurs(known) && isSame) {
      return { systemPrompt: known.systemPrompt, tools: known.tools as ToolDefinition[] };
    }
    const next = { ...(known && isOurs(known) ? known : await this.#newContext(known)), model, tools: definitions };
    await this.#log.append({ type: 'context', context: next });
    this.#made = made;
    // As it was recorded: without the secrets that may stand in AGENTS.md.
    const recorded = this.#log.context!;
    return { systemPrompt: recorded.systemPrompt!, tools: recorded.tools as ToolDefinition[] };
  }

  /** In sentences: what of the project's instructions and git state is not as the session knows it. Looks once. */
  async changes(): Promise<string[]> {
    const known = this.#log.context;
    if (this.#hasLooked || !known || !isOurs(known)) return [];
    this.#hasLooked = true;
    const now = await this.#project();
    const lines: string[] = [];
    const before = new Map(instructionsOf(known).map(({ path, hash }) => [path, hash]));
    for (const { path, text } of now.instructions) {
      if (before.get(path) !== textHash(text)) {
        lines.push(`${path} changed since this session began; it now says:\n${text}`);
        this.#tell({ kind: 'changed', text: `${this.#shown(path)} changed; the model is told` });
      }
      before.delete(path);
    }
    for (const path of before.keys()) {
      lines.push(`${path}, whose instructions you were given, is gone.`);
      this.#tell({ kind: 'changed', text: `${this.#shown(path)} is gone; the model is told` });
    }
    const { gitBranch, gitCommit } = now;
    if (gitBranch !== known.gitBranch)
      lines.push(`The git branch is now ${gitBranch ?? 'none'} (it was ${known.gitBranch ?? 'none'}).`);
    else if (gitCommit !== known.gitCommit)
      lines.push(`The git commit is now ${gitCommit ?? 'none'} (it was ${known.gitCommit ?? 'none'}).`);
    if (lines.length > 0) {
      const { instructions } = now;
      const hashes = instructions.map(({ path, text }) => ({ path, hash: textHash(text) }));
      const { gitBranch: _branch, gitCommit: _commit, ...rest } = known;
      const context = { ...rest, ...gitState(now), instructions: hashes };
      await this.#log.append({ type: 'context', context });
    }
    return lines;
  }

  async #newContext(known: Context | undefined): Promise<Context & { systemPrompt: string }> {
    this.#hasLooked = true;
    const project = await this.#project();
    const paths = project.instructions.map(({ path }) => this.#shown(path));
    if (paths.length > 0) this.#tell({ kind: 'loaded', text: `instructions from ${paths.join(', ')}` });
    const { workingDirectory, environment } = this.#place;
    const prompt = systemPrompt({
      workingDirectory,
      platform: process.platform,
      shell: environment['SHELL'] ?? '/bin/sh',
      ...(project.gitBranch !== undefined && { gitBranch: project.gitBranch }),
      instructions: project.instructions,
    });
    return {
      client: CLIENT,
      systemPrompt: prompt,
      instructions: project.instructions.map(({ path, text }) => ({ path, hash: textHash(text) })),
      ...gitState(project),
      ...(known?.openFiles && { openFiles: known.openFiles }),
    };
  }

  async #project(): Promise<ProjectContext> {
    const { workingDirectory, userFolder } = this.#place;
    const project = await readProjectContext({ workingDirectory, userFolder });
    for (const { path, reason } of project.skipped)
      this.#tell({ kind: 'left-out', text: `${this.#shown(path)} was not read: ${reason}` });
    return project;
  }

  /** From the working directory where it lies in it. */
  #shown(path: string): string {
    const inside = relative(this.#place.workingDirectory, path);
    return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside;
  }
}

function gitState({ gitBranch, gitCommit }: { gitBranch?: string; gitCommit?: string }): Partial<Context> {
  return { ...(gitBranch !== undefined && { gitBranch }), ...(gitCommit !== undefined && { gitCommit }) };
}

function isOurs(context: Context): context is Context & { systemPrompt: string } {
  return context['client'] === CLIENT && typeof context.systemPrompt === 'string';
}

function instructionsOf(context: Context): { path: string; hash: number }[] {
  const value = context['instructions'];
  return Array.isArray(value) ? (value as { path: string; hash: number }[]) : [];
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
