// Encrypted sessions through the services: what they hold stands nowhere in plain, comes back with a key, and goes with
// it; and no step of making them leaves a session that nobody can read.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { NewRecord } from '../../../src/core/record.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { BlobStore } from '../../../src/store/blob-store.ts';
import { startChild } from '../../helpers/child.ts';
import type { Person } from '../../helpers/identities.ts';
import { lockedPerson, person } from '../../helpers/identities.ts';
import { plainBytesIn } from '../../helpers/plain-bytes.ts';
import { runs } from '../../helpers/slow.ts';
import { collected, says, shown, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';
import type { TempHome } from '../../helpers/temp-home.ts';
import { answers, calls } from '../../helpers/walks.ts';

const MARK = 'needleword';
/** Too long for a line. */
const LONG = `${MARK} is said again and again `.repeat(12_000);

/** Something with the mark in every place that a session keeps words in. */
const MARKED: readonly NewRecord[] = [
  says(`${MARK} message`),
  {
    type: 'meta',
    name: `${MARK} name`,
    description: `${MARK} words`,
    outcome: `${MARK} end`,
    addTags: [`${MARK}-tag`],
  },
  { type: 'context', context: { systemPrompt: `${MARK} prompt` } },
  { type: 'state', patch: { openFiles: [`${MARK}/file`], workingDirectory: `/home/dev/${MARK}` } },
  calls(`${MARK} call`, ['c']),
  answers('c', `${MARK} output ${LONG}`),
  says(`${MARK} long ${LONG}`),
];

function storageOf(
  home: TempHome,
  who: Pick<Person, 'identities' | 'available' | 'recipients'>,
  encrypted = false,
): SessionStorage {
  return home.storage({ identities: async () => who, ...(encrypted && { settings: { encryptionEnabled: true } }) });
}

function writeMarked(storage: SessionStorage): Promise<string> {
  return writeSession(storage, [...MARKED], { project: `/home/dev/${MARK}` });
}

/** Files below a folder in which the mark can be read, packed or not. */
function plainIn(home: TempHome): string[] {
  return [...plainBytesIn(home.folder)].flatMap(([name, bytes]) => (bytes.includes(MARK) ? [name] : []));
}

async function everythingOf(storage: SessionStorage, id: string): Promise<unknown[]> {
  const messages = await shown(storage, id);
  const { fold } = storage.details(id);
  const outputs = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => ('blob' in part && part.blob ? [part.blob.bytes] : [])),
  );
  const words = messages.map(({ parts, ...rest }) => ({
    ...rest,
    parts: parts.map(({ ...part }) => ('blob' in part ? { ...part, blob: null } : part)),
  }));
  return [
    words,
    outputs,
    fold.name,
    fold.description,
    fold.outcome,
    fold.tags,
    fold.state,
    fold.context.value,
    fold.project,
  ];
}

