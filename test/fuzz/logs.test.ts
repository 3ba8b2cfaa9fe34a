// Logs that somebody else may have written: damaged at random, or forged with every checksum right. Whatever is done
// with one, it is done or refused with a code, and nothing outside the store changes.

import assert from 'node:assert/strict';
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { verifyLog } from '../../src/store/log-verify.ts';
import { walkMessages } from '../../src/store/message-walk.ts';
import { forgedLog } from '../helpers/forged-log.ts';
import { changedBytes, randomOf, refusalOf } from '../helpers/fuzz.ts';
import type { Random } from '../helpers/fuzz.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { runs } from '../helpers/slow.ts';
import { tempHome } from '../helpers/temp-home.ts';
import { removeKept, useSession } from './use-session.ts';

makeSyncingFree();

const STORE = fileURLToPath(new URL('../fixtures/logs/format-2/linux/sessions', import.meta.url));
const LOGS = ['plain', 'with-blobs', 'fork', 'of-parts', 'stored'] as const;

interface Place {
  storage: SessionStorage;
  folder: string;
  /** The undamaged log of a session. */
  original(id: string): Buffer;
}

/** A store with a copy of the fixtures, as private as roo makes its own. */
function placeOf(t: TestContext): Place {
  const { folder, sessionsDir, storage } = tempHome(t);
  cpSync(STORE, sessionsDir, { recursive: true });
  chmodSync(sessionsDir, 0o700);
  for (const entry of readdirSync(sessionsDir, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  }
  return { storage: storage(), folder, original: (id) => readFileSync(join(STORE, `session-${id}.json.gz`)) };
}

type Harm = (original: Buffer, random: Random, other: Buffer) => Buffer;
const HARMS: Readonly<Record<string, Harm>> = {
  'changed at random': changedBytes,
  'forged with right checksums': forgedLog,
};

for (const [what, harm] of Object.entries(HARMS)) {
  describe(`a log ${what}`, () => {
    it('is read in every way or refused with a code, and stays as it is', (t) => {
      const { storage, original } = placeOf(t);
      const { layout } = storage;
      const openBase = (id: string): LogReader => LogReader.open(layout, id);
      for (let seed = 0; seed < runs(500, 4000); seed++) {
        const id = LOGS[seed % LOGS.length]!;
        const bytes = harm(original(id), randomOf(seed), original('with-blobs'));
        writeFileSync(layout.logPath(id), bytes);
        readEverything(() => LogReader.open(layout, id), openBase, `${id}, seed ${seed}`);
        assert.ok(readFileSync(layout.logPath(id)).equals(bytes), `reading ${id} of seed ${seed} changed it`);
        writeFileSync(layout.logPath(id), original(id));
      }
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });

    it('goes through every verb, done or refused with a code', async (t) => {
      const { storage, folder, original } = placeOf(t);
      const { layout } = storage;
      const answers = new Map<string, number>();
      for (let seed = 0; seed < runs(12, 60); seed++) {
        const id = LOGS[seed % LOGS.length]!;
        writeFileSync(layout.logPath(id), harm(original(id), randomOf(1_000_000 + seed), original('plain')));
        for (const answer of (await useSession(storage, id, `${id}, seed ${1_000_000 + seed}`)).values()) {
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        }
        removeKept(layout.sessionsDir, id);
        rmSync(layout.logPath(id));
        writeFileSync(layout.logPath(id), original(id), { mode: 0o600 });
      }
      assert.ok(answers.get('done')! > 50 && answers.size > 1, JSON.stringify([...answers]));
      assert.deepEqual(readdirSync(folder), ['.roo']);
    });
  });
}

/** All that reads a log, and that what it reads and what it reports missing are the whole file. */
function readEverything(open: () => LogReader, openBase: (id: string) => LogReader, madeOf: string): void {
  let reader: LogReader;
  try {
    reader = open();
  } catch (error) {
    refusalOf(error, madeOf);
    return;
  }
  const attempt = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      refusalOf(error, madeOf);
    }
  };
  try {
    let accounted = 0;
    for (const item of reader.forwards()) {
      accounted += 'frame' in item ? item.frame.frameBytes : item.damage.lengthBytes;
      if ('frame' in item) attempt(() => reader.records(item).map((record) => reader.blobs.unspill(record)));
    }
    assert.equal(accounted, reader.sizeBytes, madeOf);
    attempt(() => [...reader.backwards()].length);
    attempt(() => [...walkMessages(reader, reader.fold().head.messageId, openBase)].length);
    attempt(() => verifyLog(reader, 'hash'));
  } finally {
    reader.close();
  }
}
