import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { StoreManifest } from '../../src/store/store-manifest.ts';
import { ensureManifest } from '../../src/store/store-manifest.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { tempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

const FRESH: StoreManifest = { format: 2, storeId: 'store-1', createdAt: '2026-01-01T00:00:00.000Z' };
const fresh = (): StoreManifest => FRESH;

describe('metadata.json', () => {
  it('is made with the folder, and read from then on', (t) => {
    const { layout } = tempStore(t);
    assert.deepEqual(ensureManifest(layout, fresh), { manifest: FRESH, warnings: [] });
    assert.deepEqual(JSON.parse(readFileSync(layout.manifestPath, 'utf8')), FRESH);
    const again = ensureManifest(layout, () => assert.fail('it was made anew'));
    assert.deepEqual(again, { manifest: FRESH, warnings: [] });
  });

  const OTHERS: Record<string, string> = {
    "the story's list of sessions": '{"version":"1.0","sessions":[{"id":"a"}]}',
    'no JSON': '{"format":2,',
    empty: '',
    null: 'null',
    'an array': '[]',
    'of our format without an id': '{"format":2}',
    binary: '\u0000\u0001',
  };
  for (const [name, text] of Object.entries(OTHERS)) {
    it(`that is ${name} is moved aside with a warning, never overwritten`, (t) => {
      const { layout } = tempStore(t);
      mkdirSync(layout.sessionsDir, { recursive: true });
      writeFileSync(layout.manifestPath, text);
      const { manifest, warnings } = ensureManifest(layout, fresh);
      assert.deepEqual(manifest, FRESH);
      const kept = readdirSync(layout.sessionsDir).filter((each) => each.startsWith('metadata.json.kept'));
      assert.deepEqual(kept, ['metadata.json.kept-1']);
      assert.equal(readFileSync(join(layout.sessionsDir, kept[0]!), 'utf8'), text);
      assert.deepEqual(
        warnings.map(({ code, path }) => [code, path]),
        [['FORMAT_UNKNOWN', join(layout.sessionsDir, kept[0]!)]],
      );
    });
  }

  for (const newer of ['{"format":3,"storeId":"x"}', '{"format":4}', '{"format":2.1,"store":{"id":7}}']) {
    it(`of a newer version is left as it is and the store is not written: ${newer}`, (t) => {
      const { layout } = tempStore(t);
      mkdirSync(layout.sessionsDir, { recursive: true });
      writeFileSync(layout.manifestPath, newer);
      assert.throws(() => ensureManifest(layout, fresh), { code: 'FORMAT_NEWER', path: layout.manifestPath });
      assert.equal(readFileSync(layout.manifestPath, 'utf8'), newer);
      assert.deepEqual(readdirSync(layout.sessionsDir), ['metadata.json']);
    });
  }

  it('that is a folder, or in a folder that is a file, says so', (t) => {
    const { layout } = tempStore(t);
    mkdirSync(layout.manifestPath, { recursive: true });
    assert.throws(() => ensureManifest(layout, fresh), { code: 'STORE_UNSAFE', path: layout.manifestPath });
    const other = tempStore(t).layout;
    mkdirSync(dirname(other.sessionsDir), { recursive: true });
    writeFileSync(other.sessionsDir, '');
    assert.throws(() => ensureManifest(other, fresh), { code: 'STORE_UNREADABLE', path: other.sessionsDir });
  });
});