describe('a session that is encrypted from its beginning', () => {
  it('is in no byte of the store or the index, and comes back whole', async (t) => {
    const home = tempHome(t);
    const storage = storageOf(home, await person(), true);
    const id = await writeMarked(storage);
    await storage.unlockNames('quietly');
    await storage.find(MARK);
    await storage.reindex(() => {});
    assert.deepEqual(plainIn(home), []);
    const [first] = await collected(storage.records(id));
    assert.equal(first!['encryptedSince' as never], 'beginning');
    assert.equal((await textsShown(storage, id)).length, 3);
    assert.equal((await storage.verify(id)).health, 'ok');
    const { sessions } = storage.list({ tags: [`${MARK}-tag`], project: `/home/dev/${MARK}` });
    assert.deepEqual(
      sessions.map(({ name, tags, encrypted }) => [name, tags, encrypted]),
      [[`${MARK} name`, [`${MARK}-tag`], true]],
    );
    assert.equal(storage.resolve(`${MARK} name`, { projectPath: '/', currentId: null }), id);
  });

  it('is found by what was said in it, by words, parts of words and patterns', async (t) => {
    const home = tempHome(t);
    const storage = storageOf(home, await person(), true);
    const id = await writeMarked(storage);
    const plain = await writeSession(home.storage(), [says(`${MARK} in the open`)]);
    for (const [query, mode] of [
      [MARK, 'words'],
      ['eedlewor', 'words'],
      [`${MARK}\\s+call`, 'regex'],
    ] as const) {
      const { sessions } = await storage.find(query, { mode });
      const found = new Set(sessions.map((one) => one.id));
      assert.ok(found.has(id), query);
      assert.equal(found.has(plain), mode === 'words', query);
      assert.ok(
        sessions
          .find((one) => one.id === id)!
          .hits.some(({ snippet }) => snippet.replace(/[\u0001\u0002]/g, '').includes(MARK)),
      );
    }
    assert.deepEqual(
      (await storage.find(`tag:${MARK}-tag ${MARK}`)).sessions.map((one) => one.id),
      [id],
    );
  });

  it('is locked where no key is at hand: listed without its words, not read, and still deleted', async (t) => {
    const home = tempHome(t);
    const me = await person();
    const id = await writeMarked(storageOf(home, me, true));
    const locked = storageOf(home, lockedPerson(me), true);
    const { sessions, warnings } = locked.list({});
    assert.deepEqual(
      sessions.map(({ name, tags, project, encrypted }) => [name, tags, project, encrypted]),
      [[`session ${id.slice(0, 8)}`, [], '', true]],
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['SESSION_ENCRYPTED'],
    );
    assert.throws(() => locked.details(id), { code: 'SESSION_ENCRYPTED' });
    await assert.rejects(locked.loadSession(id), { code: 'SESSION_ENCRYPTED' });
    await assert.rejects(locked.change(id, [says('more')]), { code: 'SESSION_ENCRYPTED' });
    const found = await locked.find(MARK);
    assert.deepEqual([found.sessions.length, found.warnings.map(({ code }) => code)], [0, ['SESSION_ENCRYPTED']]);
    await locked.trash(id, 'test');
    assert.equal(locked.list({ trash: 'only' }).sessions[0]?.encrypted, true);
    assert.deepEqual(plainIn(home), []);
    await locked.undelete(id);
    const { remains } = await locked.purge(id);
    assert.ok(remains.some((sentence) => sentence.includes('its key is destroyed')));
    assert.deepEqual(readdirSync(join(home.sessionsDir, 'keys')), []);
    assert.deepEqual(
      existsSync(join(home.sessionsDir, 'blobs')) ? readdirSync(join(home.sessionsDir, 'blobs')) : [],
      [],
    );
  });

  it('does not keep anybody from the others when its key file is damaged', async (t) => {
    const home = tempHome(t);
    const me = await person();
    const first = storageOf(home, me, true);
    const [broken, whole] = [await writeMarked(first), await writeMarked(first)];
    await first.close();
    const path = first.layout.keyPath(broken);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, -10));
    const storage = storageOf(home, me);
    await storage.unlockNames('quietly');
    assert.deepEqual(
      storage
        .list({})
        .sessions.map(({ id, name }) => [id, name])
        .toSorted(),
      [
        [broken, `session ${broken.slice(0, 8)}`],
        [whole, `${MARK} name`],
      ].toSorted(),
    );
    assert.deepEqual(
      (await storage.find(MARK)).sessions.map(({ id }) => id),
      [whole],
    );
    assert.ok(storage.writers.warnings.some(({ code, path: at }) => code === 'KEY_DAMAGED' && at === path));
    await assert.rejects(storage.unlock(broken), { code: 'KEY_DAMAGED' });
    assert.deepEqual(readFileSync(path), bytes.subarray(0, -10));
    writeFileSync(path, bytes);
    assert.equal((await textsShown(storage, whole)).length, 3);
    await storage.unlock(broken);
    assert.equal((await textsShown(storage, broken)).length, 3);
  });

  it('leaves no file where there is no identity that could read it', async (t) => {
    const home = tempHome(t);
    const nobody = { identities: async () => [], available: async () => [], recipients: () => [] };
    await assert.rejects(writeMarked(storageOf(home, nobody, true)), { code: 'KEY_MISSING' });
    assert.deepEqual(plainIn(home), []);
    assert.equal(storageOf(home, nobody).list({}).sessions.length, 0);
  });

  it('keeps changes that wait for another process sealed, and takes none that was not written with its key', async (t) => {
    const home = tempHome(t);
    const me = await person();
    const holder = storageOf(home, me, true);
    const id = await writeMarked(holder);
    const writer = await holder.writers.open(id);
    const other = storageOf(home, me);
    assert.equal((await other.change(id, [{ type: 'meta', name: `${MARK} renamed` }])).via, 'inbox');
    assert.deepEqual(plainIn(home), []);
    const inbox = home.storage().layout.inboxDir(id);
    writeFileSync(
      join(inbox, '000000000000001-planted.json'),
      `${JSON.stringify({ type: 'meta', id: 'x', at: '2026-01-01T00:00:00.000Z', name: 'planted' })}\n`,
      { mode: 0o600 },
    );
    await holder.writers.takeInbox(writer);
    assert.equal(writer.fold.name, `${MARK} renamed`);
    await holder.writers.close(writer);
    const { warnings } = holder.details(id);
    assert.ok(warnings.some(({ message }) => message.includes('not written with the key')));
  });

  it('is forked with a past of its own, under a key of its own', async (t) => {
    const home = tempHome(t);
    const storage = storageOf(home, await person(), true);
    const id = await writeMarked(storage);
    const fork = await storage.fork(id, null, null);
    assert.deepEqual(await textsShown(storage, fork), await textsShown(storage, id));
    assert.deepEqual(plainIn(home), []);
    await storage.purge(id);
    assert.equal((await textsShown(storage, fork)).length, 3);
    assert.equal((await storage.verify(fork)).health, 'ok');
  });

  it('is what a session becomes whose preferences say so before or after its first save', async (t) => {
    const home = tempHome(t);
    const me = await person();
    const { manager, storage } = home.sessions({ identities: async () => me });
    const early = await manager.createSession();
    early.config.encryptionEnabled = true;
    early.name = MARK;
    await manager.saveSession(early.id);
    assert.deepEqual(plainIn(home), []);
    await manager.close();
    const again = storageOf(home, me);
    const late = await writeSession(again, [says(MARK)]);
    await again.change(late, [{ type: 'config', patch: { encryptionEnabled: true } }]);
    assert.deepEqual(plainIn(home), []);
    await again.change(late, [{ type: 'config', patch: { encryptionEnabled: false } }]);
    assert.ok(plainIn(home).length > 0);
    assert.deepEqual(await textsShown(again, late), [MARK]);
    void storage;
  });
});

