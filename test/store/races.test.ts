// Somebody who exchanges the files of a store for links, pipes and second names while it is being written. Whatever they
// swap in, nothing is written outside the store, nothing waits for ever, and what fails says so with a code.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SessionError } from '../../src/core/errors.ts';
import { overwrite, replaceFile } from '../../src/store/durable-files.ts';
import { markDirty } from '../../src/store/index/dirty-markers.ts';
import { createPrivate, openPrivate } from '../../src/store/private-file.ts';
import { tryLock } from '../../src/store/session-lock.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { runs } from '../helpers/slow.ts';
import { says, tempHome, writeSession } from '../helpers/temp-home.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { tempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

const RACER = fileURLToPath(new URL('../helpers/children/swap-files.ts', import.meta.url));
const SECRET = 'what stands outside, and stays as it is\n';
const ID = 'a1b2c3d4-0000-4000-8000-000000000001';

function pipeAt(path: string): void {
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
}

const PLANTED: Readonly<Record<string, (path: string, outside: string) => void>> = {
  'a link': (path, outside) => symlinkSync(outside, path),
  'a link to what is not there yet': (path, outside) => symlinkSync(`${outside}.new`, path),
  'a second name': (path, outside) => linkSync(outside, path),
  'a pipe': (path) => pipeAt(path),
};

describe('in place of a file that is written', { skip: process.platform === 'win32' && 'no modes here' }, () => {
  for (const [what, plant] of Object.entries(PLANTED)) {
    it(`${what} leads nowhere, and holds up nobody`, (t) => {
      const { layout } = tempStore(t);
      const folder = tempFolder(t);
      const outside = join(folder, 'outside');
      writeFileSync(outside, SECRET, { mode: 0o600 });
      const attempt = (path: string, write: (path: string) => unknown): void => {
        mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
        plant(path, outside);
        try {
          write(path);
        } catch (error) {
          // ENXIO: nobody reads from the pipe.
          const { code } = error as NodeJS.ErrnoException;
          assert.match(String(code), /^(?:STORE_UNSAFE|STORE_UNREADABLE|SESSION_EXISTS|ELOOP|EEXIST|ENXIO)$/, path);
        }
        assert.equal(readFileSync(outside, 'utf8'), SECRET, path);
        assert.deepEqual(readdirSync(folder), ['outside'], path);
      };
      attempt(join(layout.stateDir, 'note'), (path) => overwrite(path, Buffer.from('x')));
      attempt(join(layout.stateDir, 'new'), (path) => createPrivate(path));
      attempt(join(layout.stateDir, 'old'), (path) => openPrivate(path, 1));
      attempt(join(layout.stateDir, 'replaced'), (path) => replaceFile(path, Buffer.from('x')));
      attempt(join(layout.dirtyDir, ID), () => markDirty(layout, ID));
      attempt(join(layout.locksDir, `${ID}.owner.json`), () => tryLock(layout, ID, '')?.release());
    });
  }
});

it(
  'files exchanged while sessions are written lead no write outside',
  { skip: process.platform === 'win32' },
  async (t) => {
    const place = tempHome(t);
    const outside = join(place.folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'target'), SECRET, { mode: 0o600 });
    await place.storage().close();
    const racer = spawn(process.execPath, [RACER, place.home, join(outside, 'target'), String(runs(3000, 20_000))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => racer.kill('SIGKILL'));
    const ended = once(racer, 'exit');
    const codes = new Map<string, number>();
    let written = 0;
    for (let round = 0; racer.exitCode === null && racer.signalCode === null; round++) {
      try {
        const storage = place.storage();
        const id = await writeSession(storage, [
          says(`round ${round}`),
          says('word '.repeat(round % 50 === 0 ? 80_000 : 10)),
        ]);
        await storage.change(id, [{ type: 'meta', name: 'changed' }]);
        if (round % 3 === 0) await storage.trash(id, 'test');
        if (round % 7 === 0) storage.list();
        await storage.close();
        written++;
      } catch (error) {
        assert.ok(error instanceof SessionError && error.code !== 'INTERNAL', String((error as Error).stack));
        codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      }
      assert.equal(readFileSync(join(outside, 'target'), 'utf8'), SECRET, `round ${round}`);
      assert.deepEqual(readdirSync(outside), ['target'], `round ${round}`);
    }
    const [code] = (await ended) as [number];
    assert.equal(code, 0);
    assert.ok(written + codes.size > 0);
    assert.equal(statSync(join(outside, 'target')).mode & 0o777, 0o600);
  },
);
