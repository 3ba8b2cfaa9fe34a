// A session with a model in it: makes requests from the log, runs turns into it, keeps its context, its model and its
// permissions. The agent loop knows no files and the store knows no model; here they meet.

import { isAbsolute, relative, resolve, sep } from 'node:path';
import { judge, joined, permissionsIn, ruleFor } from '../../core/permissions.ts';
import type { Permissions } from '../../core/permissions.ts';
import type { MessageRecord, NewRecord, Part, Usage } from '../../core/record.ts';
import type { Tool, ToolInput } from '../../core/tool.ts';
import { chooseModel } from '../../agent/choose-model.ts';
import { compact, isFull } from '../../agent/compaction.ts';
import type { OpenModel } from '../../agent/open-model.ts';
import { openModel } from '../../agent/open-model.ts';
import type { RequestSource } from '../../agent/request.ts';
import { noteFromRoo } from '../../agent/system-prompt.ts';
import { runAgain } from '../../agent/tool-calls.ts';
import type { TurnEnd, TurnPorts, TurnScreen } from '../../agent/turn.ts';
import { runTurn } from '../../agent/turn.ts';
import { AgentContext } from './agent/agent-context.ts';
import type { ContextNote } from './agent/agent-context.ts';
import type { AgentLog } from './agent/agent-log.ts';
import type { DanglingCall } from './agent/dangling-calls.ts';
import type { RedactionDoor } from './RedactionDoor.ts';
import { danglingCalls } from './agent/dangling-calls.ts';

export type { ContextNote, TurnEnd, TurnScreen };
export type { CallReport } from '../../agent/tool-calls.ts';
export type { AnswerEvent } from '../../agent/answer.ts';

/** What a person answers when a tool asks. `session`: from now on in this session, recorded. */
export type Consent = 'once' | 'session' | 'deny' | 'deny-session';

export interface AgentLimits {
  /** Tokens that the model's context window holds; a compaction makes room before it is full. */
  contextTokens: number;
  /** A model that says nothing for so long is asked again. */
  stallSeconds: number;
}

export interface AgentOptions {
  log: AgentLog;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  userFolder: string;
  /** From flag, environment or configuration; the session's own preference goes before the configuration's. */
  modelName: string | null;
  /** A model that was named on the command line goes before the session's own. */
  modelFlag: string | null;
  /** From configuration and flags; the session's own are added. */
  permissions: Permissions;
  /** From configuration; the session's own go before them. */
  limits: AgentLimits;
  /** All tools there are now. */
  tools(): readonly Tool[];
  /** Resolves when the tools do not depend any more on who answers first. */
  ready?(): Promise<void>;
  /** What happened beside the conversation since the last call, a paragraph each. */
  takeNotes?(): string[];
  /** Asks a person; null where there is nobody to ask. */
  ask: ((tool: Tool, subject: string) => Promise<Consent>) | null;
  /** Puts secrets back in the place of their placeholders; null where none are taken out. */
  door: RedactionDoor | null;
  /** What a person is told of the project's instructions, when they are read. */
  tell(note: ContextNote): void;
  /** Before a tool may change files. */
  beforeChange?(): Promise<void>;
  nowMs(): number;
}

