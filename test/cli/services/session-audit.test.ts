// Which deeds of the services are logged, and that the log is never in their way.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isoTime } from '../../../src/core/clock.ts';
import type { Warning } from '../../../src/core/errors.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { SessionSerializer } from '../../../src/cli/services/SessionSerializer.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { collected, movableClock, says, shown, tempHome, writeSession } from '../../helpers/temp-home.ts';
import type { TempHome } from '../../helpers/temp-home.ts';

makeSyncingFree();

function deeds(storage: SessionStorage, id: string): string[] {
  return [...storage.audit.entries(id, () => assert.fail())].map(({ op }) => op);
}

async function exported(serializer: SessionSerializer, id: string, path: string): Promise<void> {
  writeFileSync(path, await serializer.exportSession(id, 'json'));
}

/** What is done to a session behind its creation, and what the log then says of it. */
const DEEDS: Readonly<
  Record<string, { act(storage: SessionStorage, id: string, place: TempHome): Promise<unknown>; says: string[] }>
> = {
  'opening it for writing': {
    act: async (storage, id) => storage.writers.close(await storage.writers.open(id)),
    says: ['write'],
  },
  'showing it twice': {
    act: async (storage, id) => {
      await shown(storage, id);
      await shown(storage, id);
    },
    says: ['read'],
  },
  'reading its records': { act: (storage, id) => collected(storage.records(id)), says: ['read'] },
  'loading it': { act: (storage, id) => storage.loadSession(id), says: ['read'] },
  'changing it': { act: (storage, id) => storage.change(id, [{ type: 'meta', name: 'x' }]), says: ['edit'] },
  'a fork of it': { act: (storage, id) => storage.fork(id, null, null), says: ['read'] },
  'an export': {
    act: (storage, id, { folder }) => exported(new SessionSerializer(storage), id, join(folder, 'out.json')),
    says: ['export'],
  },
  'an import over it that has nothing new': {
    act: async (storage, id, { folder }) => {
      const serializer = new SessionSerializer(storage);
      await exported(serializer, id, join(folder, 'out.json'));
      await serializer.importFile(join(folder, 'out.json'), {});
    },
    says: ['export'],
  },
  'archiving it and back': {
    act: async (storage, id) => {
      await storage.archive(id);
      await storage.unarchive(id);
    },
    says: ['write', 'archive', 'edit', 'unarchive'],
  },
  'deleting it and back': {
    act: async (storage, id) => {
      await storage.trash(id, 'test');
      await storage.undelete(id);
    },
    says: ['delete', 'undelete'],
  },
  'purging it': { act: (storage, id) => storage.purge(id), says: ['delete', 'purge'] },
  'repairing it': { act: (storage, id) => storage.repair(id), says: ['repair'] },
  'a list, a search and its facts': {
    act: async (storage, id) => {
      storage.list();
      await storage.find('hello');
      storage.details(id);
    },
    says: [],
  },
};

