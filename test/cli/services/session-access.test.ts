// What may stand at a path of the store, and who may get at it: each attack is a parameter, on real files.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { SessionSerializer } from '../../../src/cli/services/SessionSerializer.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { says, shown, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';
import type { TempHome } from '../../helpers/temp-home.ts';

makeSyncingFree();

const SKIP = process.platform === 'win32' && 'no modes here';
const IS_ROOT = process.geteuid?.() === 0;

/** Large enough for a file of its own. */
const LONG = 'word '.repeat(80_000);

interface Attack {
  needs?: 'root';
  /** The hint names the way out. */
  hint: RegExp;
  make(path: string, place: TempHome): void;
}

/** What takes the place of a file. */
const IN_PLACE: Readonly<Record<string, Attack>> = {
  'a symbolic link': {
    hint: /cp -p|rm/,
    make(path, { folder }) {
      const aside = join(folder, 'aside');
      renameSync(path, aside);
      symlinkSync(aside, path);
    },
  },
  'a named pipe': {
    hint: /move it away/,
    make(path) {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
  },
  'a folder': {
    hint: /move it away/,
    make(path) {
      rmSync(path);
      mkdirSync(path);
    },
  },
  'a file with a second name': { hint: /cp -p/, make: (path, { folder }) => linkSync(path, join(folder, 'second')) },
  'a file with a second name beside it': { hint: /cp -p/, make: (path) => linkSync(path, `${path}.second`) },
};

const CHANGEABLE: Readonly<Record<string, Attack>> = {
  'a file that a group may change': { hint: /chmod 600/, make: (path) => chmodSync(path, 0o660) },
  'a file that everybody may change': { hint: /chmod 600/, make: (path) => chmodSync(path, 0o606) },
  'a file of somebody else': { needs: 'root', hint: /chown/, make: (path) => chownSync(path, 65_533, 65_533) },
};

function skipOf({ needs }: Attack): string | false {
  return needs === 'root' && !IS_ROOT ? 'needs root' : SKIP;
}

function refused(hint: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SessionError, String(error));
    assert.equal(error.code, 'STORE_UNSAFE');
    assert.match(error.hint ?? error.message, hint);
    return true;
  };
}

describe('in place of a log', () => {
  for (const [name, attack] of Object.entries({ ...IN_PLACE, ...CHANGEABLE })) {
    it(`${name} is neither read nor written`, { skip: skipOf(attack) }, async (t) => {
      const place = tempHome(t);
      const storage = place.storage();
      const id = await writeSession(storage);
      attack.make(storage.layout.logPath(id), place);
      await assert.rejects(async () => shown(storage, id), refused(attack.hint));
      await assert.rejects(storage.change(id, [says('more')]), refused(attack.hint));
      // It does not keep the others from being listed.
      const other = await writeSession(storage);
      assert.ok(storage.list().sessions.some((session) => session.id === other));
    });
  }

  it('a file that others may read is a warning with the fix', { skip: SKIP }, async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    const path = storage.layout.logPath(id);
    chmodSync(path, 0o644);
    const { warnings } = storage.details(id);
    assert.deepEqual(
      warnings.map(({ code, hint }) => [code, hint]),
      [['STORE_UNSAFE', `chmod 600 '${path}'`]],
    );
  });

  it('a log that a repair kept under a second name is no attack', { skip: SKIP }, async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    const path = storage.layout.logPath(id);
    // As after a crash between keeping the log and putting the repaired one in its place.
    linkSync(path, `${path.replace(/\.json\.gz$/, '')}.damaged-1`);
    assert.deepEqual(await textsShown(storage, id), ['hello']);
  });

  it('nothing is asked of a log that is imported but to be a file', { skip: SKIP }, async (t) => {
    const from = tempHome(t);
    const one = from.storage();
    const id = await writeSession(one, [says(LONG)]);
    const path = one.layout.logPath(id);
    await one.close();
    chmodSync(path, 0o666);
    linkSync(path, join(from.folder, 'second'));
    for (const each of readdirSync(join(from.sessionsDir, 'blobs', id))) {
      chmodSync(join(from.sessionsDir, 'blobs', id, each), 0o666);
    }
    const storage = tempHome(t).storage();
    await new SessionSerializer(storage).importFile(path, {});
    assert.deepEqual(await textsShown(storage, id), [LONG]);
  });
});

describe('in place of a large part', () => {
  for (const [name, attack] of Object.entries({ ...IN_PLACE, ...CHANGEABLE })) {
    it(`${name} is not read`, { skip: skipOf(attack) }, async (t) => {
      const place = tempHome(t);
      const storage = place.storage();
      const id = await writeSession(storage, [says(LONG)]);
      const folder = storage.layout.blobDir(id);
      attack.make(join(folder, readdirSync(folder)[0]!), place);
      await assert.rejects(async () => shown(storage, id), refused(attack.hint));
    });
  }
});

describe('in place of a lock', () => {
  for (const [name, attack] of Object.entries(IN_PLACE)) {
    it(`${name} is not opened`, { skip: skipOf(attack) }, async (t) => {
      const place = tempHome(t);
      const storage = place.storage();
      const id = await writeSession(storage);
      attack.make(join(storage.layout.locksDir, `${id}.lock`), place);
      await assert.rejects(storage.change(id, [says('more')]), refused(/rm/));
    });
  }
});

