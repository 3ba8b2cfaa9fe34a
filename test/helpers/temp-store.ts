// A store of real files in a folder of its own, gone when the test is over, and the few steps that most tests of the
// log begin with.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LogRecord, NewRecord, SessionRecord } from '../../src/core/record.ts';
import type { Warning } from '../../src/core/errors.ts';
import type { DamagedSpan } from '../../src/store/log-chain.ts';
import type { Health } from '../../src/store/log-findings.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import type { WriterOptions } from '../../src/store/log-writer.ts';
import { LogWriter } from '../../src/store/log-writer.ts';
import type { SessionLock } from '../../src/store/session-lock.ts';
import type { StoreLayout } from '../../src/store/store-layout.ts';
import { storeLayout } from '../../src/store/store-layout.ts';
import type { TestClock } from './clock.ts';
import { testClock } from './clock.ts';

export interface TempStore {
  directory: string;
  layout: StoreLayout;
  clock: TestClock;
}

export function tempStore(t: TestContext, clock: TestClock = testClock()): TempStore {
  const directory = mkdtempSync(join(tmpdir(), 'roo-store-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return { directory, layout: storeLayout(directory), clock };
}

/** First record of a new session of the store. */
export function newSession({ clock }: { clock: TestClock }, changes: Partial<SessionRecord> = {}): SessionRecord {
  const sessionId = changes.sessionId ?? clock.sessionId();
  return {
    type: 'session',
    id: clock.recordId(),
    at: new Date(clock.now()).toISOString(),
    format: 2,
    sessionId,
    generation: clock.sessionId(),
    part: 1,
    family: sessionId,
    project: { path: '/home/dev/project' },
    origin: { kind: 'human', agent: 'roo' },
    ...changes,
  };
}

/** For tests that are not about the lock: they have the store for themselves. */
export const NO_LOCK: SessionLock = { release() {} };

export function writerOptions({ clock }: TempStore, changes: Partial<WriterOptions> = {}): WriterOptions {
  return { clock, writer: { pid: 1, host: 'test', version: '0.0.0' }, level: 6, partBytesMax: Infinity, ...changes };
}

export function createLog(store: TempStore, session: SessionRecord, options: Partial<WriterOptions> = {}): LogWriter {
  return LogWriter.create(store.layout, session, writerOptions(store, options), NO_LOCK);
}

export function openLog(store: TempStore, id: string, options: Partial<WriterOptions> = {}): LogWriter {
  return LogWriter.open(store.layout, id, writerOptions(store, options), NO_LOCK);
}

/** A user's message with this text, under the active leaf. */
export function userSays(text: string): NewRecord {
  return { type: 'message', role: 'user', parts: [{ type: 'text', text }] };
}

export interface ReadLog {
  records: LogRecord[];
  health: Health;
  damage: DamagedSpan[];
  warnings: Warning[];
}

/** Everything there is to read, from front to back. */
export function readLog(layout: StoreLayout, id: string): ReadLog {
  const reader = LogReader.open(layout, id);
  try {
    const records: LogRecord[] = [];
    for (const item of reader.forwards()) if ('frame' in item) records.push(...reader.records(item));
    const damage = reader.damage.map(({ offsetBytes, lengthBytes, reason, framesMissing }) => ({
      offsetBytes,
      lengthBytes,
      reason,
      framesMissing,
    }));
    return { records, health: reader.health, damage, warnings: reader.warnings };
  } finally {
    reader.close();
  }
}

/** The same from back to front: both ways must agree on what is in a log. */
export function readLogBackwards(layout: StoreLayout, id: string): LogRecord[] {
  const reader = LogReader.open(layout, id);
  try {
    const records: LogRecord[] = [];
    for (const item of reader.backwards()) {
      if ('frame' in item) records.push(...reader.records(item).toReversed());
    }
    return records.reverse();
  } finally {
    reader.close();
  }
}

/** The texts of all messages, in the order of the log. */
export function textsOf(records: readonly LogRecord[]): string[] {
  return records.flatMap((record) => {
    if (record.type !== 'message') return [];
    const parts = (record as { parts: { text?: string }[] }).parts;
    return parts.map((part) => part.text ?? '');
  });
}
