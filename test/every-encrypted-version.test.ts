// The encrypted sessions of every version, as people open them: through the services, with the identities that they were
// made for and no other, and their keys with the tool of others.

import assert from 'node:assert/strict';
import { chmodSync, cpSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SessionStorage } from '../src/cli/services/SessionStorage.ts';
import { parseIdentities, recipientOf } from '../src/crypto/age/identities.ts';
import { age, NO_AGE } from './helpers/foreign-age.ts';
import { textsShown, tempHome } from './helpers/temp-home.ts';
import { says } from './helpers/walks.ts';

const FROZEN = fileURLToPath(new URL('./fixtures/logs/format-2/linux-encrypted', import.meta.url));
const IDS = JSON.parse(readFileSync(join(FROZEN, 'sessions.json'), 'utf8')) as Record<string, string>;

/** A copy of the frozen store, opened by whom the file names. */
async function openedBy(t: TestContext, name: 'me' | 'other'): Promise<SessionStorage> {
  const home = tempHome(t);
  cpSync(join(FROZEN, 'sessions'), home.sessionsDir, { recursive: true });
  // A checkout gives files to everybody to read.
  for (const each of ['', ...readdirSync(home.sessionsDir, { recursive: true, encoding: 'utf8' })]) {
    const path = join(home.sessionsDir, each);
    chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600);
  }
  const all = await parseIdentities(readFileSync(join(FROZEN, `${name}.txt`), 'utf8'));
  const recipients = await Promise.all(all.map(recipientOf));
  const identities = async (): Promise<readonly string[]> => all;
  return home.storage({
    identities: async () => ({ identities, available: identities, recipients: () => recipients }),
  });
}

describe('encrypted sessions of format 2', () => {
  it('are listed by their names, found by their words, verified, and gone on with', async (t) => {
    const storage = await openedBy(t, 'me');
    await storage.unlockNames('quietly');
    const names = storage.list({}).sessions.map(({ id, name, tags }) => [id, name, tags]);
    assert.deepEqual(
      names.find(([id]) => id === IDS['talk']),
      [IDS['talk'], 'a secret', ['hidden']],
    );
    assert.deepEqual(names.find(([id]) => id === IDS['waiting'])?.[1], 'renamed meanwhile');
    assert.equal(names.length, Object.keys(IDS).length);
    const found = (await storage.find('"new key"')).sessions.map(({ id }) => id);
    assert.deepEqual(found, [IDS['rekeyed']]);
    for (const [what, id] of Object.entries(IDS)) {
      assert.equal((await storage.verify(id)).health, 'ok', what);
      const texts = await textsShown(storage, id);
      await storage.change(id, [says('of today')]);
      assert.deepEqual(await textsShown(storage, id), [...texts, 'of today'], what);
    }
    assert.equal(storage.details(IDS['waiting']!).fold.name, 'renamed meanwhile');
    assert.equal(storage.details(IDS['fork']!).fold.name, 'a fork');
  });

  it('open for the others that they are shared with, and for nobody else', async (t) => {
    const storage = await openedBy(t, 'other');
    assert.equal((await storage.verify(IDS['shared']!)).health, 'ok');
    const { shared: _shared, ...others } = IDS;
    for (const id of Object.values(others)) await assert.rejects(storage.unlock(id), { code: 'SESSION_ENCRYPTED' });
  });

  it('have keys that the age of others finds', { skip: NO_AGE }, () => {
    const folder = join(FROZEN, 'sessions', 'keys');
    const files = readdirSync(folder);
    assert.equal(files.length, Object.keys(IDS).length);
    for (const file of files)
      assert.equal(age(['-d', '-i', join(FROZEN, 'me.txt'), join(folder, file)], '').length, 32, file);
  });
});