describe('encrypting a session that was written in plain', () => {
  it('leaves it in no byte, large parts and kept originals among them, and changes nothing of it', async (t) => {
    const home = tempHome(t);
    const storage = storageOf(home, await person());
    const id = await writeMarked(storage);
    const path = storage.layout.logPath(id);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from(`${MARK} torn`)]));
    await storage.change(id, [says('on')]);
    await storage.find(MARK);
    mkdirSync(join(home.home, 'state', 'files', id), { recursive: true });
    writeFileSync(join(home.home, 'state', 'files', id, 'x'), MARK);
    const before = await everythingOf(storage, id);
    assert.ok(plainIn(home).length > 3);
    const report = await storage.encryption().then((encryption) => encryption.encrypt(id));
    assert.equal(report.status, 'encrypted');
    assert.deepEqual(plainIn(home), []);
    assert.deepEqual(await everythingOf(storage, id), before);
    assert.equal((await storage.verify(id)).health, 'ok');
    assert.equal(storage.details(id).config.encryptionEnabled, true);
    const again = await storage.encryption().then((encryption) => encryption.encrypt(id));
    assert.equal(again.status, 'unchanged');
  });

  it('gives its forks a past of their own, in plain as they are', async (t) => {
    const home = tempHome(t);
    const storage = storageOf(home, await person());
    const id = await writeMarked(storage);
    const fork = await storage.fork(id, null, 'a fork');
    const texts = await textsShown(storage, fork);
    await storage.encryption().then((encryption) => encryption.encrypt(id));
    assert.deepEqual(await textsShown(storage, fork), texts);
    assert.equal((await storage.verify(fork)).health, 'ok');
    assert.equal(storage.details(fork).session.encrypted, false);
    await storage.encryption().then((encryption) => encryption.encrypt(fork));
    assert.deepEqual(plainIn(home), []);
  });

  it('is undone by decrypting it: the session is as it was, its key and sealed parts are gone', async (t) => {
    const home = tempHome(t);
    const storage = storageOf(home, await person());
    const id = await writeMarked(storage);
    const before = await everythingOf(storage, id);
    const encryption = await storage.encryption();
    await encryption.encrypt(id);
    await encryption.decrypt(id);
    assert.deepEqual(await everythingOf(storage, id), before);
    assert.deepEqual(readdirSync(join(home.sessionsDir, 'keys')), []);
    assert.ok(readdirSync(join(home.sessionsDir, 'blobs')).every((name) => !name.endsWith('.sealed')));
    assert.equal(home.storage().details(id).session.encrypted, false);
  });

  it('takes along what a crash left of an output, through every change of the key', async (t) => {
    const home = tempHome(t);
    const storage = storageOf(home, await person());
    const id = await writeSession(storage, [calls('run it', ['c1'])]);
    const blobs = new BlobStore(storage.layout.blobDir(id));
    blobs.writer(blobs.partialName('c1')!).write(Buffer.from(`${LONG} to its end`));
    const outputOf = (): string => {
      const reader = storage.openReader(id);
      try {
        return String(reader.blobs.partial('c1'));
      } finally {
        reader.close();
      }
    };
    const before = outputOf();
    assert.match(before, /to its end$/);
    const encryption = await storage.encryption();
    for (const step of ['encrypt', 'rekey', 'rekey'] as const) {
      await encryption[step](id);
      assert.equal(outputOf(), before);
      assert.deepEqual(plainIn(home), []);
      const names = readdirSync(storage.layout.sealedBlobDir(id)).filter((name) => name.startsWith('partial-'));
      assert.equal(names.length, 1, 'what stood under the old key is gone');
    }
    await encryption.decrypt(id);
    assert.equal(outputOf(), before);
  });

  for (const step of ['encrypt', 'rekey', 'decrypt'] as const) {
    it(`cut short by kill -9 anywhere in ${step} leaves a session that opens, and is finished by doing it again`, async (t) => {
      const home = tempHome(t);
      const me = await person();
      const keyFile = join(home.folder, 'key.txt');
      writeFileSync(keyFile, `${me.identity}\n`, { mode: 0o600 });
      const storage = storageOf(home, me);
      const id = await writeMarked(storage);
      if (step !== 'encrypt') await storage.encryption().then((encryption) => encryption.encrypt(id));
      const before = await everythingOf(storage, id);
      await storage.close();
      let cut = 0;
      for (let run = 0; run < runs(3, 10); run++) {
        const child = startChild(t, 'change-encryption', [home.home, keyFile, id, step]);
        await child.saysLines(1);
        await new Promise((resolve) => setTimeout(resolve, (run * 37) % 120));
        if (child.process.exitCode === null) cut++;
        await child.end('SIGKILL');
        const after = storageOf(home, me);
        await after.unlock(id);
        assert.deepEqual(await everythingOf(after, id), before, `run ${run}`);
        const encryption = await after.encryption();
        await encryption[step](id);
        assert.deepEqual(await everythingOf(after, id), before);
        assert.deepEqual(plainIn(home).length > 0, step === 'decrypt');
        if (step === 'encrypt') await encryption.decrypt(id);
        if (step === 'decrypt') await encryption.encrypt(id);
        await after.close();
      }
      assert.ok(cut > 0);
    });
  }
});