export class AgentSession {
  readonly #options: AgentOptions;
  readonly #context: AgentContext;
  /** Said to the model with the next prompt. */
  #notes: string[] = [];
  #model: OpenModel | null = null;
  #lastUsage: Usage | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#context = new AgentContext(options.log, options, (note) => options.tell(note));
  }

  /** provider/model as it would be asked now; null where none is named. */
  get modelName(): string | null {
    const { modelFlag, modelName, log } = this.#options;
    const preferred = log.config['model'];
    return modelFlag ?? (typeof preferred === 'string' ? preferred : null) ?? modelName;
  }

  /** Throws MODEL_NOT_CONFIGURED, with a hint that says how to set one up. */
  assertModel(): void {
    chooseModel(this.modelName, this.#options.environment);
  }

  /** Chooses the model of this session from now on. Throws MODEL_NOT_CONFIGURED for one that cannot be reached. */
  async setModel(name: string): Promise<string> {
    const { provider, modelId } = chooseModel(name, this.#options.environment);
    const full = `${provider}/${modelId}`;
    this.#options.modelFlag = null;
    this.#model = null;
    await this.#options.log.append({ type: 'config', patch: { model: full } });
    return full;
  }

  /** The session was changed by another door, such as a rewind: what is asked for next is read from its log again. */
  forget(): void {
    this.#options.log.forget();
    this.#lastUsage = undefined;
  }

  /** Of the active branch; null while there is none. */
  lastMessage(): MessageRecord | null {
    return this.#options.log.conversation().past.at(-1)?.message ?? null;
  }

  /** Calls of the active branch's last answer that have no end. */
  dangling(): DanglingCall[] {
    const { log } = this.#options;
    return danglingCalls(log.conversation(), log.openCalls);
  }

  /** Runs a turn to its end. Throws MODEL_NOT_CONFIGURED before anything is recorded, and what the log throws. */
  async prompt(parts: Part[] | null, screen: TurnScreen, signal: AbortSignal): Promise<TurnEnd> {
    const ports = await this.#ports(screen, signal);
    this.#notes.push(...(await this.#context.changes()), ...(this.#options.takeNotes?.() ?? []));
    if (this.#isFull()) await this.compact('', signal);
    const end = await runTurn(parts && this.#takeNotes(parts), ports, signal);
    this.#lastUsage = this.#options.log.conversation().past.findLast(({ message }) => message.usage)?.message.usage;
    return end;
  }

  /** Runs an interrupted call again, as the user chose. */
  async runAgain({ call, messageId }: DanglingCall, screen: TurnScreen, signal: AbortSignal): Promise<void> {
    await runAgain(call, messageId, await this.#ports(screen, signal), signal);
  }

  /** Ends an interrupted call as failed: it is not offered again. */
  async markFailed({ call }: DanglingCall): Promise<void> {
    const output = 'This call was interrupted, and the developer marked it as failed.';
    await this.#options.log.append({ type: 'tool-end', callId: call.callId, status: 'interrupted', output });
  }

  /** Replaces what was said so far by a summary, for requests from here on. */
  async compact(wish: string, signal: AbortSignal): Promise<{ summary: string; tokensBefore: number }> {
    const model = await this.#openModel();
    const { log, nowMs, door } = this.#options;
    const compaction = await compact(await this.#source(model), model, {
      usage: this.#usage(),
      // It goes to the model and stands in no log.
      wish: (await door?.text(wish)) ?? wish,
      signal,
      stallMs: this.#limit('stallSeconds') * 1000,
      nowMs,
      newId: () => log.newId(),
    });
    await log.append({ type: 'compaction', ...compaction });
    this.#lastUsage = undefined;
    return { summary: compaction.summary, tokensBefore: compaction.tokensBefore ?? 0 };
  }

  async #ports(screen: TurnScreen, signal: AbortSignal): Promise<TurnPorts> {
    const { log, workingDirectory, environment, nowMs, beforeChange, door } = this.#options;
    const model = await this.#openModel();
    await this.#options.ready?.();
    await this.#context.ensure(model.name, this.#options.tools());
    return {
      model,
      log,
      screen,
      tools: this.#options.tools(),
      source: () => this.#source(model),
      permit: (tool, subject) => this.#permit(tool, subject),
      reveal: async (input) => (door ? ((await door.revealIn(input)) as ToolInput) : input),
      beforeChange: async () => beforeChange?.(),
      afterAnswer: async (usage) => {
        this.#lastUsage = usage;
        if (this.#isFull()) await this.compact('', signal);
      },
      workingDirectory,
      environment,
      stallMs: this.#limit('stallSeconds') * 1000,
      nowMs,
      newId: () => log.newId(),
    };
  }

  #isFull(): boolean {
    return isFull(this.#usage(), this.#limit('contextTokens'));
  }

  #limit(key: keyof AgentLimits): number {
    const own = this.#options.log.config[key];
    return typeof own === 'number' ? own : this.#options.limits[key];
  }

  /** Of the last answer to the whole conversation; unknown right after a compaction. */
  #usage(): Usage | undefined {
    if (this.#lastUsage) return this.#lastUsage;
    const { summary, past } = this.#options.log.conversation();
    return summary === null ? past.findLast(({ message }) => message.usage)?.message.usage : undefined;
  }

  async #openModel(): Promise<OpenModel> {
    this.#model ??= await openModel(chooseModel(this.modelName, this.#options.environment));
    return this.#model;
  }

  async #source(model: OpenModel): Promise<RequestSource> {
    const { systemPrompt, tools } = await this.#context.ensure(model.name, this.#options.tools());
    const { summary, past } = this.#options.log.conversation();
    return { systemPrompt, tools, summary, past };
  }

  #takeNotes(parts: Part[]): Part[] {
    if (this.#notes.length === 0) return parts;
    const notes = this.#notes;
    this.#notes = [];
    return [{ type: 'text', text: noteFromRoo(notes) }, ...parts];
  }

  async #permit(tool: Tool, subject: string): Promise<{ allowed: boolean; reason: string }> {
    const deed = { tool: tool.name, effect: tool.effect, subject: this.#subject(tool, subject) };
    const { log } = this.#options;
    const recorded = permissionsIn(log.config);
    // What the log says is allowed counts only where it was allowed on this machine.
    const granted = new Set(log.granted());
    const own = { ...recorded, allow: recorded.allow.filter((rule) => granted.has(rule)) };
    const { decision, rule } = judge(deed, joined(this.#options.permissions, own));
    if (decision === 'allow') return { allowed: true, reason: '' };
    if (decision === 'deny') return { allowed: false, reason: `Denied by the rule ${rule}.` };
    const { ask } = this.#options;
    if (!ask) {
      return { allowed: false, reason: `Denied: nobody is there to ask. It can be allowed with --allow ${tool.name}.` };
    }
    const consent = await ask(tool, deed.subject);
    if (consent === 'session') await this.#keepRule('allow', own, ruleFor(deed));
    if (consent === 'deny-session') await this.#keepRule('deny', own, ruleFor(deed));
    const allowed = consent === 'once' || consent === 'session';
    return { allowed, reason: allowed ? '' : 'The developer denied this call.' };
  }

  /** Paths as rules name them: from the working directory, where they lie in it, and without detours. */
  #subject({ effect }: Tool, subject: string): string {
    if (effect === 'run' || subject === '') return subject;
    const { workingDirectory } = this.#options;
    const path = resolve(workingDirectory, subject);
    const inside = relative(workingDirectory, path);
    return inside.startsWith('..') || isAbsolute(inside) ? path : inside.replaceAll(sep, '/');
  }

  async #keepRule(kind: 'allow' | 'deny', own: Permissions, given: string): Promise<void> {
    const { log, door } = this.#options;
    // It is kept beside the log too, and a command may have a secret in it.
    const rule = (await door?.text(given)) ?? given;
    const record: NewRecord = { type: 'config', patch: { [`permissions.${kind}`]: [...own[kind], rule] } };
    await log.append(record);
    if (kind === 'allow') log.grant(rule);
  }
}