describe('in place of the claim against other machines', () => {
  for (const [name, attack] of Object.entries({ ...IN_PLACE, ...CHANGEABLE })) {
    it(`${name} is not believed`, { skip: skipOf(attack) }, async (t) => {
      const place = tempHome(t);
      const storage = place.storage({ sessionsDir: join(place.folder, 'shared') });
      const id = await writeSession(storage);
      writeFileSync(storage.layout.sharedLockPath(id), '{}', { mode: 0o600 });
      attack.make(storage.layout.sharedLockPath(id), place);
      await assert.rejects(storage.change(id, [says('more')]), refused(attack.hint));
    });
  }
});

describe('in place of an inbox', () => {
  it('a link to a folder is neither read nor written to', { skip: SKIP }, async (t) => {
    const place = tempHome(t);
    const storage = place.storage();
    const id = await writeSession(storage);
    const elsewhere = join(place.folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'planted.json'), '{}\n');
    symlinkSync(elsewhere, storage.layout.inboxDir(id));
    assert.throws(() => storage.details(id), refused(/./));
    await assert.rejects(storage.change(id, [says('more')]), refused(/./));
    assert.deepEqual(readdirSync(elsewhere), ['planted.json']);
  });

  for (const [name, attack] of Object.entries({ ...IN_PLACE, ...CHANGEABLE })) {
    it(`a change that is ${name} is not taken in, and said`, { skip: skipOf(attack) }, async (t) => {
      const place = tempHome(t);
      const storage = place.storage();
      const id = await writeSession(storage);
      const directory = storage.layout.inboxDir(id);
      mkdirSync(directory, { mode: 0o700 });
      const record = { type: 'meta', id: 'r', at: '2026-01-02T10:00:00.000Z', name: 'planted', inbox: 'x' };
      writeFileSync(join(directory, '1.json'), `${JSON.stringify(record)}\n`, { mode: 0o600 });
      attack.make(join(directory, '1.json'), place);
      const { fold, warnings } = storage.details(id);
      assert.equal(fold.name, undefined);
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['STORE_UNSAFE'],
      );
    });
  }
});

const FOLDERS: readonly ['sessionsDir' | 'stateDir', string][] = [
  ['sessionsDir', 'the sessions folder'],
  ['stateDir', 'the folder of this machine’s state'],
];

for (const [key, name] of FOLDERS) {
  describe(name, { skip: SKIP }, () => {
    async function prepared(place: TempHome): Promise<string> {
      const storage = place.storage();
      await writeSession(storage);
      await storage.close();
      return storage.layout[key];
    }

    for (const mode of [0o770, 0o702, 0o777, 0o1777]) {
      it(`is refused where others may write to it: mode ${mode.toString(8)}`, async (t) => {
        const place = tempHome(t);
        const path = await prepared(place);
        chmodSync(path, mode);
        assert.throws(() => place.storage(), refused(/chmod 700/));
        chmodSync(path, 0o700);
        assert.equal(place.storage().list().sessions.length, 1);
      });
    }

    it('is refused where it is somebody else’s', { skip: !IS_ROOT && 'needs root' }, async (t) => {
      const place = tempHome(t);
      chownSync(await prepared(place), 65_533, 65_533);
      assert.throws(() => place.storage(), refused(/chown/));
    });

    it('is a warning with the fix where others may look into it', async (t) => {
      const place = tempHome(t);
      const path = await prepared(place);
      chmodSync(path, 0o755);
      const { warnings } = place.storage().writers;
      assert.deepEqual(
        warnings.map(({ code, hint }) => [code, hint]),
        [['STORE_UNSAFE', `chmod 700 '${path}'`]],
      );
    });

    it('may be reached by a link', async (t) => {
      const place = tempHome(t);
      const path = await prepared(place);
      const elsewhere = join(place.folder, 'elsewhere');
      renameSync(path, elsewhere);
      symlinkSync(elsewhere, path);
      assert.equal(place.storage().list().sessions.length, 1);
    });
  });
}

describe('everything that the services write', { skip: SKIP }, () => {
  for (const umask of [0o000, 0o077, 0o777]) {
    it(`is its owner’s alone under umask ${umask.toString(8).padStart(3, '0')}`, async (t) => {
      const before = process.umask(umask);
      t.after(() => process.umask(before));
      const place = tempHome(t);
      await doEverything(place.storage(), place);
      const entries = readdirSync(place.home, { recursive: true, withFileTypes: true });
      assert.ok(entries.length > 10);
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name);
        const mode = statSync(path).mode & 0o777;
        assert.equal(mode.toString(8), entry.isDirectory() ? '700' : '600', path);
      }
    });
  }
});

/** A session with all that can lie beside it, another in trash, and the index, the markers and the audit log. */
async function doEverything(storage: SessionStorage, place: TempHome): Promise<void> {
  const id = await writeSession(storage, [says(LONG), says('b')]);
  const gone = await writeSession(storage);
  await storage.trash(gone, 'test');
  const held = await storage.writers.open(id);
  const other = place.storage();
  await other.change(id, [{ type: 'meta', name: 'from elsewhere' }]);
  await storage.find('word');
  await storage.fork(id, null, null);
  await storage.writers.close(held);
  await storage.archive(id);
  writeFileSync(
    storage.layout.logPath(id),
    Buffer.concat([readFileSync(storage.layout.logPath(id)), Buffer.from('torn')]),
  );
  await storage.unarchive(id);
  await storage.repair(id);
  await storage.openReader(id).close();
}
