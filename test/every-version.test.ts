// Stores of every version of the format ever written, and as other systems write them, open with all that is in them.
// They are never made again: see the generators beside them.

import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseIdentities } from '../src/crypto/age/identities.ts';
import { openKey } from '../src/crypto/age/session-key.ts';
import { SessionCipher } from '../src/crypto/session-cipher.ts';
import { decodeHeader, encodeFrame, inflateFrame } from '../src/store/frame.ts';
import { encodeLine } from '../src/store/frame-lines.ts';
import { partPaths } from '../src/store/log-parts.ts';
import { LogReader } from '../src/store/log-reader.ts';
import { LogSource } from '../src/store/log-source.ts';
import { keyedIds } from '../src/store/session-key-files.ts';
import { testClock } from './helpers/clock.ts';
import { framesOf, sealed } from './helpers/damage.ts';
import { describeSession } from './helpers/golden.ts';
import type { TempStore } from './helpers/temp-store.ts';
import { openLog, readLog, tempStore, textsOf, userSays } from './helpers/temp-store.ts';

const ROOT = fileURLToPath(new URL('./fixtures/logs', import.meta.url));
const IDENTITY = 'me.txt';

const STORES = readdirSync(ROOT, { withFileTypes: true })
  .filter((version) => version.isDirectory())
  .flatMap((version) => readdirSync(join(ROOT, version.name)).map((system) => [version.name, system] as const));

for (const [version, system] of STORES) {
  const frozen = join(ROOT, version, system);
  const expected = JSON.parse(readFileSync(join(frozen, 'expected.json'), 'utf8')) as Record<string, Expected>;

  describe(`a store of ${version} from ${system}`, () => {
    for (const [id, known] of Object.entries(expected)) {
      it(`gives all of its session ${id}`, async (t) => {
        const store = await copyOf(t, frozen);
        // Later versions may know more of a session, but nothing less.
        assert.partialDeepStrictEqual(describeSession(store.layout, id), known);
      });

      it(`takes more into its session ${id}`, async (t) => {
        const store = await copyOf(t, frozen);
        const before = readLog(store.layout, id);
        const writer = openLog(store, id);
        await writer.append([userSays('of today')]);
        await writer.close();
        const after = readLog(store.layout, id);
        assert.deepEqual(textsOf(after.records), [...textsOf(before.records), 'of today']);
        assert.equal(after.health, known.health === 'damaged' ? 'damaged' : 'ok');
      });
    }

    it('gives the same to a reader that was written from docs/format.md alone', async (t) => {
      if (existsSync(join(frozen, IDENTITY))) return t.skip('it is sealed');
      if (spawnSync('python3', ['--version']).error) return t.skip('python3 is not here');
      const { layout } = await copyOf(t, frozen);
      const ids = Object.keys(expected);
      const paths = ids.flatMap((id, index) => [...(index > 0 ? ['--'] : []), ...partPaths(layout, id)]);
      const { stdout, stderr } = spawnSync('python3', [join(ROOT, 'reader.py'), ...paths], { encoding: 'utf8' });
      assert.equal(stderr, '');
      for (const [index, text] of stdout.split('\0').slice(0, -1).entries()) {
        const lines = readLog(layout, ids[index]!).records.map((record) => encodeLine(record).toString());
        assert.equal(text, lines.join(''), ids[index]);
      }
      assert.equal(stdout.split('\0').length, ids.length + 1);
    });

    it('lists every session, and the copies that were made of one', async (t) => {
      const store = await copyOf(t, frozen);
      const ids = new LogSource(store.layout).ids();
      const copies = ids.filter((id) => id.includes('~'));
      assert.deepEqual(ids.filter((id) => !id.includes('~')).toSorted(), Object.keys(expected).toSorted());
      for (const id of copies) {
        const of = id.split('~')[0]!;
        assert.deepEqual(readLog(store.layout, id).records, readLog(store.layout, of).records);
      }
      assert.equal(copies.length, system.startsWith('linux') ? 0 : 1);
    });
  });
}

describe('a log of a later version', () => {
  const changes: Record<string, (frame: Buffer) => Buffer> = {
    'in its frames': (frame) => {
      const later = Buffer.from(frame);
      later[16] = 2;
      return sealed(later);
    },
    'in its first record': (frame) => {
      const { flags, prevBytes, seq, epoch, prev, log } = decodeHeader(frame, 0)!;
      const [line] = inflateFrame(frame).toString().split('\n');
      const payload = Buffer.from(`${line!.replace('"format":2', '"format":3')}\n`);
      return encodeFrame({ flags, lines: 1, prevBytes, seq, epoch, prev, log, payload, level: 6 });
    },
  };
  for (const [where, change] of Object.entries(changes)) {
    it(`is never written where it says so ${where}, and read as far as it can be`, async (t) => {
      const store = await copyOf(t, join(ROOT, 'format-2', 'linux'));
      const path = store.layout.logPath('plain');
      const [first, ...others] = framesOf(readFileSync(path));
      const later = Buffer.concat([change(first!), ...others]);
      writeFileSync(path, later);
      const refused = { code: 'FORMAT_NEWER', path, hint: /upgrade/ };
      assert.throws(() => openLog(store, 'plain'), refused);
      if (where === 'in its frames') assert.throws(() => LogReader.open(store.layout, 'plain'), refused);
      else {
        const reader = LogReader.open(store.layout, 'plain');
        t.after(() => reader.close());
        assert.ok(reader.warnings.some(({ code }) => code === 'FORMAT_NEWER'));
        assert.ok(reader.fold().counts.records > 0);
      }
      assert.ok(readFileSync(path).equals(later));
    });
  }
});

interface Expected {
  health: string;
}

/** The frozen files are read only by their copies. What is sealed is opened with the identity that lies beside it. */
async function copyOf(t: TestContext, frozen: string): Promise<TempStore> {
  const store = tempStore(t, testClock(99));
  assert.ok(existsSync(frozen));
  cpSync(join(frozen, 'sessions'), store.layout.sessionsDir, { recursive: true });
  if (!existsSync(join(frozen, IDENTITY))) return store;
  const identities = await parseIdentities(readFileSync(join(frozen, IDENTITY), 'utf8'));
  const ciphers = new Map<string, SessionCipher>();
  for (const id of keyedIds(store.layout)) {
    const opened = await openKey(readFileSync(store.layout.keyPath(id)), identities);
    ciphers.set(id, new SessionCipher(opened!.key, id));
  }
  const keys = { cipherOf: (id: string) => ciphers.get(id) ?? null, isSealed: (id: string) => ciphers.has(id) };
  return { ...store, layout: { ...store.layout, keys } };
}
