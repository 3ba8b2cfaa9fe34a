// What encryption costs: the same work on encrypted sessions and on readable ones, in turn.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SessionKeys } from '../src/cli/services/SessionKeys.ts';
import { SessionStorage, SYSTEM_CLOCK } from '../src/cli/services/SessionStorage.ts';
import { sealKey } from '../src/crypto/age/session-key.ts';
import { fillSession } from './build-session.ts';
import type { SharedKey } from './build-store.ts';
import { buildStore } from './build-store.ts';
import type { Row } from './measure.ts';
import { inTemporaryFolder, mean, median, percentile, ratio, runNode, sorted } from './measure.ts';

const APPENDS = 2000;
const LARGE = { messages: Number(process.env['ROO_BENCH_MESSAGES'] ?? 100_000), messageBytes: 4000 };
const CONVERTED = { messages: 25_000, messageBytes: 4000 };
const LISTED = 10_000;
const SEARCHED = 1000;
const RUNS = 11;
const KINDS = ['encrypted', 'plain'] as const;
const MAIN = process.env['ROO_BENCH_MAIN'] ?? fileURLToPath(new URL('../bin/roo.cjs', import.meta.url));

type Kind = (typeof KINDS)[number];
type Homes = Record<Kind, SessionStorage>;

export async function encryptionBench(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const part of [appendRows, listRows, searchRows, windowRows, convertRows]) {
    rows.push(...(await inTemporaryFolder(async (folder) => part(await homesIn(folder)))));
  }
  return rows;
}

async function appendRows(homes: Homes): Promise<Row[]> {
  const writers = KINDS.map((kind) => {
    const project = { path: '/project' };
    return homes[kind].writers.create(homes[kind].newSessionRecord({ project, origin: ORIGIN }));
  });
  const times: number[][] = KINDS.map(() => []);
  for (let i = 0; i < APPENDS; i++) {
    const text = randomBytes(768).toString('base64');
    for (const [index, writer] of writers.entries()) {
      const startMs = performance.now();
      await writer.append([{ type: 'message', role: 'user', parts: [{ type: 'text', text }] }]);
      times[index]!.push(performance.now() - startMs);
    }
  }
  await closeBoth(homes);
  const [encrypted, plain] = times.map(sorted) as [number[], number[]];
  const p50 = percentile(encrypted, 0.5) / percentile(plain, 0.5);
  const means = mean(encrypted) / mean(plain);
  const inMs = `${percentile(encrypted, 0.5).toFixed(2)} ÷ ${percentile(plain, 0.5).toFixed(2)} ms`;
  return [
    {
      what: 'append 1 KB encrypted ÷ plain, p50',
      measured: `${ratio(p50)} (${inMs})`,
      bar: '≤ 1.3×',
      met: p50 <= 1.3,
    },
    { what: 'the same, mean', measured: ratio(means), bar: '≤ 1.3×', met: means <= 1.3 },
  ];
}

async function listRows(homes: Homes): Promise<Row[]> {
  const key = await newKey(homes.encrypted);
  const list = ['session', 'list', '--all'];
  for (const kind of KINDS) {
    const changed = buildStore(homes[kind], LISTED, kind === 'encrypted' ? key : null);
    runRoo(homes[kind], list);
    await homes[kind].change(changed, [{ type: 'meta', addTags: ['changed'] }]);
  }
  await closeBoth(homes);
  const { encrypted, plain, bare } = inTurn(homes, list);
  return [
    {
      what: `roo session list (50) of ${LISTED} encrypted sessions ÷ plain`,
      measured: `${ratio(encrypted / plain)} (${encrypted.toFixed(0)} ÷ ${plain.toFixed(0)} ms)`,
      bar: 'reported',
      met: null,
    },
    {
      what: `roo session list (50) of ${LISTED} encrypted sessions ÷ bare node`,
      measured: ratio(encrypted / bare),
      bar: '≤ 2×',
      met: encrypted / bare <= 2,
    },
  ];
}

