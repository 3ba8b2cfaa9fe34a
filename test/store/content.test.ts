import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseJson, stringifyJson } from '../../src/core/json.ts';
import type { LogRecord, MessageRecord, NewRecord, ToolEndRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { runs, SLOW } from '../helpers/slow.ts';
import { createLog, newSession, tempStore, userSays } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

/** Texts that have broken somebody's log before. */
const TEXTS: Record<string, string> = {
  'line breaks of every kind': 'a\nb\r\nc\rd\u2028e\u2029f\u0085g',
  'a NUL and other controls': 'a\0b\u0001c\u001bd\u007fe\u009b',
  'half of a surrogate pair': `a\ud800b\udc00c${'\udfff'}`,
  'signs beyond the first plane': '👩‍👩‍👧‍👦 𝕏 \u{10ffff}',
  'letters with and without composed accents': 'é e\u0301 ﬁ ｆ',
  'letters that turn the direction': '\u202eabc\u2066def\u2069',
  'what looks like JSON': '{"a":[1,2,"\\n"]}\\u0000',
  'what looks like the beginning of a frame': '\u001f\u008b\b\u0004\0\0\0\0\0ÿ4\0SX0\0',
  nothing: '',
};

describe('a record comes back as it was with', () => {
  for (const [name, text] of Object.entries(TEXTS)) {
    it(`${name} in it`, async (t) => {
      const store = tempStore(t);
      const [message, state] = await written(store, [
        userSays(text),
        { type: 'state', patch: { environment: { [text]: text } } },
      ]);
      assert.deepEqual((message as MessageRecord).parts, [{ type: 'text', text }]);
      assert.deepEqual((state as unknown as { patch: unknown }).patch, { environment: { [text]: text } });
    });

    it(`${name} in a text too long for a line`, async (t) => {
      const store = tempStore(t);
      const long = `${text}${'x'.repeat(300_000)}${text}`;
      const [message, end] = await written(store, [
        userSays(long),
        { type: 'tool-end', callId: 'c', status: 'ok', output: long },
      ]);
      assert.deepEqual((message as MessageRecord).parts, [{ type: 'text', text: long }]);
      assert.equal(await outputOf(store, end as ToolEndRecord), long);
    });
  }

  for (const digits of [
    '9007199254740993',
    '-9007199254740993',
    '123456789012345678901234567890',
    '18446744073709551615',
  ]) {
    it(`the integer ${digits}, digit by digit`, async (t) => {
      const store = tempStore(t);
      const [custom] = await written(store, [
        { type: 'custom', kind: 'n', value: parseJson(`{"n":[${digits}],"near":12}`) },
      ]);
      assert.equal(stringifyJson((custom as { value?: unknown }).value), `{"n":[${digits}],"near":12}`);
    });
  }

  it('a `__proto__` that is a name like any other, and touches no prototype', async (t) => {
    const store = tempStore(t);
    const patch = parseJson('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}');
    const records = await written(store, [
      { type: 'config', patch } as NewRecord,
      { type: 'state', patch } as NewRecord,
      { type: 'tool-state', toolName: '__proto__', cache: { polluted: 3 } },
      {
        type: 'message',
        role: 'assistant',
        parts: [{ type: 'tool-call', callId: '__proto__', name: 'constructor', input: '' }],
      },
    ]);
    assert.equal(stringifyJson((records[0] as unknown as { patch: unknown }).patch), stringifyJson(patch));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.equal((Object as { usageCount?: unknown }).usageCount, undefined);
    assert.equal('usageCount' in Object.prototype, false);
    const fold = foldOf(store);
    assert.deepEqual(Object.keys(fold.tools).toSorted(), ['__proto__', 'constructor']);
    assert.deepEqual(Object.keys(fold.openCalls), ['__proto__']);
    assert.equal(stringifyJson(fold.config), stringifyJson(patch));
  });

  it('types and fields that this version does not know', async (t) => {
    const store = tempStore(t);
    const strange = {
      type: 'hologram',
      depth: 3,
      nested: { a: [null, true] },
      parts: 'no list',
    } as unknown as NewRecord;
    const [record, message] = await written(store, [
      strange,
      { ...userSays('x'), colour: 'red' } as unknown as NewRecord,
    ]);
    assert.deepEqual({ ...record, id: '', at: '' }, { ...strange, id: '', at: '' });
    assert.equal((message as { colour?: unknown }).colour, 'red');
    assert.equal(foldOf(store).counts.records, 2);
  });

  it('numbers of tokens that are none, without losing count', async (t) => {
    const store = tempStore(t);
    const usage = parseJson('{"inputTokens":9007199254740993,"outputTokens":"7","cost":0.5}');
    await written(store, [
      { ...userSays('x'), usage } as NewRecord,
      { ...userSays('y'), usage: { inputTokens: 2 } } as NewRecord,
    ]);
    const { inputTokens, outputTokens, cost } = foldOf(store).usage;
    assert.deepEqual({ inputTokens, outputTokens, cost }, { inputTokens: 2, outputTokens: 0, cost: 0.5 });
  });
});

describe('a record that is too much', () => {
  it('of nesting is refused, and the log stays as it was', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    for (const depth of [501, 100_000]) {
      let value: unknown = 1;
      for (let i = 0; i < depth; i++) value = [value];
      await assert.rejects(writer.append([{ type: 'custom', kind: 'deep', value }]), { code: 'RECORD_TOO_DEEP' });
    }
    await writer.append([userSays('still fine')]);
    await writer.close();
  });

  it('of text for a line goes into a blob, and comes back byte for byte', async (t) => {
    const store = tempStore(t);
    const text = noise(3, 10_000).repeat(runs(2_000, 20_000));
    const [message] = await written(store, [userSays(text)]);
    assert.equal((message as unknown as { parts: { text: string }[] }).parts[0]!.text, text);
    const lines = gunzipSync(readFileSync(logOf(store)))
      .toString()
      .split('\n');
    assert.ok(
      lines.every((line) => line.length < 256 * 1024),
      'a line is longer than it may be',
    );
    const line = JSON.parse(lines.find((each) => each.includes('"spilled"'))!);
    assert.equal(line.parts[0].text, text.slice(0, 2048));
  });

  it('of text for memory is refused', { skip: !SLOW && 'slow tier' }, async (t) => {
    const store = tempStore(t);
    const writer = createLog(store, newSession(store));
    await assert.rejects(writer.append([userSays('x'.repeat(257 * 1024 * 1024))]), { code: 'RECORD_TOO_LARGE' });
    await assert.rejects(writer.append([userSays('\0'.repeat(100 * 1024 * 1024))]), { code: 'RECORD_TOO_LARGE' });
    await writer.append([userSays('still fine')]);
    await writer.close();
  });

  it('of parts keeps every call of the message in its line, so that their results are found', async (t) => {
    const store = tempStore(t);
    const parts = Array.from({ length: 300 }, (_, i) => ({
      type: 'tool-call' as const,
      callId: `call-${i}-${'i'.repeat(60)}`,
      name: 'write',
      input: noise(i + 1, 3_000),
    }));
    const [message] = await written(store, [{ type: 'message', role: 'assistant', parts }]);
    assert.deepEqual((message as MessageRecord).parts, parts);
    assert.deepEqual(
      Object.keys(foldOf(store).openCalls),
      parts.map(({ callId }) => callId),
    );
    assert.equal(foldOf(store).counts.toolCalls, 300);
  });

  it('of digits keeps them where the rest was cut', async (t) => {
    const store = tempStore(t);
    const value = parseJson(`{"n":9007199254740993,"text":${JSON.stringify('x'.repeat(300_000))}}`);
    const [custom] = await written(store, [{ type: 'custom', kind: 'n', value }]);
    assert.equal(stringifyJson((custom as { value?: unknown }).value), stringifyJson(value));
    assert.match(gunzipSync(readFileSync(logOf(store))).toString(), /"n":9007199254740993,/);
  });
});

