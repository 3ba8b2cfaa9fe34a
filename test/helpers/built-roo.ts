// The built command as a person or a script runs it, in a home of its own. `npm test` builds it first.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));

export interface Place {
  env: NodeJS.ProcessEnv;
  cwd: string;
  home: string;
  sessions: string;
}

export interface Ran {
  stdout: string;
  stderr: string;
  status: number | null;
}

/** A home and a project folder, removed with the test. No model of the machine's own is reached. */
export function place(t: Pick<TestContext, 'after'>, more: Record<string, string> = {}): Place {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'roo-end-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const cwd = join(folder, 'project');
  mkdirSync(cwd);
  const home = join(folder, 'home');
  const env: NodeJS.ProcessEnv = { ...process.env, ROO_HOME: home, HOME: folder, SHELL: '/bin/sh', NO_COLOR: '1' };
  for (const name of Object.keys(env)) if (/^(?:OPENAI|ANTHROPIC)_|^ROO_(?:MODEL|SESSION)/.test(name)) delete env[name];
  return { env: { ...env, ...more }, cwd, home, sessions: join(home, 'sessions') };
}

/** Runs it to its end. */
export function roo({ env, cwd }: Place, args: readonly string[], input = ''): Ran {
  return spawnSync(process.execPath, [ROO, ...args], { env, cwd, input, encoding: 'utf8' });
}

/** The same without holding up this process, which may be the one that serves it. */
export async function rooAsync(at: Place, args: readonly string[], input = ''): Promise<Ran> {
  const child = start(at, args);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  return { stdout, stderr, status: await ended(child) };
}

export function start({ env, cwd }: Place, args: readonly string[] = []): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [ROO, ...args], { env, cwd });
}

const PRINTED_MS_MAX = 60_000;

/** Starts it, types lines, and waits until it has printed something. Killed with the test if it is still there. */
export async function started(
  t: Pick<TestContext, 'after'>,
  at: Place,
  lines: string,
  printed: string,
  args: readonly string[] = [],
): Promise<ChildProcessWithoutNullStreams> {
  const child = start(at, args);
  t.after(() => child.kill('SIGKILL'));
  child.stdin.write(lines);
  // What never prints it must not hold up the tests for ever.
  const late = setTimeout(() => child.kill('SIGKILL'), PRINTED_MS_MAX);
  let seen = '';
  for await (const chunk of child.stdout) {
    seen += String(chunk);
    if (!seen.includes(printed)) continue;
    clearTimeout(late);
    return child;
  }
  clearTimeout(late);
  throw new Error(`it ended without printing ${printed}: ${seen}`);
}

/** Exit code; null after a signal. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.on('exit', (code) => resolve(code)));
}

export async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  const gone = ended(child);
  child.kill('SIGKILL');
  await gone;
}

export interface ShownPart {
  type: string;
  text?: string;
  name?: string;
  status?: string;
  output?: string;
  exitCode?: number;
}
export interface Shown {
  id: string;
  role: string;
  parts: ShownPart[];
}

export function shown(at: Place, ref = '@last'): Shown[] {
  const { stdout } = roo(at, ['session', 'show', ref, '-f', 'json']);
  return (JSON.parse(stdout) as { data: { messages: Shown[] } }).data.messages;
}

/** Every record of every log, through plain gunzip. */
export function records({ sessions }: Place): ({ type: string } & Record<string, unknown>)[] {
  const names = readdirSync(sessions).filter((name) => name.endsWith('.json.gz'));
  return names.flatMap((name) => {
    const lines = gunzipSync(readFileSync(join(sessions, name)))
      .toString()
      .trimEnd()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as { type: string });
  });
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
