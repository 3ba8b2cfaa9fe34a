// A ROO_HOME of the test's own with the real services on it; all that was opened is closed before it goes.

import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '../../src/core/clock.ts';
import type { NewRecord } from '../../src/core/record.ts';
import { openSessions } from '../../src/cli/services/open-sessions.ts';
import type { OpenSessionsOptions, Sessions } from '../../src/cli/services/open-sessions.ts';
import { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import type { StorageOptions } from '../../src/cli/services/SessionStorage.ts';
import type { ShownMessage } from '../../src/cli/types/session-types.ts';

/** The machine's clock and ids, and a way to move the time. */
export interface MovableClock extends Clock {
  advance(ms: number): void;
}

export function movableClock(startMs: number = Date.now()): MovableClock {
  const offsetMs = startMs - Date.now();
  let movedMs = 0;
  return {
    now: () => Date.now() + offsetMs + movedMs,
    recordId: () => randomUUIDv7(),
    sessionId: () => randomUUID(),
    advance(ms) {
      movedMs += ms;
    },
  };
}

export interface TempHome {
  /** Folder around the home, for what is not in it. */
  folder: string;
  home: string;
  sessionsDir: string;
  storage(options?: Partial<StorageOptions>): SessionStorage;
  sessions(options?: Partial<OpenSessionsOptions>): Sessions;
}

export function tempHome(t: TestContext): TempHome {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'roo-home-'));
  const home = join(folder, '.roo');
  const opened: { close(): Promise<void> }[] = [];
  t.after(async () => {
    for (const each of opened.toReversed()) await each.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    home,
    sessionsDir: join(home, 'sessions'),
    storage(options) {
      const storage = new SessionStorage({ home, version: '0.0.0', ...options });
      opened.push(storage);
      return storage;
    },
    sessions(options) {
      const sessions = openSessions({ home, workingDirectory: '/home/dev/project', environment: {}, ...options });
      opened.push(sessions.manager);
      return sessions;
    },
  };
}

/** A message of a user. */
export function says(text: string, more: { id?: string; parentId?: string | null } = {}): NewRecord {
  return { type: 'message', role: 'user', parts: [{ type: 'text', text }], ...more };
}

/** A new session with these records; the default is one message. Returns its id. */
export async function writeSession(
  storage: SessionStorage,
  records: NewRecord[] = [says('hello')],
  fields: { sessionId?: string; project?: string; at?: string } = {},
): Promise<string> {
  const { project = '/home/dev/project', ...rest } = fields;
  const origin = { kind: 'human', agent: 'roo' } as const;
  const first = storage.newSessionRecord({ project: { path: project }, origin, ...rest });
  const writer = storage.writers.create(first);
  await writer.append(records);
  await storage.writers.close(writer);
  return first.sessionId;
}

export async function shown(storage: SessionStorage, id: string): Promise<ShownMessage[]> {
  return collected(storage.show(id, {}).messages);
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The texts of the active branch, oldest first. */
export async function textsShown(storage: SessionStorage, id: string): Promise<string[]> {
  const messages = await shown(storage, id);
  return messages.map(({ parts }) => parts.map((part) => ('text' in part ? part.text : '')).join(''));
}

/** Text that packs badly and is still cheap to search: one long number, the same for the same seed. */
export function digits(seed: number, characters: number): string {
  let text = '';
  for (let state = seed + 1; text.length < characters;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += String(state >>> 8);
  }
  return text.slice(0, characters);
}

/** Every file below a folder, by its path there; locks of SQLite are never opened, which would drop them. */
export function filesIn(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.includes('/locks/')) files.set(relative(folder, path), readFileSync(path));
  }
  return files;
}

export function bytesIn(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}
