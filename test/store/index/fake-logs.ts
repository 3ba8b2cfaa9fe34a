// Logs for testing the index alone: each session is a real file of JSON lines in a real folder, so that times, sizes,
// renames and damage are those of a file system. The first line is the head, every other one a text.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionError } from '../../../src/core/errors.ts';
import type { Fold } from '../../../src/core/fold.ts';
import { emptyFold } from '../../../src/core/fold.ts';
import type { Origin, Pointer } from '../../../src/core/record.ts';
import type {
  IndexedText,
  IndexSource,
  LogStamp,
  LogSummary,
  TextPosition,
} from '../../../src/store/index/index-source.ts';
import type { SessionIndexOptions } from '../../../src/store/index/session-index.ts';
import { SessionIndex } from '../../../src/store/index/session-index.ts';
import type { StoreLayout } from '../../../src/store/store-layout.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';

/** What a test says about a session; the rest is filled in. */
export interface Head {
  generation?: string;
  project?: string;
  origin?: Partial<Origin>;
  fold?: Partial<Fold>;
  health?: LogSummary['health'];
  encrypted?: boolean;
}

export type NewText = Partial<IndexedText> & { text: string };

export const DAY = 24 * 3_600_000;
export const START_MS = Date.parse('2026-03-01T00:00:00.000Z');

/** Fake logs below a temporary home, which the test removes with `remove`. */
export class FakeLogs implements IndexSource {
  readonly home: string;
  readonly layout: StoreLayout;
  /** What was asked of the logs, for tests about what is left alone. */
  readonly asked = { ids: 0, stamps: 0, summaries: 0, texts: 0 };
  readonly held = new Set<string>();
  /** Runs behind each look at a log, for what others do between it and the index. */
  afterSummary: (id: string) => void = () => {};
  /** What summaries and texts of a session throw. */
  readonly failing = new Map<string, SessionError>();
  /** Far enough from the files' own times that a folder counts as settled. */
  nowMs = Date.now() + 10_000;
  #open: SessionIndex[] = [];

  constructor(home: string = mkdtempSync(join(tmpdir(), 'roo-index-'))) {
    this.home = home;
    this.layout = storeLayout(home);
    mkdirSync(this.layout.sessionsDir, { recursive: true });
  }

  index(options: Partial<SessionIndexOptions> = {}): SessionIndex {
    const index = new SessionIndex({
      source: this,
      layout: this.layout,
      now: () => this.nowMs,
      isHeld: (id) => this.held.has(id),
      ...options,
    });
    this.#open.push(index);
    return index;
  }

  remove(): void {
    for (const index of this.#open) index.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  path(id: string): string {
    return this.layout.logPath(id);
  }

  /** Writes a session whole, over what was there. */
  write(id: string, head: Head, texts: readonly NewText[] = []): void {
    writeFileSync(this.path(id), `${JSON.stringify(head)}\n`);
    this.append(id, texts);
  }

  append(id: string, texts: readonly NewText[]): void {
    appendFileSync(this.path(id), texts.map((text) => `${JSON.stringify(text)}\n`).join(''));
  }

  /** Writes over a log what no reader understands. */
  corrupt(id: string): void {
    writeFileSync(this.path(id), 'no log at all\n');
  }

  delete(id: string): void {
    rmSync(this.path(id));
  }

  ids(): string[] {
    this.asked.ids++;
    if (!existsSync(this.layout.sessionsDir)) return [];
    return readdirSync(this.layout.sessionsDir)
      .filter((name) => name.endsWith('.json.gz'))
      .map((name) => name.slice('session-'.length, -'.json.gz'.length));
  }

  stamp(id: string): LogStamp | null {
    this.asked.stamps++;
    const stat = statSync(this.path(id), { throwIfNoEntry: false });
    return stat ? { sizeBytes: stat.size, mtimeMs: Math.floor(stat.mtimeMs), accessedAtMs: START_MS } : null;
  }

  summarize(id: string): LogSummary {
    this.asked.summaries++;
    this.#mayFail(id);
    const stamp = this.stamp(id);
    if (!stamp) throw new SessionError('SESSION_NOT_FOUND', `no ${id}`, { op: 'summarize' });
    const head = this.#head(id);
    if (!head) return { stamp, fold: null, health: 'unreadable', encrypted: false, conflictOf: null };
    const { health = 'ok', encrypted = false } = head;
    const fold = foldOf(id, head, this.#texts(id));
    this.afterSummary(id);
    return { stamp, fold, health, encrypted, conflictOf: null };
  }

  texts(id: string, from: TextPosition | null): ReturnType<IndexSource['texts']> {
    this.asked.texts++;
    this.#mayFail(id);
    const head = this.#head(id);
    if (!head) throw new SessionError('SESSION_NOT_FOUND', `no ${id}`, { op: 'texts' });
    const { generation = 'first' } = head;
    const restarted = from !== null && from.generation !== generation;
    const start = from && !restarted ? from.next.seq : 0;
    const all = this.#texts(id);
    let next = start;
    return {
      restarted,
      texts: (function* () {
        for (next = start; next < all.length; next++) yield all[next]!;
      })(),
      position: () => ({ generation, next: pointer(next), calls: {} }),
    };
  }

  #mayFail(id: string): void {
    const error = this.failing.get(id);
    if (error) throw error;
  }

  #head(id: string): Head | null {
    try {
      return JSON.parse(readFileSync(this.path(id), 'utf8').split('\n', 1)[0]!) as Head;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  #texts(id: string): IndexedText[] {
    const lines = readFileSync(this.path(id), 'utf8').split('\n').slice(1, -1);
    return lines.map((line, seq) => ({
      messageId: `m${seq}`,
      role: 'user',
      at: new Date(START_MS + seq * 1000).toISOString(),
      tools: [],
      files: [],
      ...(JSON.parse(line) as NewText),
      pointer: pointer(seq),
    }));
  }
}

/** A frame for each text. */
function pointer(seq: number): Pointer {
  return { part: 1, offset: seq * 100, seq };
}

function foldOf(id: string, head: Head, texts: readonly IndexedText[]): Fold {
  const { project = '/home/dev/app', origin, generation = 'first', fold } = head;
  const at = texts.at(-1)?.at ?? new Date(START_MS).toISOString();
  const empty = emptyFold({
    type: 'session',
    id: `r-${id}`,
    at: new Date(START_MS).toISOString(),
    format: 2,
    sessionId: id,
    generation,
    part: 1,
    family: id,
    project: { path: project },
    origin: { kind: 'human', agent: 'roo', ...origin },
  });
  return { ...empty, updatedAt: at, counts: { ...empty.counts, messages: texts.length }, ...fold };
}

/** `00000001-…`: ids whose order and prefixes a test can tell. */
export function sessionId(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}
