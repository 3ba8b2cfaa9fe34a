// Damage that every adapter reads around: files that are cut, lines that are garbage, text made to break a reader.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import type { Adapter, ForeignRecord } from '../../src/adapters/adapter.ts';
import { SessionError } from '../../src/core/errors.ts';
import { stringifyJson } from '../../src/core/json.ts';
import { messageText } from '../../src/core/message-text.ts';
import { activePath, callsOf, collect, inLogOrder, promptsOf } from './collected.ts';
import type { Collected } from './collected.ts';

/** Adds its tests to the suite it is called in. `files` is asked when they run. */
export function survivesDamage(adapter: Adapter, files: () => readonly string[]): void {
  let folder = '';
  before(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'roo-damage-'))));
  after(() => rmSync(folder, { recursive: true }));

  const fileWith = (name: string, content: string | Buffer): string => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const read = (content: string | Buffer): Promise<Collected> => collect(adapter, [fileWith('session.jsonl', content)]);

  it('reads every whole line before a cut, wherever the file is cut', async () => {
    for (const file of files()) {
      const bytes = readFileSync(file);
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
    for (const file of files()) {
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
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
    const text = readFileSync(files()[0]!, 'utf8');
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
      const text = readFileSync(files()[0]!, 'utf8');
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
    const bytes = readFileSync(files()[0]!);
    const at = bytes.indexOf(0x0a) + 1;
    const got = await read(Buffer.concat([bytes.subarray(0, at), Buffer.alloc(100), bytes.subarray(at)]));
    assert.deepEqual(promptsOf(got), promptsOf(await read(bytes)));
    assert.deepEqual(
      got.unreadables.map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes]),
      [[at, 100]],
    );
  });
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