describe('the audit log of a store', () => {
  for (const [name, { act, says: said }] of Object.entries(DEEDS)) {
    it(`says of ${name}: ${said.join(', ') || 'nothing'}`, async (t) => {
      const place = tempHome(t);
      const storage = place.storage();
      const id = await writeSession(storage);
      await act(storage, id, place);
      assert.deepEqual(deeds(storage, id), ['create', ...said]);
      assert.equal(storage.audit.verify().ok, true);
    });
  }

  it('says of an import of a session that is new here: import', async (t) => {
    const from = tempHome(t);
    const one = from.storage();
    const id = await writeSession(one);
    await exported(new SessionSerializer(one), id, join(from.folder, 'out.json'));
    const storage = tempHome(t).storage();
    const serializer = new SessionSerializer(storage);
    await serializer.importFile(join(from.folder, 'out.json'), { dryRun: 'dry-run' });
    assert.deepEqual(deeds(storage, id), []);
    await serializer.importFile(join(from.folder, 'out.json'), {});
    assert.deepEqual(deeds(storage, id), ['import']);
  });

  it('counts the reads of a session in one line, with the times of the first and the last', async (t) => {
    const clock = movableClock();
    const storage = tempHome(t).storage({ clock });
    const id = await writeSession(storage);
    await shown(storage, id);
    clock.advance(5000);
    await shown(storage, id);
    await shown(storage, id);
    const [, read] = [...storage.audit.entries(id, () => assert.fail())];
    assert.deepEqual([read!.op, read!.count, read!.pid], ['read', 3, process.pid]);
    assert.ok(Date.parse(read!.until!) - Date.parse(read!.at) >= 5000);
    assert.ok(read!.until! <= isoTime(clock.now()));
  });

  it('has the reads when the store was closed', async (t) => {
    const place = tempHome(t);
    const storage = place.storage();
    const id = await writeSession(storage);
    await shown(storage, id);
    await storage.close();
    assert.deepEqual(deeds(place.storage(), id), ['create', 'read']);
  });

  it('says nothing of a session in which nothing was said', async (t) => {
    const storage = tempHome(t).storage();
    const origin = { kind: 'human', agent: 'roo' } as const;
    const record = storage.newSessionRecord({ project: { path: '/p' }, origin });
    await storage.writers.close(storage.writers.create(record));
    assert.deepEqual(deeds(storage, record.sessionId), []);
  });

  it('holds ids and no words of a session', async (t) => {
    const place = tempHome(t);
    const storage = place.storage();
    const id = await writeSession(storage, [
      says('the canary sang'),
      { type: 'meta', name: 'canary', addTags: ['canary'] },
    ]);
    await storage.change(id, [{ type: 'meta', description: 'canary' }]);
    await storage.trash(id, 'canary');
    await storage.close();
    const folder = join(place.home, 'state', 'audit');
    for (const name of readdirSync(folder)) {
      if (name !== 'lock') assert.doesNotMatch(readFileSync(join(folder, name), 'utf8'), /canary/, name);
    }
  });

  it('is not begun by a list', async (t) => {
    const place = tempHome(t);
    place.storage().list();
    assert.equal(existsSync(join(place.home, 'state', 'audit')), false);
  });
});

/** Why the log may not be writable. */
const TROUBLES: Readonly<Record<string, (state: string) => void>> = {
  'a file in place of its folder': (state) => writeFileSync(join(state, 'audit'), ''),
  'a file that is no key': (state) => {
    mkdirSync(join(state, 'audit'), { mode: 0o700 });
    writeFileSync(join(state, 'audit', 'key'), 'no key', { mode: 0o600 });
  },
  'a lock that is no database': (state) => {
    mkdirSync(join(state, 'audit'), { mode: 0o700 });
    writeFileSync(join(state, 'audit', 'lock'), 'no database at all'.repeat(100), { mode: 0o600 });
  },
  'a key that others may change': (state) => {
    mkdirSync(join(state, 'audit'), { mode: 0o700 });
    writeFileSync(join(state, 'audit', 'key'), `${'ab'.repeat(32)}\n`);
    chmodSync(join(state, 'audit', 'key'), 0o666);
  },
};

describe('an audit log that cannot be written', () => {
  for (const [name, trouble] of Object.entries(TROUBLES)) {
    it(`is a warning once, and the work is done: ${name}`, async (t) => {
      const place = tempHome(t);
      mkdirSync(join(place.home, 'state'), { recursive: true, mode: 0o700 });
      trouble(join(place.home, 'state'));
      const storage = place.storage();
      const id = await writeSession(storage);
      await storage.change(id, [{ type: 'meta', name: 'renamed' }]);
      assert.equal(storage.details(id).session.name, 'renamed');
      const codes = storage.writers.warnings.map(({ code }: Warning) => code);
      assert.deepEqual(codes, ['AUDIT_UNUSABLE']);
    });
  }
});
