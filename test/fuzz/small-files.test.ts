// The small files of a store and of a home, as somebody else may have left them: notes, manifests, claims, waiting
// changes, settings, keys, the index. What uses them does its work, or refuses with a code.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  configuredFormat,
  loadConfig,
  permissionRules,
  retentionPolicy,
  sessionConfig,
} from '../../src/cli/config/config.ts';
import { readMcpConfig } from '../../src/cli/config/mcp-config.ts';
import { SessionCleanup } from '../../src/cli/services/SessionCleanup.ts';
import type { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import { SessionProcesses } from '../../src/cli/services/session-processes.ts';
import { namesIn } from '../../src/store/session-files.ts';
import { readSnapshot, writeSnapshot } from '../../src/workspace/files/snapshot-file.ts';
import { unapprovedServers } from '../../src/workspace/mcp/approvals.ts';
import { tagger } from '../../src/workspace/secrets/redaction-key.ts';
import { changedBytes, changedValue, randomOf, refusalOf } from '../helpers/fuzz.ts';
import type { Random } from '../helpers/fuzz.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { runs } from '../helpers/slow.ts';
import { says, shown, tempHome, writeSession } from '../helpers/temp-home.ts';
import type { TempHome } from '../helpers/temp-home.ts';

makeSyncingFree();

const AT = '2026-01-02T10:00:00.000Z';

interface Prepared {
  place: TempHome;
  storage: SessionStorage;
  id: string;
}
interface SmallFile {
  /** Where it is. Makes it where nothing else did. */
  path(prepared: Prepared): string | Promise<string>;
  /** All that reads it. */
  use(prepared: Prepared): readonly (() => unknown)[];
}

function made(path: string, value: unknown): string {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(path, typeof value === 'string' ? value : `${JSON.stringify(value)}\n`, { mode: 0o600 });
  return path;
}

async function drained(items: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** Works on the session, in a store that was opened anew. */
async function work({ place, id }: Prepared): Promise<void> {
  const storage = place.storage();
  try {
    storage.list();
    storage.details(id);
    await storage.change(id, [{ type: 'meta', name: 'x' }]);
    await writeSession(storage);
    await storage.find('hello');
  } finally {
    await storage.close();
  }
}

async function settings({ place }: Prepared): Promise<void> {
  const places = { env: {}, cwd: place.folder, home: place.home, userFolder: place.folder };
  const config = await loadConfig(places);
  if (config.problems.length > 0) throw config.problems[0]!;
  configuredFormat(config);
  sessionConfig(config);
  permissionRules(config);
  retentionPolicy(config);
}

const PROCESS = { id: 'p1', command: 'c', workingDirectory: '/', environment: {}, startedAt: AT };
const processFile = (name: string, value: unknown): SmallFile => ({
  path({ place, id }) {
    const folder = join(place.home, 'state', 'processes', id);
    const machine = { bootId: 'b', pidNamespace: 'n' };
    if (name !== 'p1.json') made(join(folder, 'p1.json'), { ...PROCESS, machine });
    return made(join(folder, name), value ?? { ...PROCESS, machine });
  },
  use: ({ place, id, storage }) => [
    () => new SessionProcesses(storage, id, { home: place.home, nowMs: () => Date.parse(AT), door: null }).list(),
  ],
});

const FILES: Readonly<Record<string, SmallFile>> = {
  'the manifest': { path: ({ storage }) => storage.layout.manifestPath, use: (prepared) => [() => work(prepared)] },
  'the note of a deleted session': {
    async path({ storage }) {
      const gone = await writeSession(storage);
      await storage.trash(gone, 'test');
      return join(storage.layout.trashDir, gone, 'trash.json');
    },
    use: ({ storage }) => {
      const cleanup = new SessionCleanup(storage, { trashDays: 30, policy: {} } as never);
      return [
        () => cleanup.trashed(),
        () => cleanup.usage(),
        () => cleanup.prune('expired'),
        () => storage.list({ trash: true } as never),
      ];
    },
  },
  'who holds a lock': {
    path: ({ storage, id }) =>
      made(join(storage.layout.locksDir, `${id}.owner.json`), { pid: 1, host: 'h', since: AT }),
    use: (prepared) => [() => prepared.storage.details(prepared.id), () => work(prepared)],
  },
  'the claim of another machine': {
    path: ({ storage, id }) =>
      made(storage.layout.sharedLockPath(id), {
        host: 'h',
        machine: 'm',
        pid: 1,
        since: AT,
        beatAt: new Date().toISOString(),
      }),
    use: (prepared) => [() => prepared.storage.details(prepared.id), () => work(prepared)],
  },
  'a change that waits': {
    path: ({ storage, id }) =>
      made(join(storage.layout.inboxDir(id), '1.json'), {
        type: 'meta',
        id: 'r',
        at: AT,
        name: 'n',
        addTags: ['t'],
        inbox: '1.json',
      }),
    use: (prepared) => [
      () => prepared.storage.details(prepared.id),
      () => prepared.storage.list(),
      () => shown(prepared.storage, prepared.id),
      () => work(prepared),
    ],
  },
  'the audit log': {
    path({ storage }) {
      const folder = join(storage.layout.stateDir, 'audit');
      return join(
        folder,
        namesIn(folder).find((name) => name.endsWith('.jsonl'))!,
      );
    },
    use: (prepared) => [
      () => drained(prepared.storage.audit.entries(null, () => undefined)),
      () => prepared.storage.audit.verify(),
      () => work(prepared),
    ],
  },
  'the head of the audit log': {
    path: ({ storage }) => join(storage.layout.stateDir, 'audit', 'head'),
    use: (prepared) => [() => prepared.storage.audit.verify(), () => work(prepared)],
  },
  'the index': {
    async path({ storage }) {
      await storage.find('hello');
      await storage.close();
      const { stateDir } = storage.layout;
      return join(
        stateDir,
        namesIn(stateDir).find((name) => /^index.*\.(?:db|sqlite)$/.test(name))!,
      );
    },
    use: (prepared) => [() => work(prepared)],
  },
  'the key of the tags': {
    path({ place }) {
      tagger(place.home)('value');
      return join(place.home, 'state', 'redaction.key');
    },
    use: ({ place }) => [() => tagger(place.home)('value')],
  },
  'the user’s settings': {
    path: ({ place }) =>
      made(join(place.home, 'config.json'), {
        model: 'a/b',
        outputFormat: 'json',
        maxHistoryLength: 5,
        retention: { trashDays: 3, olderThan: '30d' },
        permissions: { allow: ['bash:ls'], deny: [] },
        mcpServers: { files: { command: 'x', args: ['a'], env: { A: 'b' } }, web: { url: 'https://x.test' } },
        redaction: { allow: ['x'], patterns: ['n=[0-9]{9}'] },
      }),
    use: (prepared) => [
      () => settings(prepared),
      () =>
        readMcpConfig({
          userPath: join(prepared.place.home, 'config.json'),
          projectPath: join(prepared.place.folder, 'none'),
        }),
    ],
  },
  'what was agreed to': {
    path: ({ place }) => made(join(place.home, 'state', 'approved.json'), ['a', 'b']),
    use: ({ place }) => [
      () =>
        unapprovedServers(join(place.home, 'state', 'approved.json'), [
          { name: 'n', transport: { type: 'stdio', command: 'c', args: [] } } as never,
        ]),
    ],
  },
  'what a watch had seen': {
    async path({ place }) {
      const path = join(place.home, 'state', 'snapshot');
      const files = new Map([['a', { sizeBytes: 1, mtimeMs: 2, inode: 3 }]]);
      const look = { mtimeMs: 1, rulesHash: 'h', hasRules: false, files, folders: ['b'] };
      await writeSnapshot(path, { root: '/', atMs: 1, folders: new Map([['', look]]), cut: null });
      return path;
    },
    use: ({ place, storage }) => [() => storage.list(), () => readSnapshot(join(place.home, 'state', 'snapshot'))],
  },
  'what was started': processFile('p1.json', undefined),
  'the number of a process': processFile(
    'p1.pid',
    '12 12 S Mon Nov 2 10:00:00 2026\n13 12 S Mon Nov 2 10:00:01 2026\n',
  ),
  'the exit code of a process': processFile('p1.exit', '0\n'),
  'the end of a process': processFile('p1.end', { exitCode: 0, endedAt: AT, reason: null }),
};

/** Bytes changed, or a value in them, or what is no file of this kind at all. */
function changed(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('utf8');
  if (random.below(2) === 0 && /^[[{]/.test(text)) {
    try {
      return Buffer.from(`${JSON.stringify(changedValue(JSON.parse(text), random))}\n`);
    } catch {
      // Lines of JSON are changed like other bytes.
    }
  }
  if (random.below(8) === 0) {
    const other = [
      '',
      'null\n',
      '[]\n',
      '{}\n',
      '0\n',
      '"x"\n',
      '\0\0\0\0',
      '\ufeff{}\n',
      '['.repeat(100_000),
      '{"a":1e999}',
    ];
    return Buffer.from(random.pick(other));
  }
  return changedBytes(bytes, random);
}

describe('in place of', () => {
  for (const [number, [name, { path, use }]] of Object.entries(FILES).entries()) {
    it(`${name} anything may stand`, async (t) => {
      const place = tempHome(t);
      const isClaim = name.startsWith('the claim');
      const storage = place.storage(isClaim ? { sessionsDir: join(place.folder, 'shared') } : {});
      const prepared = { place, storage, id: await writeSession(storage, [says('hello')]) };
      const where = await path(prepared);
      const original = readFileSync(where);
      let done = 0;
      for (let seed = number * 1_000_000, end = seed + runs(12, 40); seed < end; seed++) {
        const bytes = changed(original, randomOf(seed));
        for (const each of use(prepared)) {
          mkdirSync(join(where, '..'), { recursive: true, mode: 0o700 });
          rmSync(where, { force: true });
          writeFileSync(where, bytes, { mode: 0o600 });
          try {
            await each();
            done++;
          } catch (error) {
            refusalOf(error, `seed ${seed}: ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`);
          }
        }
      }
      rmSync(where, { force: true });
      assert.ok(done > 0);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });
  }
});