describe('sharing an encrypted session', () => {
  async function team(
    t: TestContext,
  ): Promise<{ alice: SessionStorage; bob: SessionStorage; bobsRecipient: string; id: string }> {
    const home = tempHome(t);
    const [one, two] = [await person(), await person()];
    const alice = storageOf(home, one, true);
    const id = await writeMarked(alice);
    // The same folder of sessions, on another machine.
    const bob = home.storage({
      home: join(home.folder, 'bob'),
      sessionsDir: home.sessionsDir,
      identities: async () => two,
    });
    return { alice, bob, bobsRecipient: two.recipient, id };
  }

  it('lets somebody else read and write it, by its key file alone', async (t) => {
    const { alice, bob, bobsRecipient, id } = await team(t);
    await assert.rejects(bob.unlock(id), { code: 'SESSION_ENCRYPTED' });
    const log = readFileSync(alice.layout.logPath(id));
    const report = await alice.encryption().then((encryption) => encryption.share(id, [bobsRecipient]));
    assert.equal(report.recipients.length, 2);
    assert.deepEqual(readFileSync(alice.layout.logPath(id)), log);
    const again = await alice.encryption().then((encryption) => encryption.share(id, [bobsRecipient]));
    assert.equal(again.status, 'unchanged');
    await bob.unlock(id).catch(() => undefined);
    bob.keys.forget(id);
    await bob.unlock(id);
    assert.equal((await textsShown(bob, id)).length, 3);
    await bob.change(id, [says('from bob')]);
    assert.deepEqual((await textsShown(alice, id)).at(-1), 'from bob');
    await bob.unlockNames('quietly');
    assert.deepEqual(
      bob.list({}).sessions.map(({ name }) => name),
      [`${MARK} name`],
    );
  });

  it('by several at once lets in everybody, and never writes an old key over a new one', async (t) => {
    const home = tempHome(t);
    const me = await person();
    const [one, two] = [storageOf(home, me, true), storageOf(home, me, true)];
    const id = await writeMarked(one);
    const others = await Promise.all([person(), person(), person(), person()]);
    const [a, b] = [await one.encryption(), await two.encryption()];
    await two.unlock(id);
    await Promise.all(others.slice(0, 3).map(({ recipient }, index) => (index % 2 ? a : b).share(id, [recipient])));
    await Promise.all([a.rekey(id), b.share(id, [others[3]!.recipient])]);
    const after = storageOf(home, me);
    await after.unlock(id);
    assert.deepEqual(after.details(id).recipients.toSorted(), [me, ...others].map((each) => each.recipient).toSorted());
    assert.equal((await after.verify(id)).health, 'ok');
    assert.equal((await textsShown(after, id)).length, 3);
  });

  it('ends with a new key for the others, under which nothing of before opens', async (t) => {
    const { alice, bob, bobsRecipient, id } = await team(t);
    const encryption = await alice.encryption();
    await encryption.share(id, [bobsRecipient]);
    await bob.unlock(id);
    await assert.rejects(encryption.rekey(id, ['age1nobody']), { code: 'USAGE' });
    const report = await encryption.rekey(id, [bobsRecipient]);
    assert.equal(report.recipients.length, 1);
    assert.equal((await textsShown(alice, id)).length, 3);
    assert.equal((await alice.verify(id)).health, 'ok');
    // With the key that he has, not one record opens; and he gets no other.
    assert.equal((await bob.verify(id).catch(() => ({ recordsOk: 0 }))).recordsOk, 0);
    bob.keys.forget(id);
    await assert.rejects(bob.unlock(id), { code: 'SESSION_ENCRYPTED' });
  });

  it('writes nothing with a key file that somebody put in the place of its own', async (t) => {
    const home = tempHome(t);
    const me = await person();
    const storage = storageOf(home, me, true);
    const id = await writeMarked(storage);
    const path = storage.layout.keyPath(id);
    const [right, log] = [readFileSync(path), readFileSync(storage.layout.logPath(id))];
    const { sealKey } = await import('../../../src/crypto/age/session-key.ts');
    writeFileSync(path, await sealKey(Buffer.alloc(32, 7), [me.recipient]));
    await storage.close();
    const again = storageOf(home, me);
    for (const work of [() => again.change(id, [says('more')]), () => again.loadSession(id), () => again.verify(id)]) {
      await assert.rejects(work(), { code: 'KEY_DAMAGED' });
    }
    assert.deepEqual(readFileSync(storage.layout.logPath(id)), log);
    writeFileSync(path, right);
    await again.unlock(id);
    assert.equal((await textsShown(again, id)).length, 3);
  });

  it('is told of by whoever had seen it under another key, until it is written to', async (t) => {
    const { alice, bob, bobsRecipient, id } = await team(t);
    await alice.encryption().then((encryption) => encryption.share(id, [bobsRecipient]));
    await bob.unlock(id);
    await bob.change(id, [says('from bob')]);
    await alice.encryption().then((encryption) => encryption.rekey(id));
    await bob.unlock(id);
    assert.deepEqual(
      bob.details(id).warnings.map(({ code }) => code),
      ['KEY_CHANGED'],
    );
    await bob.change(id, [says('again')]);
    assert.deepEqual(bob.details(id).warnings, []);
  });

  it('takes what was kept of it along, under the new key', async (t) => {
    const home = tempHome(t);
    const me = await person();
    const storage = storageOf(home, me);
    const id = await writeMarked(storage);
    const log = storage.layout.logPath(id);
    writeFileSync(log, Buffer.concat([readFileSync(log), Buffer.from(`${MARK} torn`)]));
    await storage.change(id, [says('on')]);
    const encryption = await storage.encryption();
    await encryption.encrypt(id);
    // Torn again, now of an encrypted log: these bytes are kept as they are, with the key that they need.
    writeFileSync(log, Buffer.concat([readFileSync(log), Buffer.from('half a frame')]));
    await storage.change(id, [says('on')]);
    await encryption.rekey(id);
    assert.deepEqual(plainIn(home), []);
    const names = readdirSync(home.sessionsDir).flatMap((name) =>
      name.includes('.torn-') ? [name.split('.torn')[1]!] : [],
    );
    assert.deepEqual(names.toSorted(), ['-1.sealed', '-2', '-2.age']);
    await encryption.decrypt(id);
    assert.ok(plainIn(home).some((name) => name.includes('.torn-1')));
  });

  it('goes on with a new identity: every key file is for it, and no longer for the old one', async (t) => {
    const home = tempHome(t);
    const [old, fresh] = [await person(), await person()];
    const storage = storageOf(home, old, true);
    const id = await writeMarked(storage);
    const { rewrapped, left } = await storage
      .encryption()
      .then((encryption) => encryption.rewrap(old.recipient, fresh.recipient));
    assert.deepEqual([rewrapped, left], [[id], []]);
    await storage.close();
    assert.equal((await storageOf(home, fresh).loadSession(id)).history.messages.length, 3);
    await assert.rejects(storageOf(home, old).loadSession(id), { code: 'SESSION_ENCRYPTED' });
  });
});

describe('the audit log', () => {
  it('has what was done to keys, and each failure to open one', async (t) => {
    const home = tempHome(t);
    const [one, two] = [await person(), await person()];
    const storage = storageOf(home, one);
    const id = await writeMarked(storage);
    const encryption = await storage.encryption();
    await encryption.encrypt(id);
    await encryption.share(id, [two.recipient]);
    await encryption.rekey(id, [two.recipient]);
    await assert.rejects(storageOf(home, two).unlock(id), { code: 'SESSION_ENCRYPTED' });
    await encryption.decrypt(id);
    const deeds = new Set([...storage.audit.entries(id, () => {})].map(({ op }) => op));
    for (const op of ['encrypt', 'share', 'rekey', 'decrypt-failed', 'decrypt'] as const) assert.ok(deeds.has(op), op);
    assert.equal(storage.audit.verify().ok, true);
  });
});