const sessions = new WeakMap<TempStore, string>();

/** Writes records as a session of their own, and returns what a reader finds, whole. */
async function written(store: TempStore, records: NewRecord[]): Promise<LogRecord[]> {
  const session = newSession(store);
  sessions.set(store, session.sessionId);
  const writer = createLog(store, session);
  const answered = await writer.append(records);
  await writer.close();
  const ids = new Set(answered.map(({ id }) => id));
  const reader = LogReader.open(store.layout, session.sessionId);
  try {
    const found: LogRecord[] = [];
    for (const item of reader.forwards()) {
      if ('damage' in item) assert.fail('the log is damaged');
      for (const record of reader.records(item)) if (ids.has(record.id)) found.push(reader.blobs.unspill(record));
    }
    return found;
  } finally {
    reader.close();
  }
}

function logOf(store: TempStore): string {
  return store.layout.logPath(sessions.get(store)!);
}

function foldOf(store: TempStore): ReturnType<LogReader['fold']> {
  const reader = LogReader.open(store.layout, sessions.get(store)!);
  try {
    return reader.fold();
  } finally {
    reader.close();
  }
}

/** The whole output of a call, from its line or from its blob. */
async function outputOf(store: TempStore, end: ToolEndRecord): Promise<string> {
  if (!end.blob) return end.output!;
  const reader = LogReader.open(store.layout, sessions.get(store)!);
  try {
    return reader.blobs.read(end.blob).toString('utf8');
  } finally {
    reader.close();
  }
}
