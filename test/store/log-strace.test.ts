import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { startChild } from '../helpers/child.ts';
import { SLOW } from '../helpers/slow.ts';
import { openLog, readLog, tempStore, userSays } from '../helpers/temp-store.ts';

/** What the kernel answers to a real process; `when` counts the calls on the log. */
interface Fault {
  inject: string[];
  /** What each of ten appends is answered, with `ok` for those that are acknowledged. */
  answers: RegExp;
  tier: 'fast' | 'slow';
}

const FAULTS: Record<string, Fault> = {
  'the disk is full at the third write': {
    inject: ['write:error=ENOSPC:when=3'],
    answers: /^ok ok STORE_FULL( ok){7}$/,
    tier: 'fast',
  },
  'the quota is reached at the third write': {
    inject: ['write:error=EDQUOT:when=3'],
    answers: /^ok ok STORE_FULL( ok){7}$/,
    tier: 'slow',
  },
  'a write fails': { inject: ['write:error=EIO:when=2'], answers: /^ok STORE_UNREADABLE( ok){8}$/, tier: 'slow' },
  'a write says that it wrote what it did not': {
    inject: ['write:retval=40:when=3'],
    answers: /^ok ok( LOG_CHANGED){8}$/,
    tier: 'fast',
  },
  'a sync fails': { inject: ['fdatasync:error=EIO:when=2'], answers: /^ok ok( LOG_POISONED){8}$/, tier: 'fast' },
  'the first sync fails': {
    inject: ['fsync:error=EIO:when=1'],
    answers: /^LOG_POISONED( LOG_POISONED){9}$/,
    tier: 'slow',
  },
  'the disk is full and what was written cannot be taken back': {
    inject: ['write:error=ENOSPC:when=4', 'ftruncate:error=EIO:when=1'],
    answers: /^ok ok ok( LOG_POISONED){7}$/,
    tier: 'slow',
  },
  'the process is killed in a sync': {
    inject: ['fdatasync:signal=SIGKILL:when=4'],
    answers: /^ok ok ok ok$/,
    tier: 'fast',
  },
};

describe('a real process appends; when', () => {
  for (const [name, { inject, answers, tier }] of Object.entries(FAULTS)) {
    it(`${name}, what it was told is true`, { skip: tier === 'slow' && !SLOW && 'slow tier' }, async (t) => {
      const { error, status } = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']);
      if (error || status !== 0) return t.skip('strace is not there, or may not trace');
      const store = tempStore(t);
      const id = store.clock.sessionId();
      const calls = 'trace=write,fsync,fdatasync,ftruncate';
      const faults = inject.flatMap((fault) => ['-e', `inject=${fault}`]);
      // One thread for syncs, because strace counts the calls of each thread by itself.
      const strace = [
        'env',
        'UV_THREADPOOL_SIZE=1',
        'strace',
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-P',
        store.layout.logPath(id),
        '-e',
        calls,
        ...faults,
      ];
      const child = startChild(t, 'append-some', [store.directory, id], strace);
      await child.ended;
      const said = child.lines.filter((line) => !line.startsWith('closing'));
      assert.match(said.map((line) => line.split(' ')[0]).join(' '), answers);

      const acknowledged = said.filter((line) => line.startsWith('ok ')).map((line) => line.slice(3));
      if (acknowledged.length === 0) return;
      const writer = openLog(store, id);
      await writer.append([userSays('afterwards')]);
      await writer.close();
      const { records, health } = readLog(store.layout, id);
      assert.equal(health, 'ok');
      const ids = records.map((record) => record.id);
      assert.equal(new Set(ids).size, ids.length, 'a record is there twice');
      for (const recordId of acknowledged) assert.ok(ids.includes(recordId), `${recordId} is lost`);
    });
  }
});
