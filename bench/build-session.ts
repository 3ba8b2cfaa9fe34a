// Sessions to measure on, written through the real writer in bulk.

import type { NewRecord } from '../src/core/record.ts';
import { SessionStorage } from '../src/cli/services/SessionStorage.ts';

const WORDS = (
  'session store keeps every message so that work can be resumed after a crash or restart file handler parser token ' +
  'buffer index query branch commit merge module function import export stream error stack trace test build deploy'
).split(' ');

/** Words with random digits between them, at least `bytes` long: shrinks about as well as real transcripts do. */
export function filler(bytes: number, random: () => number): string {
  let text = '';
  while (text.length < bytes)
    text += `${WORDS[Math.floor(random() * WORDS.length)]} ${random().toString(36).slice(2, 8)} `;
  return text.slice(0, bytes);
}

/** Equal numbers in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

export interface BuiltSession {
  storage: SessionStorage;
  id: string;
  /** Id of the first message. */
  firstMessageId: string;
}

/** A session of that many messages of that many bytes; the caller closes the storage. */
export async function buildSession(home: string, messages: number, messageBytes: number): Promise<BuiltSession> {
  return fillSession(new SessionStorage({ home }), messages, messageBytes);
}

/** The same in a store that is open. */
export async function fillSession(
  storage: SessionStorage,
  messages: number,
  messageBytes: number,
): Promise<BuiltSession> {
  const record = storage.newSessionRecord({ project: { path: '/project' }, origin: { kind: 'human', agent: 'roo' } });
  const writer = storage.writers.create(record, 'bulk');
  const random = seeded(messages);
  const bodies = Array.from({ length: 64 }, () => filler(messageBytes, random));
  let firstMessageId = '';
  for (let done = 0; done < messages; done += 1000) {
    const batch: NewRecord[] = [];
    for (let i = done; i < Math.min(done + 1000, messages); i++) {
      const text = `${i} ${bodies[i % 64]}`;
      batch.push({ type: 'message', role: i % 2 ? 'assistant' : 'user', parts: [{ type: 'text', text }] });
    }
    const written = await writer.append(batch);
    firstMessageId ||= written.find((each) => each.type === 'message')!.id;
  }
  await storage.writers.close(writer);
  return { storage, id: record.sessionId, firstMessageId };
}
