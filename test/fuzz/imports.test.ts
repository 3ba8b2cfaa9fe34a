// Files to import that somebody else may have written: every format, changed at random. An import takes them in or
// refuses them with a code; what it takes in can be read and exported.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { testStore } from '../cli/services/serializer-store.ts';
import { forgedLog } from '../helpers/forged-log.ts';
import { changedBytes, changedValue, randomOf, refusalOf } from '../helpers/fuzz.ts';
import type { Random } from '../helpers/fuzz.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { runs } from '../helpers/slow.ts';

makeSyncingFree();

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

const LOG = join(FIXTURES, 'logs/format-2/linux/sessions/session-plain.json.gz');

function agentFiles(agent: string): Buffer[] {
  const entries = readdirSync(join(FIXTURES, 'agents', agent), { recursive: true, withFileTypes: true });
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  return paths
    .filter((path) => path.endsWith('.jsonl'))
    .toSorted()
    .map((path) => readFileSync(path));
}

async function documents(t: TestContext, format: 'json' | 'jsonl' | 'yaml'): Promise<Buffer[]> {
  const store = testStore(t);
  const { imported } = await store.serializer.importFile(LOG, {});
  return [Buffer.from(await store.serializer.exportSession(imported[0]!.id, format))];
}

const SOURCES: Readonly<Record<string, (t: TestContext) => Buffer[] | Promise<Buffer[]>>> = {
  log: () =>
    ['plain', 'with-blobs'].map((id) =>
      readFileSync(join(FIXTURES, `logs/format-2/linux/sessions/session-${id}.json.gz`)),
    ),
  json: (t) => documents(t, 'json'),
  'json, packed': async (t) => (await documents(t, 'json')).map((bytes) => gzipSync(bytes)),
  jsonl: (t) => documents(t, 'jsonl'),
  yaml: (t) => documents(t, 'yaml'),
  'claude-code': () => agentFiles('claude-code'),
  codex: () => agentFiles('codex'),
  'gemini-cli': () => agentFiles('gemini-cli'),
};

/** One of its lines is other JSON. */
function changedLine(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString('utf8').split('\n');
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(lines.length);
    try {
      lines[at] = JSON.stringify(changedValue(JSON.parse(lines[at]!), random)) ?? '';
    } catch {
      lines[at] = random.pick(['', '{', '{}', 'null', '[]', `{"a":${'['.repeat(600)}${']'.repeat(600)}}`]);
    }
  }
  return Buffer.from(lines.join('\n'));
}

function changed(kind: string, bytes: Buffer, random: Random, other: Buffer): Buffer {
  if (kind === 'log') return random.below(2) === 0 ? forgedLog(bytes, random) : changedBytes(bytes, random, other);
  if (kind === 'json, packed') {
    return random.below(2) === 0
      ? gzipSync(withChecksumGone(changedLine(gunzipSync(bytes), random)))
      : changedBytes(bytes, random);
  }
  if (random.below(3) === 0) return changedBytes(bytes, random, other);
  return kind === 'json' ? withChecksumGone(changedLine(bytes, random)) : changedLine(bytes, random);
}

/** Without it a changed document would be refused before it is looked at. */
function withChecksumGone(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('utf8').replace(/"checksum":"[^"]*"/, '"checksum":""'));
}

describe('an import', () => {
  for (const [number, [kind, sources]] of Object.entries(SOURCES).entries()) {
    it(`of ${kind} that was changed is taken in or refused with a code`, async (t) => {
      const store = testStore(t);
      const originals = await sources(t);
      assert.ok(originals.length > 0);
      const path = join(store.folder, kind === 'log' ? 'session-plain.json.gz' : 'file');
      const counts = { taken: 0, refused: 0 };
      for (let seed = number * 1_000_000, end = seed + runs(20, 50); seed < end; seed++) {
        const random = randomOf(seed);
        const bytes = changed(kind, random.pick(originals), random, originals[0]!);
        writeFileSync(path, bytes);
        try {
          const from = random.below(2) === 0 ? {} : { from: kind.split(',')[0]! };
          const { imported } = await store.serializer.importFile(path, from);
          const { id } = imported[0]!;
          store.fold(id);
          for (const format of ['json', 'yaml', 'markdown'] as const) await store.serializer.exportSession(id, format);
          counts.taken++;
        } catch (error) {
          refusalOf(error, `${kind}, seed ${seed}`);
          counts.refused++;
        }
        assert.ok(readFileSync(path).equals(bytes), `seed ${seed} changed the file`);
        assert.deepEqual(readdirSync(store.folder).filter((name) => name !== '.roo').length, 1, `seed ${seed}`);
        if (seed % 10 === 9) rmSync(join(store.folder, '.roo'), { recursive: true, force: true });
      }
      assert.ok(counts.taken > 0, JSON.stringify(counts));
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });
  }
});
