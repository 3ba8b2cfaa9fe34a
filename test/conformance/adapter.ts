// What every adapter promises, as one suite: an adapter's own test names its fixtures and what is in them.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SessionError } from '../../src/core/errors.ts';
import { stringifyJson } from '../../src/core/json.ts';
import { messageText } from '../../src/core/message-text.ts';
import type { ToolStatus } from '../../src/core/record.ts';
import type {
  Adapter,
  ForeignHeader,
  ForeignRecord,
  ForeignSession,
  Sink,
  UnreadableEntry,
} from '../../src/adapters/adapter.ts';
import { loadAdapters } from '../../src/adapters/registry.ts';

export interface ExpectedCall {
  name: string;
  /** The whole text of the arguments. */
  input?: string;
  /** `none`: the call never came back. */
  status: ToolStatus | 'none';
  exitCode?: number;
}
export interface ExpectedSession {
  id: string;
  userPrompts: readonly string[];
  toolCalls: readonly ExpectedCall[];
}
export interface AdapterPromise {
  adapter: Adapter;
  /** Folder of test/fixtures/agents that is a home with the sessions. */
  home: string;
  /** Folder below the home where the agent keeps its sessions. */
  sessionsFolder: string;
  sessions: readonly ExpectedSession[];
  /** One whole turn for a generated session: lines for turn `index`, with `text` in prompt and output. */
  turn(index: number, text: string): unknown[];
}

/** A sink that keeps what it gets. */
export class Collected implements Sink {
  readonly headers: ForeignHeader[] = [];
  readonly records: ForeignRecord[] = [];
  readonly unreadables: UnreadableEntry[] = [];
  header(header: ForeignHeader): void {
    this.headers.push(header);
  }
  record(record: ForeignRecord): void {
    this.records.push(record);
  }
  unreadable(entry: UnreadableEntry): void {
    this.unreadables.push(entry);
  }
}

export function fixtureHome(name: string): string {
  return path.join(import.meta.dirname, '..', 'fixtures', 'agents', name);
}

export async function collect(adapter: Adapter, paths: readonly string[]): Promise<Collected> {
  const collected = new Collected();
  await adapter.read(paths, collected);
  return collected;
}

