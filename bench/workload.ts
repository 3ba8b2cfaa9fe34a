// Sessions that do not exist until they are read: the same words on every machine and in every run, and any message
// of a million without making those before it. Shapes of a coding agent's session: a prompt, a call, its result, an
// answer.

import type { IndexedText, IndexSource, LogStamp, LogSummary, TextPosition } from '../src/store/index/index-source.ts';
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { emptyFold } from '../src/core/fold.ts';
import { SessionError } from '../src/core/errors.ts';
import type { StoreLayout } from '../src/store/store-layout.ts';

/** Bytes of the messages of one turn. */
export const TURN = [
  { role: 'user', bytes: 200 },
  { role: 'assistant', bytes: 100 },
  { role: 'tool', bytes: 1_200 },
  { role: 'assistant', bytes: 500 },
] as const;

/** In one message of the whole workload. */
export const NEEDLE = 'heliotrope7421';
/** In every second message. */
export const COMMON = 'marigold';

const WORDS = (
  'the session store keeps every message of an agent so that work can be taken up again after a crash while file ' +
  'handler parser token buffer index query branch commit merge module function import export promise stream async ' +
  'error stack trace test build deploy config schema migrate replay append rename atomic lock retry latency budget ' +
  'cache prune archive naïve café 漢字'
).split(' ');
const WORDS_IN_FRAME = 4;
const START_MS = Date.parse('2026-01-01T00:00:00Z');

export interface WorkloadShape {
  sessions: number;
  messagesEach: number;
}

/** The text of one message, by its number in the workload: words of its own in front of a piece of the filler. */
export function messageText(number: number, total: number): string {
  const random = seeded(number);
  const { bytes } = TURN[number % TURN.length]!;
  let text = number === Math.floor(total / 2) ? `${NEEDLE} ` : '';
  if (number % 4 === 0 || number % 4 === 2) text += `${COMMON} `;
  const words = filler();
  const start = Math.floor(random() * (words.length - 2 * bytes));
  return text + words.slice(words.indexOf(' ', start) + 1, start + bytes);
}

/** Long enough that two messages are hardly ever the same, and quick to make for a process that reads one. */
const FILLER_CHARACTERS = 200_000;
let made: string | undefined;

/** Made once: getting words out of a log costs less than making them. */
function filler(): string {
  if (made !== undefined) return made;
  const random = seeded(7);
  let text = '';
  while (text.length < FILLER_CHARACTERS) {
    text += WORDS[Math.floor(random() * WORDS.length)]! + (random() < 0.03 ? '\n' : ' ');
  }
  return (made = text);
}

/** Logs of a workload: one empty file for each session, so that the system's own costs are real. */
export class WorkloadSource implements IndexSource {
  readonly #layout: StoreLayout;
  readonly #shape: WorkloadShape;

  constructor(layout: StoreLayout, shape: WorkloadShape) {
    this.#layout = layout;
    this.#shape = shape;
  }

  /** Makes the files. */
  write(): void {
    mkdirSync(this.#layout.sessionsDir, { recursive: true });
    for (const id of this.#ids()) writeFileSync(this.#layout.logPath(id), '');
    // As a store that nobody touched for a while: a folder that has just changed must be read again.
    utimesSync(this.#layout.sessionsDir, START_MS / 1000, START_MS / 1000);
  }

  /** Makes a session look changed, as an append does. */
  change(number: number): string {
    const id = idOf(number);
    writeFileSync(this.#layout.logPath(id), ' ', { flag: 'a' });
    return id;
  }

  ids(): string[] {
    return this.#ids();
  }

  stamp(id: string): LogStamp | null {
    const stat = statSync(this.#layout.logPath(id), { throwIfNoEntry: false });
    return stat
      ? { sizeBytes: stat.size, mtimeMs: Math.floor(stat.mtimeMs), accessedAtMs: Math.floor(stat.atimeMs) }
      : null;
  }

  summarize(id: string): LogSummary {
    const stamp = this.stamp(id);
    if (!stamp) throw new SessionError('SESSION_NOT_FOUND', `no ${id}`, { op: 'summarize' });
    const number = Number.parseInt(id.slice(0, 8), 16);
    const atMs = START_MS + number * 60_000;
    const fold = emptyFold({
      type: 'session',
      id: `r${number}`,
      at: new Date(atMs).toISOString(),
      format: 2,
      sessionId: id,
      generation: 'g1',
      part: 1,
      family: id,
      project: { path: `/home/dev/project-${number % 20}` },
      origin: { kind: 'human', agent: 'roo' },
    });
    fold.name = `session ${number} about ${WORDS[number % WORDS.length]}`;
    fold.counts.messages = this.#shape.messagesEach;
    fold.updatedAt = new Date(atMs + 1_000 * this.#shape.messagesEach + stamp.sizeBytes).toISOString();
    return { stamp, fold, health: 'ok', encrypted: false, conflictOf: null };
  }

  texts(id: string, from: TextPosition | null): ReturnType<IndexSource['texts']> {
    const { sessions, messagesEach } = this.#shape;
    const session = Number.parseInt(id.slice(0, 8), 16);
    let next = from?.next.seq ?? 0;
    const texts = (function* (): Generator<IndexedText> {
      for (; next < messagesEach; next++) {
        const number = session * messagesEach + next;
        const { role } = TURN[number % TURN.length]!;
        const frame = next - (next % WORDS_IN_FRAME);
        yield {
          messageId: `${id}-${next}`,
          role,
          at: new Date(START_MS + session * 60_000 + next * 1_000).toISOString(),
          text: messageText(number, sessions * messagesEach),
          tools: number % 4 === 1 || number % 4 === 2 ? ['shell'] : [],
          files: [],
          pointer: { part: 1, offset: frame * 1_000, seq: frame },
        };
      }
    })();
    const position = (): TextPosition => ({
      generation: 'g1',
      next: { part: 1, offset: next * 1_000, seq: next >= messagesEach ? next : next - (next % WORDS_IN_FRAME) },
      calls: {},
    });
    return { restarted: false, texts, position };
  }

  #ids(): string[] {
    return Array.from({ length: this.#shape.sessions }, (_, number) => idOf(number));
  }
}

/** Equal numbers in every run, whatever is loaded beside; the first ones of near seeds differ too. */
function seeded(seed: number): () => number {
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function idOf(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-5e55-4000-8000-000000000000`;
}
