import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ADAPTER_NAMES, detectAdapter, loadAdapter, loadAdapters } from '../../src/adapters/registry.ts';
import { fixtureHome, listed } from './collected.ts';

describe('the registry of adapters', () => {
  it('loads each adapter under its own name, and none under another', async () => {
    for (const name of ADAPTER_NAMES) assert.equal((await loadAdapter(name))?.name, name);
    for (const name of ['', 'unknown', 'toString', '__proto__']) assert.equal(await loadAdapter(name), undefined);
  });

  it('finds the adapter of a file by its first bytes', async () => {
    for await (const adapter of loadAdapters()) {
      const [session] = await listed(adapter, fixtureHome(adapter.name));
      const head = readFileSync(session!.paths[0]!).subarray(0, 65_536).toString('utf8');
      assert.equal(await detectAdapter('renamed', head), adapter);
    }
    assert.equal(await detectAdapter('notes.jsonl', '{"hello":1}\n'), undefined);
  });

  it('has a suite and fixtures for every adapter', () => {
    for (const name of ADAPTER_NAMES) {
      assert.match(readFileSync(new URL(`./${name}.test.ts`, import.meta.url), 'utf8'), /conformsToAdapter\(/);
    }
  });
});
