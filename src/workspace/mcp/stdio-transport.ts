// A server that runs as a process and talks over its standard input and output. Our own and not the SDK's, which takes
// the environment of this process whatever it is handed, leaves the children of `npx` behind, and shares our process
// group, so that a Ctrl-C meant for a turn would end every server. The process starts before the SDK is loaded: both
// take their time, side by side.

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { McpTransport } from '../../core/record.ts';
import { endGroup } from './process-group.ts';
import type { Environment } from './references.ts';
import { TextTail } from './text-tail.ts';

/** A message holds whole files and images, but a server that never ends a line must not fill the memory. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
/** How long the last output is waited for where something else still holds the pipe of an ended server. */
const LAST_OUTPUT_MS = 200;
/** Characters of a line that is no message. Masked whole and then cut: half a secret would not be recognised. */
const GARBAGE_KEPT = 4096;
const GARBAGE_SHOWN = 80;
/** What a program needs to run at all; whatever else a server needs, its config names. Proxies may hold passwords. */
const INHERITED = ['HOME', 'LANG', 'LC_ALL', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'USER'];

type Stdio = Extract<McpTransport, { type: 'stdio' }>;

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #spawned: Promise<void>;
  readonly #stderr = new TextTail();
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #waiting: JSONRPCMessage[] = [];
  #isDelivering = false;
  #garbage: string | null = null;
  #ending: string | null = null;
  #groupEnd: Promise<void> | null = null;
  #isClosed = false;

  /** Starts the process. Never throws: what went wrong is told by `start` and `ending`. The caller must `close`. */
  constructor({ command, args, environment, workingDirectory }: Stdio, inherited: Environment, directory: string) {
    const cwd = workingDirectory ?? directory;
    this.#child = spawn(command, args, {
      cwd,
      env: { ...inheritedOf(inherited), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    });
    this.#spawned = new Promise((resolve, reject) => {
      this.#child.once('spawn', resolve);
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        this.#ending ??= startFailure(error, command, cwd);
        reject(error);
        this.#closed();
      });
    });
    // `start` may come too late for Node, which takes a failure that nobody listens to yet for one that nobody wants.
    this.#spawned.catch(() => {});
    this.#child.stderr.on('data', (bytes: Buffer) => this.#stderr.take(bytes));
    // A pipe breaks when the server ends, which the exit tells better.
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      pipe.on('error', (error) => this.onerror?.(error));
    }
    this.#child.once('exit', (code, signal) => void this.#exited(code, signal));
  }

  async start(): Promise<void> {
    this.#child.stdout.on('data', (bytes: Buffer) => this.#take(bytes));
    await this.#spawned;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const { stdin } = this.#child;
    if (this.#isClosed || !stdin.writable) throw new Error('the server has ended');
    await new Promise<void>((resolve, reject) => {
      stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Resolves when the process and all it started have ended. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#endGroup();
    this.#closed();
  }

  /** Why there are no more messages, and what the server said last; null while it runs. Not masked for the first part. */
  ending(mask: (text: string) => string): string | null {
    return this.#ending === null ? null : [this.#ending, ...this.complaints(mask)].join('; ');
  }

  /** What it printed that was no message, and the end of its standard error. */
  complaints(mask: (text: string) => string): string[] {
    const tail = this.#stderr.shown(mask);
    const shown = this.#garbage === null ? '' : JSON.stringify(mask(this.#garbage).slice(0, GARBAGE_SHOWN));
    const garbage = shown === '' ? [] : [`it printed what is no message: ${shown}`];
    return tail === '' ? garbage : [...garbage, `it said: ${tail}`];
  }

  #endGroup(): Promise<void> {
    const { pid } = this.#child;
    this.#groupEnd ??= pid === undefined ? Promise.resolve() : endGroup(pid);
    return this.#groupEnd;
  }

  async #exited(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    this.#ending ??= signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
    // What it started may hold the pipes for ever, and is of no use without it.
    const group = this.#endGroup();
    const { stdout, stderr } = this.#child;
    const drained = Promise.all([stdout, stderr].map((pipe) => pipe.closed || onceClosed(pipe)));
    await Promise.race([drained, sleep(LAST_OUTPUT_MS, undefined, { ref: false })]);
    while (this.#isDelivering) await nextTurn();
    this.#closed();
    await group;
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pieces = [];
    this.#waiting = [];
    const { stdin, stdout, stderr } = this.#child;
    for (const pipe of [stdin, stdout, stderr]) pipe.destroy();
    this.onclose?.();
  }

  #take(bytes: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      this.#pieces.push(bytes.subarray(from, at));
      from = at + 1;
      const line = Buffer.concat(this.#pieces).toString('utf8').trim();
      this.#pieces = [];
      this.#pieceBytes = 0;
      if (line !== '') this.#takeLine(line);
    }
    if (from === bytes.length) return;
    this.#pieces.push(bytes.subarray(from));
    this.#pieceBytes += bytes.length - from;
    if (this.#pieceBytes <= LINE_BYTES_MAX) return;
    this.#ending ??= `it sent a message of more than ${LINE_BYTES_MAX / 1024 / 1024} MiB`;
    this.close().catch((error: Error) => this.onerror?.(error));
  }

  /**
   * One message a turn: the SDK handles an answer at once and a notification a little later, so that the progress which
   * came in one piece with its answer would be lost.
   */
  async #deliver(): Promise<void> {
    this.#isDelivering = true;
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      try {
        this.onmessage?.(message);
      } catch (error) {
        // What a server sends must not end roo, whatever it is.
        this.onerror?.(error as Error);
      }
      await nextTurn();
    }
    this.#isDelivering = false;
  }

  #takeLine(line: string): void {
    const message = messageOf(line);
    if (message !== null) {
      this.#waiting.push(message);
      if (!this.#isDelivering) void this.#deliver();
      return;
    }
    this.#garbage ??= line.slice(0, GARBAGE_KEPT);
    this.onerror?.(new Error('the server printed a line that is no message'));
  }
}

/** The system says ENOENT for a missing command and for a missing folder alike. */
function startFailure({ code, message }: NodeJS.ErrnoException, command: string, cwd: string): string {
  if (code !== 'ENOENT') return `it could not be started: ${message}`;
  return existsSync(cwd) ? `there is no command ${command}` : `there is no folder ${cwd}`;
}

/** Null for a line that is no JSON-RPC: many servers print greetings and logs where only messages belong. */
function messageOf(line: string): JSONRPCMessage | null {
  if (!line.startsWith('{')) return null;
  try {
    const value = JSON.parse(line) as { jsonrpc?: unknown };
    return value.jsonrpc === '2.0' ? (value as JSONRPCMessage) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function inheritedOf(environment: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = environment[name];
    // A shell exports its functions as values that begin so, and another shell would run them.
    if (value !== undefined && !value.startsWith('()')) kept[name] = value;
  }
  return kept;
}

function onceClosed(pipe: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => pipe.once('close', () => resolve()));
}