/** Reads a session made up of these entries, one a line; a text is a line as it is. */
export async function collectEntries(
  adapter: Adapter,
  entries: readonly unknown[],
  name = 'session.jsonl',
): Promise<Collected> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roo-adapter-'));
  try {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(
      file,
      entries.map((entry) => `${typeof entry === 'string' ? entry : stringifyJson(entry)}\n`).join(''),
    );
    return await collect(adapter, [file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The records of one type. */
export function recordsOf<T extends ForeignRecord['type']>(
  got: Collected,
  type: T,
): Extract<ForeignRecord, { type: T }>[] {
  return got.records.filter((record): record is Extract<ForeignRecord, { type: T }> => record.type === type);
}

/** Role and words of the messages on the active branch. */
export function spoken(got: Collected): [string, string][] {
  return activePath(got).map((message) => [message.role, messageText(message)]);
}

export async function listed(adapter: Adapter, home: string): Promise<ForeignSession[]> {
  const sessions: ForeignSession[] = [];
  for await (const session of adapter.list(home, {})) sessions.push(session);
  return sessions.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function promptsOf({ records }: Collected): string[] {
  return records.flatMap((record) =>
    record.type === 'message' && record.role === 'user' ? [messageText(record)] : [],
  );
}

export function callsOf({ records }: Collected): (ExpectedCall & { input: string })[] {
  const ends = new Map(
    records.flatMap((record) => (record.type === 'tool-end' ? [[record.callId, record] as const] : [])),
  );
  return records.flatMap((record) => {
    if (record.type !== 'message') return [];
    return record.parts.flatMap((part) => {
      if (part.type !== 'tool-call') return [];
      const end = ends.get(part.callId);
      const exitCode = end?.exitCode === undefined ? {} : { exitCode: end.exitCode };
      return [{ name: part.name, input: part.input, status: end?.status ?? ('none' as const), ...exitCode }];
    });
  });
}

/** The messages from the root to the active leaf. */
export function activePath({ records }: Collected): Extract<ForeignRecord, { type: 'message' }>[] {
  const messages = new Map(
    records.flatMap((record) => (record.type === 'message' ? [[record.id, record] as const] : [])),
  );
  const head = records.findLast((record): record is Extract<ForeignRecord, { type: 'head' }> => record.type === 'head');
  const found: Extract<ForeignRecord, { type: 'message' }>[] = [];
  for (let id: string | null = head?.messageId ?? null; id !== null;) {
    const message = messages.get(id);
    assert.ok(message, `the active branch names ${id}, which is there`);
    found.unshift(message);
    id = message.parentId ?? null;
  }
  return found;
}

function main(session: ForeignSession): string {
  return session.paths[0]!;
}

export function conformsToAdapter(promise: AdapterPromise): void {
  const { adapter } = promise;
  const home = fixtureHome(promise.home);
  let folder = '';
  let sessions: ForeignSession[] = [];

  const fileWith = (name: string, content: string | Buffer): string => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const read = (content: string | Buffer, name = 'session.jsonl'): Promise<Collected> =>
    collect(adapter, [fileWith(name, content)]);

  describe(`the ${adapter.title} adapter`, () => {
    before(async () => {
      folder = mkdtempSync(path.join(os.tmpdir(), 'roo-adapter-'));
      sessions = await listed(adapter, home);
    });
    after(() => rmSync(folder, { recursive: true }));

    it('lists the sessions of a home', () => {
      const ids = promise.sessions.map((session) => session.id).sort();
      assert.deepEqual(
        sessions.map((session) => session.id),
        ids,
      );
      for (const session of sessions) {
        assert.equal(session.agent, adapter.name);
        assert.ok(session.sizeBytes > 0 && session.updatedAtMs > 0 && session.title !== undefined);
        assert.equal(session.projectPath, '/home/dev/shop-api');
      }
    });

    it('finds nothing in a home without the agent, and fails on one that cannot be read', async () => {
      const empty = mkdtempSync(path.join(folder, 'home-'));
      assert.deepEqual(await listed(adapter, empty), []);
      const at = path.join(empty, promise.sessionsFolder);
      mkdirSync(path.dirname(at), { recursive: true });
      writeFileSync(at, 'a file where a folder should be');
      await assert.rejects(listed(adapter, empty), { code: 'STORE_UNREADABLE' });
    });

    it('knows its own files from those of every other agent', async () => {
      for await (const other of loadAdapters()) {
        for (const session of await listed(other, fixtureHome(other.name))) {
          const head = readFileSync(main(session)).subarray(0, 65_536).toString('utf8');
          assert.equal(adapter.detect(main(session), head), other.name === adapter.name, main(session));
          if (other.name !== adapter.name)
            await assert.rejects(collect(adapter, session.paths), { code: 'FORMAT_UNKNOWN' });
        }
      }
      for (const text of ['', '{}\n', 'hello\n', '{"type":"session","version":3,"id":"x","cwd":"/"}\n', '[1]\n']) {
        assert.equal(adapter.detect('x.jsonl', text), false);
        await assert.rejects(read(text), { code: 'FORMAT_UNKNOWN' });
      }
    });

    for (const expected of promise.sessions) {
      const get = async (): Promise<Collected> => {
        return collect(adapter, sessions.find((session) => session.id === expected.id)!.paths);
      };

      it(`reads every prompt and tool call of ${expected.id}`, async () => {
        const got = await get();
        assert.deepEqual(promptsOf(got), expected.userPrompts);
        const calls = callsOf(got);
        assert.deepEqual(
          calls.map(({ input, ...call }, index) =>
            expected.toolCalls[index]?.input === undefined ? call : { ...call, input },
          ),
          expected.toolCalls,
        );
        assert.deepEqual(got.unreadables, []);
        assert.equal(got.headers.at(-1)?.id, expected.id);
        assert.equal(got.headers.at(-1)?.project?.path, '/home/dev/shop-api');
        const onPath = activePath(got).filter((message) => message.role === 'user');
        assert.deepEqual(onPath.map(messageText), expected.userPrompts);
      });

      it(`gives the records of ${expected.id} in an order that a log can take`, async () => {
        inLogOrder(await get());
      });

      it(`gives the same of ${expected.id} at every reading`, async () => {
        assert.deepEqual(await get(), await get());
      });
    }

    it('reads every whole line before a cut, wherever the file is cut', async () => {
      for (const session of sessions) {
        const bytes = readFileSync(main(session));
        for (const cut of cutPoints(bytes)) {
          const [cutOff, whole] = await Promise.all([
            readOrNone(adapter, fileWith('cut.jsonl', bytes.subarray(0, cut))),
            readOrNone(adapter, fileWith('whole.jsonl', wholeLines(bytes.subarray(0, cut)))),
          ]);
          // A cut just before a line break leaves that line whole.
          if (bytes[cut] !== 0x0a) sameRecords(cutOff, whole, `cut at ${cut}`);
          if (cutOff !== undefined) inLogOrder(cutOff);
        }
      }
    });

    it('loses no more than the line that is garbage', async () => {
      for (const session of sessions) {
        const lines = readFileSync(main(session), 'utf8').split('\n').slice(0, -1);
        const whole = await read(`${lines.join('\n')}\n`);
        const step = Math.ceil(lines.length / 9);
        for (let at = 0; at < lines.length; at += step) {
          const added = await read(lines.toSpliced(at, 0, 'garbage{').join('\n'));
          sameRecords(added, whole, `garbage before line ${at + 1}`);
          assert.deepEqual(
            added.unreadables.map(({ line, text }) => ({ line, text })),
            [{ line: at + 1, text: 'garbage{' }],
          );

          const replaced = await read(lines.with(at, 'garbage{').join('\n'));
          inLogOrder(replaced);
          const left = promptsOf(whole).filter((prompt) => !lines[at]!.includes(stringifyJson(prompt)));
          assert.deepEqual(
            promptsOf(replaced).filter((prompt) => left.includes(prompt)),
            left,
          );
          const onPath = new Set(activePath(replaced).map(messageText));
          assert.ok(
            left.every((prompt) => onPath.has(prompt)),
            `the branch holds together without line ${at + 1}`,
          );
        }
      }
    });

    it('survives a byte order mark, CRLF and a missing last line break', async () => {
      const text = readFileSync(main(sessions[0]!), 'utf8');
      const whole = await read(text);
      for (const other of [`\uFEFF${text}`, text.replaceAll('\n', '\r\n'), text.trimEnd()]) {
        const got = await read(other);
        sameRecords(got, whole, JSON.stringify(other.slice(0, 1)));
        assert.deepEqual(got.unreadables, []);
      }
    });

    const hostile: readonly [string, string | Buffer, (text: string) => boolean][] = [
      ['a run of NUL bytes', Buffer.alloc(4096), () => true],
      ['a line of 100,000 levels', `${'['.repeat(1e5)}${']'.repeat(1e5)}`, () => true],
      ['an object of 100,000 levels', `{"a":`.repeat(1e5) + '1' + '}'.repeat(1e5), () => true],
      ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), () => true],
      [
        'keys named __proto__',
        '{"__proto__":{"polluted":true},"constructor":1}',
        (text) => text.includes('"__proto__":{"polluted":true}'),
      ],
      ['a lone surrogate', String.raw`{"odd":"\ud83d"}`, (text) => text.includes(String.raw`\ud83d`)],
      ['U+2028 in a text', '{"odd":"a\u2028b"}', (text) => text.includes('a\u2028b')],
      ['an integer above 2^53', '{"odd":9007199254740993}', (text) => text.includes('9007199254740993')],
    ];
    for (const [name, line, isKept] of hostile) {
      it(`survives ${name}`, async () => {
        const text = readFileSync(main(sessions[0]!), 'utf8');
        const whole = await read(text);
        const firstLineEnd = text.indexOf('\n') + 1;
        const got = await read(
          Buffer.concat([
            Buffer.from(text.slice(0, firstLineEnd)),
            Buffer.from(line),
            Buffer.from(`\n${text.slice(firstLineEnd)}`),
          ]),
        );
        assert.deepEqual(promptsOf(got), promptsOf(whole));
        assert.deepEqual(callsOf(got), callsOf(whole));
        assert.equal(
          got.records.length + got.unreadables.length,
          whole.records.length + 1,
          'it is kept, one way or the other',
        );
        assert.ok(isKept([...got.records, ...got.unreadables].map(stringifyJson).join('\n')));
        assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      });
    }

    it('reads the rest of a line that a run of NUL bytes stands in', async () => {
      const bytes = readFileSync(main(sessions[0]!));
      const at = bytes.indexOf(0x0a) + 1;
      const got = await read(Buffer.concat([bytes.subarray(0, at), Buffer.alloc(100), bytes.subarray(at)]));
      assert.deepEqual(promptsOf(got), promptsOf(await read(bytes)));
      assert.deepEqual(
        got.unreadables.map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes]),
        [[at, 100]],
      );
    });

    it('holds little of a large session in memory', async () => {
      const file = fileWith('large.jsonl', '');
      const text = 'x'.repeat(40_000);
      let sizeBytes = 0;
      for (let index = 0; sizeBytes < 50e6;) {
        let lines = '';
        for (const stop = index + 50; index < stop; index++) {
          for (const entry of promise.turn(index, text)) lines += `${stringifyJson(entry)}\n`;
        }
        writeFileSync(file, lines, { flag: 'a' });
        sizeBytes += lines.length;
      }
      const start = liveHeapBytes();
      let [prompts, ends, messages, most] = [0, 0, 0, 0];
      await adapter.read([file], {
        header: () => undefined,
        unreadable: (entry) => assert.fail(entry.reason),
        record: (record) => {
          if (record.type === 'message' && ++messages % 200 === 0) most = Math.max(most, liveHeapBytes() - start);
          if (record.type === 'message' && record.role === 'user') prompts++;
          if (record.type === 'tool-end') ends++;
        },
      });
      assert.ok(prompts > 400 && ends === prompts, `${prompts} prompts and ${ends} results were read`);
      assert.ok(most < sizeBytes / 5, `${most} bytes were live for ${sizeBytes} bytes of file`);
    });
  });
}

