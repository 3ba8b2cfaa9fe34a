// Runs one command line in this process against fake services, and collects what it says.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { InteractiveOptions, Services, System } from '../../src/cli/commands/context.ts';
import type { SessionManager } from '../../src/cli/services/SessionManager.ts';
import type { OutputStream } from '../../src/cli/output/stream-writer.ts';
import { did, fakeCleanup, FakeStorage, fakeSerializer, fakeState, ID_A } from './fake-sessions.ts';
import type { FakeState } from './fake-sessions.ts';
import { fakeCheckpoints } from './fake-checkpoints.ts';
import { fakeKeys } from './fake-keys.ts';

export interface RunOptions {
  state?: FakeState;
  env?: Record<string, string>;
  /** Both ends of a terminal, its width, and what is typed there. */
  terminal?: { columns: number; typed?: string };
  stdin?: string;
  cwd?: string;
  userFolder?: string;
  signal?: AbortSignal;
  /** Fails each write, as a pipe without a reader does. */
  stdoutError?: Error;
}

export interface RunResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Calls that change something or show what was asked for; reading calls are left out. */
  calls: FakeState['calls'];
  interactive: InteractiveOptions | null;
}

export const NOW_MS = Date.parse('2026-01-02T13:00:00.000Z');
const READING: ReadonlySet<string> = new Set(['list', 'resolve', 'details', 'show', 'close']);

export async function runRoo(words: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const state = options.state ?? fakeState();
  const stdout = collector(options.terminal?.columns, options.stdoutError);
  const stderr = collector(options.terminal?.columns);
  let interactive: InteractiveOptions | null = null;
  const system: System = {
    env: options.env ?? {},
    cwd: options.cwd ?? '/home/dev/shop',
    userFolder: options.userFolder ?? '/nowhere/me',
    stdin: inputOf(options),
    stdout,
    stderr,
    nowMs: () => NOW_MS,
    chdir: (folder) => folder,
    signal: options.signal ?? new AbortController().signal,
    takeInterrupts: () => () => {},
  };
  const exitCode = await run(words, system, {
    makeServices: () => fakeServices(state),
    startInteractive: async (_context, asked) => {
      interactive = asked;
    },
  });
  const calls = state.calls.filter(([method]) => !READING.has(method));
  return { exitCode, stdout: stdout.text, stderr: stderr.text, calls, interactive };
}

/** The envelope of a run with `-f json`. */
export function envelopeOf(result: RunResult): Envelope {
  return JSON.parse(result.stdout) as Envelope;
}
export interface Envelope {
  data: Record<string, unknown> | null;
  warnings: Record<string, unknown>[];
  errors: Record<string, unknown>[];
  metadata: Record<string, unknown>;
}

/** A list in the data; fails where there is none. */
export function listIn<T = unknown>({ data }: Envelope, key: string): T[] {
  const list = data?.[key];
  assert.ok(Array.isArray(list), `data.${key} is no list`);
  return list as T[];
}

export function fakeServices(state: FakeState): Services {
  const storage = new FakeStorage(state);
  const manager = {
    async createSession(name?: string, description?: string): Promise<{ id: string }> {
      did(state, 'createSession', name, description);
      return { id: ID_A };
    },
    async saveSession(id: string): Promise<void> {
      did(state, 'saveSession', id);
    },
    async loadSession(id: string): Promise<void> {
      did(state, 'loadSession', id);
    },
  };
  return {
    storage: async () => storage,
    keys: async () => fakeKeys(state),
    serializer: async () => fakeSerializer(state),
    cleanup: async () => fakeCleanup(state),
    checkpoints: async () => fakeCheckpoints(state),
    manager: async () => manager as unknown as SessionManager,
    observedProcesses: async () => [],
    toolServers: async () => [],
    world: () => Promise.reject(new Error('no world in these tests')),
    door: async () => null,
    onKeptOut: async () => {},
    memory: () => Promise.reject(new Error('no model in these tests')),
    agent: () => Promise.reject(new Error('no model in these tests')),
    noticed: async () => [],
    close: () => storage.close(),
  };
}

interface Collector extends OutputStream {
  readonly text: string;
}

function collector(columns?: number, error?: Error): Collector {
  const chunks: string[] = [];
  return {
    write(text, done) {
      if (error === undefined) chunks.push(text);
      queueMicrotask(() => done?.(error ?? null));
      return true;
    },
    get text() {
      return chunks.join('');
    },
    ...(columns !== undefined && { isTTY: true, columns }),
  };
}

function inputOf({ terminal, stdin }: RunOptions): System['stdin'] {
  const stream: System['stdin'] = Readable.from([terminal?.typed ?? stdin ?? '']);
  if (terminal) stream.isTTY = true;
  return stream;
}
