// One server over its whole life: connected, lost, tried again, given up. A server that fails is a state with a reason
// and never an exception, so that it cannot keep the others or the session from anything.

import { EventEmitter } from 'node:events';
import type { Resource, Tool } from '@modelcontextprotocol/client';
import type { McpServer } from '../../core/record.ts';
import type { ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { isConnectionClosed, isTimeout, isUndelivered, reasonOf } from './failure-reason.ts';
import { Link } from './link.ts';
import type { LinkEvents, LinkSettings, Lists } from './link.ts';

/**
 * `connecting` is also a server that was lost and is about to be tried again; `failed` is not tried again until somebody
 * asks or calls a tool of it; `disconnected` is turned off.
 */
export type McpStatus = 'connecting' | 'connected' | 'failed' | 'disconnected';

export interface ConnectionSettings extends LinkSettings {
  /** How long to wait before each attempt to reach a lost server again. After the last one it has failed. */
  retryDelaysMs: readonly number[];
}

export class McpConnection extends EventEmitter<{ changed: [] }> {
  readonly server: McpServer;
  readonly #settings: ConnectionSettings;
  #status: McpStatus = 'disconnected';
  #reason: string | null = null;
  #tools: readonly Tool[] | null = null;
  #resources: readonly Resource[] | null = null;
  #link: Link | null = null;
  #attempt: Promise<Link | null> | null = null;
  #stop = new AbortController();
  /** What is left of the delays. Connecting again does not fill them up: a server may die right after it, for ever. */
  #delaysMs: readonly number[] = [];
  #retryTimer: NodeJS.Timeout | undefined;
  /** Links that have ended and whose processes are about to. */
  readonly #closings = new Set<Promise<void>>();

  constructor(server: McpServer, settings: ConnectionSettings) {
    super();
    this.server = server;
    this.#settings = settings;
  }

  get status(): McpStatus {
    return this.#status;
  }
  /** Why it is not connected, or what is amiss although it is, in a line that is safe to print; null when all is well. */
  get reason(): string | null {
    return this.#reason;
  }
  /** What it offered when last connected; null when it never was in this run. */
  get tools(): readonly Tool[] | null {
    return this.#tools;
  }
  get resources(): readonly Resource[] | null {
    return this.#resources;
  }

  /** Never rejects: how it went is the status. A second call joins the attempt that runs. */
  async connect(options: { signal?: AbortSignal; timeoutMs?: number } = {}): Promise<void> {
    this.#delaysMs = [];
    if (await this.#open(options)) this.#delaysMs = this.#settings.retryDelaysMs;
  }

  /** It is not started, and says why. It can be connected all the same. */
  refuse(reason: string): void {
    this.#become('failed', reason);
  }

  /** Ends the server's processes. It can be connected again. */
  async close(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#stop.abort();
    await this.#attempt;
    if (this.#link) this.#drop(this.#link);
    this.#become('disconnected', 'it is turned off');
    await Promise.all(this.#closings);
  }

  /** Where there is no answer, the outcome says why and whether the tool may have run. Rejects only as `call.output` does. */
  async call(name: string, input: ToolInput, call: ToolCall): Promise<ToolOutcome> {
    let told: Promise<unknown> = Promise.resolve();
    const tell = (progress: string): void => {
      told = told.then(() => call.output(Buffer.from(progress)));
      // Awaited below, which may be too late for Node's watch over rejections.
      told.catch(() => {});
    };
    const outcome = await this.#ask((link) => link.call(name, input, call.signal, tell), call.signal);
    await told;
    return outcome;
  }

  /** What a resource holds, in the same way. */
  read(uri: string, signal: AbortSignal): Promise<ToolOutcome> {
    return this.#ask((link) => link.read(uri, signal), signal);
  }

  async #ask(ask: (link: Link) => Promise<ToolOutcome>, signal: AbortSignal): Promise<ToolOutcome> {
    // The loop may still hold the tools of a server that the user has turned off since.
    if (this.#status === 'disconnected') return noServer(this.server.name, `was turned off`);
    for (let isAgain = false; ; isAgain = true) {
      const link = this.#link ?? (await orAborted(this.#open({}), signal));
      if (signal.aborted) return { status: 'interrupted', output: 'The call was interrupted before it began.' };
      if (!link) return noServer(this.server.name, `cannot be reached: ${this.#reason}. It was tried again just now`);
      try {
        const outcome = await ask(link);
        this.#delaysMs = this.#settings.retryDelaysMs;
        return outcome;
      } catch (error) {
        if (signal.aborted) return { status: 'interrupted', output: 'The call was interrupted and cancelled.' };
        if (isAgain || !isUndelivered(error)) return this.#noAnswer(error, link);
        // The server was restarted behind our back: it knows nothing of this session, and has done nothing yet.
        if (this.#link !== link) continue;
        this.#drop(link);
        this.#become('connecting', reasonOf(error, 0, link.mask));
      }
    }
  }

  #noAnswer(error: unknown, link: Link): ToolOutcome {
    const { callTimeoutMs } = this.#settings;
    const lost = isConnectionClosed(error) ? (this.#reason ?? 'the connection ended') : null;
    const why = lost === null ? reasonOf(error, callTimeoutMs, link.mask) : `it was lost during the call (${lost})`;
    const doubt = lost !== null || isTimeout(error) ? '. The tool may have run or not.' : '';
    return { status: 'error', output: `No result of the MCP server "${this.server.name}": ${why}${doubt}` };
  }

  #open(options: { signal?: AbortSignal; timeoutMs?: number }): Promise<Link | null> {
    clearTimeout(this.#retryTimer);
    if (this.#link) return Promise.resolve(this.#link);
    this.#attempt ??= this.#tryOnce(options).finally(() => (this.#attempt = null));
    return this.#attempt;
  }

  async #tryOnce({ signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number }): Promise<Link | null> {
    this.#stop = new AbortController();
    const stop = this.#stop.signal;
    const settings = { ...this.#settings, ...(timeoutMs !== undefined && { connectTimeoutMs: timeoutMs }) };
    this.#become('connecting', this.#reason);
    let note: string | null = null;
    const events: LinkEvents = {
      listed: (lists) => this.#listed(lists),
      noted: (reason) => (note = reason),
      closing: (work) => this.#closing(work),
    };
    // Two of one server at once might fight over a file or a port.
    await Promise.all(this.#closings);
    try {
      const link = await Link.open(this.server, settings, events, signal ? AbortSignal.any([signal, stop]) : stop);
      this.#link = link;
      this.#become('connected', note);
      link.onLost((reason) => this.#lost(link, reason));
      return this.#link;
    } catch (error) {
      if (!stop.aborted) this.#retryOrFail(reasonOf(error, settings.connectTimeoutMs, (text) => text));
      return null;
    }
  }

  #listed({ tools, resources }: Lists): void {
    if (tools) this.#tools = tools;
    if (resources) this.#resources = resources;
    if (this.#status === 'connected') this.emit('changed');
  }

  #lost(link: Link, reason: string): void {
    if (this.#link !== link) return;
    this.#drop(link);
    this.#retryOrFail(reason);
  }

  /** Processes that the server started, and that outlived it, end with it. */
  #drop(link: Link): void {
    this.#link = null;
    this.#closing(link.close());
  }

  #closing(work: Promise<void>): void {
    this.#closings.add(work);
    void work.finally(() => this.#closings.delete(work));
  }

  #retryOrFail(reason: string): void {
    const [delayMs, ...rest] = this.#delaysMs;
    if (delayMs === undefined) return this.#become('failed', reason);
    this.#delaysMs = rest;
    this.#become('connecting', reason);
    // Nobody's reason to stay: a session that is left does not wait for a lost server.
    this.#retryTimer = setTimeout(() => void this.#open({}), delayMs).unref();
  }

  #become(status: McpStatus, reason: string | null): void {
    if (this.#status === status && this.#reason === reason) return;
    this.#status = status;
    this.#reason = reason;
    this.emit('changed');
  }
}

function noServer(name: string, why: string): ToolOutcome {
  return { status: 'error', output: `The MCP server "${name}" ${why}. Its tools do not work until it is back.` };
}

/** Null when the user does not wait for it; the attempt itself goes on, for whoever else does. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return null;
  const { promise, resolve } = Promise.withResolvers<null>();
  const abort = (): void => resolve(null);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