/** Parents before children, an end after its call and before the answer to it, ids once. */
function inLogOrder({ records }: Collected): void {
  const ids = new Set<string>();
  const messages = new Set<string>();
  /** Call → message that holds it; gone once it has an end. */
  const open = new Map<string, string>();
  /** Messages that have an answer. */
  const answered = new Set<string>();
  for (const record of records) {
    assert.ok(!ids.has(record.id), `the id ${record.id} is given once`);
    ids.add(record.id);
    if (record.type === 'message') {
      const { parentId } = record;
      assert.ok(parentId !== undefined, 'an adapter always says where a message hangs');
      assert.ok(parentId === null || messages.has(parentId), `the parent of ${record.id} comes before it`);
      messages.add(record.id);
      if (parentId !== null) answered.add(parentId);
      for (const part of record.parts) if (part.type === 'tool-call') open.set(part.callId, record.id);
    }
    if (record.type === 'tool-end') {
      assert.ok(!answered.has(open.get(record.callId) ?? ''), `${record.callId} ends before the answer to it`);
      assert.ok(open.delete(record.callId), `${record.callId} ends once, after its call`);
    }
    if (record.type === 'compaction') assert.ok(messages.has(record.messageId));
    if (record.type === 'head') assert.ok(record.messageId === null || messages.has(record.messageId));
  }
  if (messages.size > 0) assert.equal(records.at(-1)?.type, 'head', 'the active branch is named at the end');
}

