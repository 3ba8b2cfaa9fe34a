// Sessions larger than the memory they may take: in and out of every format that streams.

import assert from 'node:assert/strict';
import { createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { NewRecord } from '../../../src/core/record.ts';
import type { ExportFormat } from '../../../src/cli/types/session-types.ts';
import { runs } from '../../helpers/slow.ts';
import { testStore } from './serializer-store.ts';
import type { TestStore } from './serializer-store.ts';

const MESSAGES = runs(5_000, 30_000);
const WORDS = 'some words of a conversation that goes on and on, ';

async function writeLong({ store, newSession }: TestStore): Promise<string> {
  const session = newSession();
  const writer = store.createWriter(session);
  for (let i = 0; i < MESSAGES; i += 500) {
    const batch = Array.from({ length: 500 }, (_, k): NewRecord => {
      const text = `${i + k}: ${WORDS.repeat(20)}`;
      return { type: 'message', role: (i + k) % 2 === 0 ? 'user' : 'assistant', parts: [{ type: 'text', text }] };
    });
    await writer.append(batch);
  }
  await writer.close();
  return session.sessionId;
}

/** Peak of what lives in the heap while something runs, in megabytes; the collector is asked often. */
async function peakMegabytes(work: () => Promise<void>): Promise<number> {
  let peak = 0;
  const collect = (globalThis as { gc?: () => void }).gc;
  const look = (): void => {
    collect?.();
    const { heapUsed, external } = process.memoryUsage();
    peak = Math.max(peak, (heapUsed + external) / 1e6);
  };
  look();
  const before = peak;
  const timer = setInterval(look, 100);
  await work();
  clearInterval(timer);
  return peak - before;
}

test('a session of many messages goes out and in without being in memory', async (t) => {
  const here = testStore(t);
  const id = await writeLong(here);
  for (const format of ['json', 'jsonl', 'yaml', 'markdown'] as ExportFormat[]) {
    const path = join(here.folder, format);
    const out = await peakMegabytes(() =>
      pipeline(Readable.from(here.serializer.exportStream(id, format)), createWriteStream(path)),
    );
    const megabytes = statSync(path).size / 1e6;
    assert.ok(megabytes > MESSAGES / 1000, `${format} is ${megabytes} MB`);
    // Ids are held, about 250 bytes a message; without --expose-gc, garbage counts too.
    const allowed = (MESSAGES * 400) / 1e6 + ('gc' in globalThis ? 30 : 120);
    assert.ok(out < allowed, `${format} out took ${out} MB`);
    if (format === 'yaml' || format === 'markdown') continue;
    const there = testStore(t);
    const into = await peakMegabytes(async () => {
      const { imported } = await there.serializer.importFile(path, {});
      assert.equal(imported[0]!.messages, MESSAGES);
    });
    assert.ok(into < allowed + (MESSAGES * 400) / 1e6, `${format} in took ${into} MB`);
  }
});

test('an output of many megabytes goes out and in without being in memory', async (t) => {
  const here = testStore(t);
  const session = here.newSession();
  const id = session.sessionId;
  const writer = here.store.createWriter(session);
  const blob = writer.blobs.writer();
  const line = Buffer.from(`${'"quoted" \\ 店 🎉 '.repeat(40_000)}\n`);
  const lines = Math.ceil(runs(20e6, 200e6) / line.length);
  for (let i = 0; i < lines; i++) blob.write(line);
  const ref = blob.finish();
  await writer.append([
    { type: 'message', role: 'assistant', parts: [{ type: 'tool-call', callId: 'c', name: 'bash', input: '' }] },
    { type: 'tool-end', callId: 'c', status: 'ok', blob: ref, head: 'h', tail: 't' },
  ]);
  await writer.close();
  for (const format of ['json', 'jsonl', 'markdown'] as ExportFormat[]) {
    const path = join(here.folder, format);
    const out = await peakMegabytes(() =>
      pipeline(Readable.from(here.serializer.exportStream(id, format)), createWriteStream(path)),
    );
    assert.ok(statSync(path).size > ref.bytes);
    assert.ok(out < 80, `${format} out took ${out} MB`);
    if (format === 'markdown') continue;
    const there = testStore(t);
    const into = await peakMegabytes(async () => {
      await there.serializer.importFile(path, {});
    });
    assert.ok(into < 80, `${format} in took ${into} MB`);
    assert.ok(there.store.blobs(id).isWhole(ref), format);
  }
});

test('a document of over 256 MiB is refused as one string, early', async (t) => {
  const here = testStore(t);
  const session = here.newSession();
  const writer = here.store.createWriter(session);
  const blob = writer.blobs.writer();
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 300; i++) blob.write(megabyte);
  await writer.append([
    { type: 'message', role: 'assistant', parts: [{ type: 'tool-call', callId: 'c', name: 'bash', input: '' }] },
    { type: 'tool-end', callId: 'c', status: 'ok', blob: blob.finish(), head: 'h', tail: 't' },
  ]);
  await writer.close();
  await assert.rejects(here.serializer.exportSession(session.sessionId, 'json'), { code: 'EXPORT_TOO_LARGE' });
});