async function searchRows(homes: Homes): Promise<Row[]> {
  const key = await newKey(homes.encrypted);
  for (const kind of KINDS) buildStore(homes[kind], SEARCHED, kind === 'encrypted' ? key : null);
  await closeBoth(homes);
  const first = Object.fromEntries(
    KINDS.map((kind) => {
      runRoo(homes[kind], ['session', 'list', '--all']);
      rmSync(homes[kind].layout.indexPath);
      return [kind, runRoo(homes[kind], ['session', 'list', '--all'])];
    }),
  ) as Record<Kind, number>;
  const { encrypted, plain } = inTurn(homes, ['session', 'find', 'message', '--all', '--limit', '10'], 5);
  return [
    {
      what: `first list without an index of ${SEARCHED} encrypted sessions`,
      measured: `${(first.encrypted / 1000).toFixed(2)} s (plain ${(first.plain / 1000).toFixed(2)} s)`,
      bar: 'reported',
      met: null,
    },
    {
      what: `find in ${SEARCHED} encrypted sessions`,
      measured: `${(encrypted / 1000).toFixed(2)} s (plain ${(plain / 1000).toFixed(2)} s)`,
      bar: 'reported',
      met: null,
    },
  ];
}

async function windowRows(homes: Homes): Promise<Row[]> {
  const ids: Partial<Record<Kind, string>> = {};
  for (const kind of KINDS) {
    ids[kind] = (await fillSession(homes[kind], LARGE.messages, LARGE.messageBytes)).id;
    homes[kind].list({});
  }
  await closeBoth(homes);
  const show = (kind: Kind): string[] => ['session', 'show', ids[kind]!, '--last', '200', '-f', 'json'];
  const { encrypted, plain } = inTurn(homes, show);
  return [
    {
      what: `last 200 of ${LARGE.messages} encrypted messages ÷ plain: whole process`,
      measured: `${ratio(encrypted / plain)} (${encrypted.toFixed(0)} ÷ ${plain.toFixed(0)} ms)`,
      bar: '≤ 300 ms',
      met: encrypted <= 300,
    },
  ];
}

async function convertRows(homes: Homes): Promise<Row[]> {
  // In the home that has an identity: the session becomes an encrypted one there.
  const { home } = homes.encrypted.layout;
  const plain = new SessionStorage({ home });
  const { id } = await fillSession(plain, CONVERTED.messages, CONVERTED.messageBytes);
  await plain.close();
  await closeBoth(homes);
  const ms = runRoo(homes.encrypted, ['session', 'encrypt', id]);
  const megabytes = (CONVERTED.messages * CONVERTED.messageBytes) / 1e6;
  return [
    {
      what: `roo session encrypt of a session of ${megabytes} MB: whole process`,
      measured: `${((megabytes * 1000) / ms).toFixed(0)} MB/s`,
      bar: 'reported',
      met: null,
    },
  ];
}

const ORIGIN = { kind: 'human', agent: 'roo' } as const;

/** Two homes alike, but that one of them has an identity, as a key file, and encrypts what is new. */
async function homesIn(folder: string): Promise<Homes> {
  const home = join(folder, 'encrypted');
  const keys = new SessionKeys({ home, environment: {}, clock: SYSTEM_CLOCK, askPassphrase: async () => null });
  await keys.create({ protection: 'key-file' });
  return {
    encrypted: new SessionStorage({ home, identities: async () => keys, settings: { encryptionEnabled: true } }),
    plain: new SessionStorage({ home: join(folder, 'plain') }),
  };
}

async function newKey({ keys }: SessionStorage): Promise<SharedKey> {
  const dataKey = randomBytes(32);
  return { dataKey, file: await sealKey(dataKey, await keys.newRecipients()) };
}

async function closeBoth(homes: Homes): Promise<void> {
  for (const kind of KINDS) await homes[kind].close();
}

/** Returns the time it took, in milliseconds. */
function runRoo({ layout }: SessionStorage, args: readonly string[]): number {
  return runNode([MAIN, ...args], { ROO_HOME: layout.home }).wallMs;
}

/** Medians of whole processes, in milliseconds: the command in both homes and bare node, one after the other. */
function inTurn(
  homes: Homes,
  args: readonly string[] | ((kind: Kind) => readonly string[]),
  runs = RUNS,
): Record<Kind | 'bare', number> {
  const argsOf = typeof args === 'function' ? args : () => args;
  const times: Record<Kind | 'bare', number[]> = { encrypted: [], plain: [], bare: [] };
  for (const kind of KINDS) runRoo(homes[kind], argsOf(kind));
  for (let i = 0; i < runs; i++) {
    for (const kind of KINDS) times[kind].push(runRoo(homes[kind], argsOf(kind)));
    times.bare.push(runNode(['-e', '0']).wallMs);
  }
  return { encrypted: median(times.encrypted), plain: median(times.plain), bare: median(times.bare) };
}