function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

/** Compares record by record: the difference of two whole sessions is nothing that a person can read. */
function sameRecords(got: Collected | undefined, expected: Collected | undefined, where: string): void {
  const [a, b] = [withoutIds(got?.records), withoutIds(expected?.records)];
  for (const [index, record] of b.entries()) assert.deepEqual(a[index], record, `record ${index}, ${where}`);
  assert.equal(a.length, b.length, `number of records, ${where}`);
}

/** Beginning, end, around line breaks, and some places in between. */
function cutPoints(bytes: Buffer): number[] {
  const points = new Set([0, 1, bytes.length - 1]);
  for (let i = 1; i < 8; i++) {
    const at = Math.floor((bytes.length * i) / 8);
    const lineEnd = bytes.indexOf(0x0a, at);
    for (const point of [at, lineEnd, lineEnd + 1, lineEnd + 2])
      if (point > 0 && point < bytes.length) points.add(point);
  }
  return [...points];
}

async function readOrNone(adapter: Adapter, file: string): Promise<Collected | undefined> {
  try {
    return await collect(adapter, [file]);
  } catch (error) {
    assert.ok(error instanceof SessionError && error.code === 'FORMAT_UNKNOWN', String(error));
    return undefined;
  }
}

/** Records without the ids that are places in the file, for files whose lines have moved. */
function withoutIds(records: readonly ForeignRecord[] | undefined): unknown[] {
  return (records ?? []).map((record) => JSON.parse(stringifyJson(record).replaceAll(/@\d+/g, '@')));
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function liveHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
