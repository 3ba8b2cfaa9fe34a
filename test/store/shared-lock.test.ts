import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { SessionError } from '../../src/core/errors.ts';
import type { SharedHolder } from '../../src/store/shared-lock.ts';
import { claimShared, foreignHolder, readShared } from '../../src/store/shared-lock.ts';
import type { StoreLayout } from '../../src/store/store-layout.ts';
import { storeLayout } from '../../src/store/store-layout.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { movableClock } from '../helpers/temp-home.ts';
import { tempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

const ID = 'a1b2c3d4-0000-4000-8000-000000000001';

/** A home, and a sessions folder outside of it. */
function sharedStore(t: TestContext): StoreLayout {
  const { directory } = tempStore(t);
  for (const folder of ['home', 'synced']) mkdirSync(join(directory, folder));
  return storeLayout(join(directory, 'home'), join(directory, 'synced'));
}

function foreign(beatAt: number, changes: Partial<SharedHolder> = {}): SharedHolder {
  const at = new Date(beatAt).toISOString();
  return { host: 'other-machine', machine: 'boot:pid:[1]', pid: 77, since: at, beatAt: at, ...changes };
}

describe('a claim in a folder that several machines share', () => {
  it('names the writer while it writes, and is gone behind it', (t) => {
    const layout = sharedStore(t);
    const lock = claimShared(layout, ID, movableClock());
    const holder = readShared(layout.sharedLockPath(ID))!;
    assert.equal(holder.host, hostname());
    assert.equal(holder.pid, process.pid);
    lock.release();
    assert.equal(existsSync(layout.sharedLockPath(ID)), false);
    lock.release();
  });

  it('is refused at once while another machine writes: who, where, since when', (t) => {
    const layout = sharedStore(t);
    const clock = movableClock();
    const there = foreign(clock.now() - 20_000);
    writeFileSync(layout.sharedLockPath(ID), JSON.stringify(there));
    assert.throws(
      () => claimShared(layout, ID, clock),
      (error: unknown) => {
        assert.ok(error instanceof SessionError);
        assert.equal(error.code, 'SESSION_IN_USE');
        assert.equal(error.path, layout.sharedLockPath(ID));
        assert.match(error.message, /other-machine \(process 77\)/);
        assert.deepEqual(error.data, { holder: there });
        return true;
      },
    );
    assert.deepEqual(foreignHolder(layout, ID, clock.now()), there);
    assert.equal(readFileSync(layout.sharedLockPath(ID), 'utf8'), JSON.stringify(there));
  });

  it('is taken over when the other machine shows no sign of life for a minute', (t) => {
    const layout = sharedStore(t);
    const clock = movableClock();
    writeFileSync(layout.sharedLockPath(ID), JSON.stringify(foreign(clock.now() - 61_000)));
    assert.equal(foreignHolder(layout, ID, clock.now()), null);
    claimShared(layout, ID, clock).release();
  });

  it('of this machine does not count: its own lock has decided', (t) => {
    const layout = sharedStore(t);
    const first = claimShared(layout, ID, movableClock());
    claimShared(layout, ID, movableClock()).release();
    first.release();
  });

  for (const [name, text] of Object.entries({
    'half written': '{"host":"oth',
    empty: '',
    null: 'null',
    'of another program': '12345\n',
    'without a time': JSON.stringify({ host: 'other-machine', machine: 'x', pid: 1 }),
  })) {
    it(`that is ${name} keeps nobody out`, (t) => {
      const layout = sharedStore(t);
      writeFileSync(layout.sharedLockPath(ID), text);
      claimShared(layout, ID, movableClock()).release();
    });
  }

  it('is not taken back from another machine that took it over', (t) => {
    const layout = sharedStore(t);
    const clock = movableClock();
    const lock = claimShared(layout, ID, clock);
    const there = JSON.stringify(foreign(clock.now()));
    writeFileSync(layout.sharedLockPath(ID), there);
    lock.release();
    assert.equal(readFileSync(layout.sharedLockPath(ID), 'utf8'), there);
  });

  it('beats, until another machine has taken over', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const layout = sharedStore(t);
    const clock = movableClock();
    const lock = claimShared(layout, ID, clock);
    clock.advance(30_000);
    t.mock.timers.tick(10_000);
    const { since, beatAt } = readShared(layout.sharedLockPath(ID))!;
    assert.ok(Date.parse(beatAt) - Date.parse(since) >= 30_000);
    const there = JSON.stringify(foreign(clock.now()));
    writeFileSync(layout.sharedLockPath(ID), there);
    t.mock.timers.tick(30_000);
    assert.equal(readFileSync(layout.sharedLockPath(ID), 'utf8'), there);
    lock.release();
  });

  it('is made also where the folder in the home is a link to one that is synced', (t) => {
    const { directory } = tempStore(t);
    mkdirSync(join(directory, 'synced'));
    mkdirSync(join(directory, 'home'));
    symlinkSync(join(directory, 'synced'), join(directory, 'home', 'sessions'));
    const lock = claimShared(storeLayout(join(directory, 'home')), ID, movableClock());
    assert.ok(existsSync(join(directory, 'synced', `session-${ID}.lock`)));
    lock.release();
  });

  it('is not made in a home of one machine, nor where nothing was written yet', (t) => {
    const { layout, directory } = tempStore(t);
    mkdirSync(layout.sessionsDir, { recursive: true });
    claimShared(layout, ID, movableClock());
    assert.equal(existsSync(layout.sharedLockPath(ID)), false);
    const nowhere = storeLayout(join(directory, 'a'), join(directory, 'b'));
    claimShared(nowhere, ID, movableClock());
    assert.equal(existsSync(join(directory, 'b')), false);
  });
});
