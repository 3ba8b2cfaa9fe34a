import assert from 'node:assert/strict';
import fs, { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { inUseError, isLocked, networkFileSystem, readHolder, tryLock } from '../../src/store/session-lock.ts';
import type { SessionLock } from '../../src/store/session-lock.ts';
import { startChild } from '../helpers/child.ts';
import { runs } from '../helpers/slow.ts';
import { tempStore } from '../helpers/temp-store.ts';

const ID = 'a-session';
const SINCE = '2026-01-01T00:00:00.000Z';

describe('the lock of a session', () => {
  it('is had by one, and free again when it is given back', (t) => {
    const { layout } = tempStore(t);
    assert.equal(isLocked(layout, ID), false);
    const lock = tryLock(layout, ID, SINCE)!;
    assert.equal(isLocked(layout, ID), true);
    assert.equal(tryLock(layout, ID, SINCE), null);
    const other = tryLock(layout, 'another-session', SINCE)!;
    lock.release();
    lock.release();
    assert.equal(isLocked(layout, ID), false);
    tryLock(layout, ID, SINCE)!.release();
    other.release();
  });

  it('is refused to a second process, which learns who has it', async (t) => {
    const { layout, directory } = tempStore(t);
    const holder = startChild(t, 'hold-lock', [directory, ID]);
    await holder.saysLines(1);
    assert.equal(holder.lines[0], 'held');
    assert.equal(tryLock(layout, ID, SINCE), null);
    assert.equal(isLocked(layout, ID), true);
    const error = inUseError(layout, ID);
    assert.equal(error.code, 'SESSION_IN_USE');
    assert.match(error.message, new RegExp(`process ${holder.process.pid} on .+ since 20`));
    assert.match(error.hint!, /fork/);
    await holder.end('SIGKILL');
  });

  it('is free as soon as its holder is killed, whatever it left lying about', async (t) => {
    const { layout, directory } = tempStore(t);
    const holder = startChild(t, 'hold-lock', [directory, ID]);
    await holder.saysLines(1);
    await holder.end('SIGKILL');
    assert.equal(readHolder(layout, ID)!.pid, holder.process.pid);
    assert.equal(isLocked(layout, ID), false);
    const lock = tryLock(layout, ID, SINCE)!;
    assert.equal(readHolder(layout, ID)!.pid, process.pid);
    lock.release();
    assert.equal(readHolder(layout, ID), null);
  });

  it('stays with a process that sleeps, and is still its own when it wakes', async (t) => {
    const { layout, directory } = tempStore(t);
    const holder = startChild(t, 'hold-lock', [directory, ID]);
    await holder.saysLines(2);
    holder.process.kill('SIGSTOP');
    await wait(runs(300, 15_000));
    assert.equal(tryLock(layout, ID, SINCE), null);
    assert.equal(isLocked(layout, ID), true);
    const saidBefore = holder.lines.length;
    holder.process.kill('SIGCONT');
    await holder.saysLines(saidBefore + 2);
    assert.equal(tryLock(layout, ID, SINCE), null);
    await holder.end('SIGKILL');
  });

  it('is never had by two of eight processes that fight for it', async (t) => {
    const { directory } = tempStore(t);
    const times = runs(40, 1_250);
    const folder = join(directory, 'only-one');
    const children = Array.from({ length: 8 }, () =>
      startChild(t, 'lock-many-times', [directory, ID, folder, String(times)]),
    );
    for (const child of children) {
      assert.equal(await child.ended, 0);
      assert.deepEqual(
        child.lines,
        Array.from({ length: times }, () => 'taken'),
      );
    }
  });

  it('is not refused to a writer because somebody looks whether it is free', async (t) => {
    const { layout, directory } = tempStore(t);
    const looker = startChild(t, 'look-at-lock', [directory, ID]);
    tryLock(layout, ID, SINCE)!.release();
    await looker.saysLines(1);
    for (let i = 0; i < runs(400, 5_000); i++) {
      const lock: SessionLock | null = tryLock(layout, ID, SINCE);
      assert.ok(lock, `refused at ${i}`);
      lock.release();
    }
    await looker.end('SIGKILL');
  });

  it('asks no process number: one that was given to somebody else means nothing', (t) => {
    const { layout } = tempStore(t);
    tryLock(layout, ID, SINCE)!.release();
    const holder = { pid: process.ppid, host: 'here', since: SINCE };
    writeFileSync(join(layout.locksDir, `${ID}.owner.json`), JSON.stringify(holder));
    assert.equal(isLocked(layout, ID), false);
    tryLock(layout, ID, SINCE)!.release();
  });

  it('says nothing of its holder when what he left cannot be read', (t) => {
    const { layout } = tempStore(t);
    const lock = tryLock(layout, ID, SINCE)!;
    writeFileSync(join(layout.locksDir, `${ID}.owner.json`), '{"pid":');
    assert.equal(readHolder(layout, ID), null);
    assert.match(inUseError(layout, ID).message, /another process/);
    lock.release();
  });

  it('can be had on a full disk, so that sessions can be deleted there', (t) => {
    const { layout } = tempStore(t);
    const lock = withFullDisk(() => tryLock(layout, ID, SINCE)!);
    assert.equal(isLocked(layout, ID), true);
    assert.equal(readHolder(layout, ID), null);
    lock.release();
    assert.equal(isLocked(layout, ID), false);
  });

  it('that cannot be looked at is not called free', (t) => {
    const { layout } = tempStore(t);
    mkdirSync(join(layout.locksDir, `${ID}.lock`), { recursive: true });
    const expected = { code: 'STORE_UNSAFE', path: join(layout.locksDir, `${ID}.lock`) };
    assert.throws(() => isLocked(layout, ID), expected);
    assert.throws(() => tryLock(layout, ID, SINCE), expected);
  });

  it('leaves files that only their owner may read', (t) => {
    const { layout } = tempStore(t);
    const lock = tryLock(layout, ID, SINCE)!;
    for (const name of readdirSync(layout.locksDir)) {
      assert.equal(statSync(join(layout.locksDir, name)).mode & 0o777, 0o600, name);
    }
    assert.equal(statSync(layout.locksDir).mode & 0o777, 0o700);
    lock.release();
    assert.ok(existsSync(join(layout.locksDir, `${ID}.lock`)), 'a lock file that is removed can be held twice');
  });

  it('is not trusted on file systems of other machines', () => {
    assert.equal(networkFileSystem('/', 0x6969), 'NFS');
    assert.equal(networkFileSystem('/', 0xff534d42 | 0), 'CIFS');
    assert.equal(networkFileSystem('/', 0xef53), null);
  });
});

function withFullDisk<T>(action: () => T): T {
  const { writeSync: original } = fs;
  fs.writeSync = () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  syncBuiltinESMExports();
  try {
    return action();
  } finally {
    fs.writeSync = original;
    syncBuiltinESMExports();
  }
}
