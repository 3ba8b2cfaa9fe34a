import { acknowledge, FATES, materialize, startRecording, stopRecording } from '../helpers/disk-recorder.ts';
import type { Fate, Moment } from '../helpers/disk-recorder.ts';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { LogRecord } from '../../src/core/record.ts';
import { replaceFile } from '../../src/store/durable-files.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import type { LogWriter } from '../../src/store/log-writer.ts';
import { storeLayout } from '../../src/store/store-layout.ts';
import { noise } from '../helpers/reference-logs.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { createLog, newSession, openLog, readLog, tempStore, userSays } from '../helpers/temp-store.ts';

/** So small that what is written after the power came back may begin a part as well. */
const PART_BYTES_MAX = 600;

const RUNS: Record<string, (store: TempStore, id: string) => Promise<void>> = {
  'while a first session is written, into folders that were not there': async (store, sessionId) => {
    const writer = createLog(store, newSession(store, { sessionId }));
    await said(writer, 'one', 'two');
    await writer.close();
  },
  'while several records are appended at once': async (store, sessionId) => {
    const writer = createLog(store, newSession(store, { sessionId }));
    const said = ['a', 'b', 'c', 'd'].map(async (text) => {
      acknowledge(...(await writer.append([userSays(text)])).map(({ id }) => id));
    });
    await Promise.all(said);
    await writer.close();
  },
  'while a large record goes into a blob': async (store, sessionId) => {
    const writer = createLog(store, newSession(store, { sessionId }));
    await said(writer, 'small', noise(7, 300_000), 'small again');
    await writer.close();
  },
  'while a log goes on in next parts': async (store, sessionId) => {
    const writer = createLog(store, newSession(store, { sessionId }), { partBytesMax: PART_BYTES_MAX });
    await said(writer, 'first part', noise(1, 500), 'second part', noise(2, 500), 'third part');
    await writer.close();
  },
  'while a session is closed and opened again': async (store, sessionId) => {
    const first = createLog(store, newSession(store, { sessionId }));
    await said(first, 'one');
    await first.close();
    const second = openLog(store, sessionId);
    await said(second, 'two');
    await second.close();
  },
};

describe('a power cut', () => {
  for (const [name, run] of Object.entries(RUNS)) {
    it(`${name} loses nothing that was acknowledged`, async (t) => {
      const store = tempStore(t);
      const id = store.clock.sessionId();
      startRecording(store.directory);
      await run(store, id);
      const moments = stopRecording();
      assert.ok(moments.at(-1)!.acknowledged.length > 0);
      for (const moment of moments) await survivesEveryFate(store, id, moment);
    });
  }

  it('while a torn tail is cut off loses neither what was acknowledged nor the torn bytes', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const before = createLog(store, session);
    const kept = [...(await before.append([userSays('one')])), ...(await before.append([userSays('two')]))];
    await before.append([userSays('torn')]);
    const path = store.layout.logPath(session.sessionId);
    truncateSync(path, statSync(path).size - 30);
    const { offsetBytes } = readLog(store.layout, session.sessionId).damage[0]!;
    const torn = readFileSync(path).subarray(offsetBytes);
    startRecording(store.directory);
    acknowledge(...kept.map(({ id }) => id));
    const writer = openLog(store, session.sessionId);
    await said(writer, 'three');
    await writer.close();
    for (const moment of stopRecording()) {
      for (const fate of Object.keys(FATES) as Fate[]) {
        const files = [...moment.left(fate).values()];
        assert.ok(
          files.some((bytes) => bytes?.includes(torn)),
          `the torn bytes are lost after ${moment.after}: ${fate}`,
        );
      }
      await survivesEveryFate(store, session.sessionId, moment);
    }
  });

  it('while a file is replaced leaves the old one or the new one', (t) => {
    const store = tempStore(t);
    const path = join(store.directory, 'file.json');
    replaceFile(path, Buffer.from('old'));
    startRecording(store.directory);
    replaceFile(path, Buffer.from('the new content'));
    acknowledge('new');
    for (const { after, acknowledged, left } of stopRecording()) {
      for (const fate of Object.keys(FATES) as Fate[]) {
        const found = String(left(fate).get('file.json'));
        const allowed = acknowledged.length > 0 ? ['the new content'] : ['old', 'the new content'];
        assert.ok(allowed.includes(found), `${found} after ${after}: ${fate}`);
      }
    }
  });
});

/** Appends one after the other. */
async function said(writer: LogWriter, ...texts: string[]): Promise<void> {
  for (const text of texts) acknowledge(...(await writer.append([userSays(text)])).map(({ id }) => id));
}

async function survivesEveryFate(store: TempStore, id: string, moment: Moment): Promise<void> {
  const seen = new Set<string>();
  for (const fate of Object.keys(FATES) as Fate[]) {
    const left = moment.left(fate);
    const state = [...left].map(([path, bytes]) => `${path}:${bytes?.toString('latin1')}`).join('\n');
    if (seen.has(state)) continue;
    seen.add(state);
    const folder = join(store.directory, 'after');
    mkdirSync(folder);
    materialize(left, folder);
    await survives({ ...store, directory: folder, layout: storeLayout(folder) }, id, moment, fate);
    rmSync(folder, { recursive: true });
  }
}

async function survives(store: TempStore, id: string, { after, acknowledged }: Moment, fate: string): Promise<void> {
  const at = `after the ${after}, with ${fate}`;
  if (acknowledged.length === 0) return;
  const writer = openLog(store, id, { partBytesMax: PART_BYTES_MAX });
  const added = await writer.append([userSays('the power is back')]);
  await writer.close();
  const { records, health } = readLog(store.layout, id);
  assert.equal(health, 'ok', at);
  const found = new Map(records.map((record) => [record.id, record]));
  assert.equal(found.size, records.length, `${at}: a record is there twice`);
  for (const recordId of [...acknowledged, ...added.map((record) => record.id)]) {
    assert.ok(found.has(recordId), `${at}: an acknowledged record is lost`);
  }
  assertBlobs(store, id, records, at);
}

/** What an acknowledged line names must be as safe as the line. */
function assertBlobs(store: TempStore, id: string, records: LogRecord[], at: string): void {
  const reader = LogReader.open(store.layout, id);
  try {
    for (const record of records) assert.doesNotThrow(() => reader.blobs.unspill(record), at);
  } finally {
    reader.close();
  }
}
