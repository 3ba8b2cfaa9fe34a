// Makes the worked example in docs/format.md: a real log of two frames, byte by byte, and what gunzip makes of it. A
// test compares the page with what comes out of here.
//
//     node scripts/format-example.ts

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Clock } from '../src/core/clock.ts';
import { emptyFold } from '../src/core/fold.ts';
import type { SessionRecord } from '../src/core/record.ts';
import { BlobStore } from '../src/store/blob-store.ts';
import { FLAG, HEADER_BYTES } from '../src/store/frame.ts';
import { FrameComposer } from '../src/store/frame-composer.ts';
import { CHAIN_START } from '../src/store/log-chain.ts';

export const PAGE: string = fileURLToPath(new URL('../docs/format.md', import.meta.url));
const BEGIN = '<!-- example:begin -->\n';
const END = '<!-- example:end -->\n';

/** The page with its example made anew. Throws when the page has no place for it. */
export function withExample(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('the page has no marks for the example');
  return before + BEGIN + example() + END + after;
}

function example(): string {
  const [first, second] = composeFrames() as [Buffer, Buffer];
  const bytes = Buffer.concat([first, second]);
  return [
    `The file is ${bytes.length} bytes long: a frame of ${first.length} that begins an epoch, a frame of ${second.length} with the message.`,
    '',
    block(dump(bytes)),
    'The two headers:',
    '',
    '| field | frame 0 | frame 1 |',
    '|---|---|---|',
    ...FIELDS.map(([name, read]) => `| ${name} | ${read(first)} | ${read(second)} |`),
    '',
    '`gunzip -c` gives:',
    '',
    block(gunzipSync(bytes).toString().trimEnd()),
  ].join('\n');
}

const FIELDS: [name: string, read: (frame: Buffer) => string | number][] = [
  ['version', (frame) => frame[16]!],
  ['flags', (frame) => frame[17]!],
  ['lines', (frame) => frame.readUInt16LE(18)],
  ['frameBytes', (frame) => frame.readUInt32LE(20)],
  ['prevBytes', (frame) => frame.readUInt32LE(24)],
  ['seq', (frame) => Number(frame.readBigUInt64LE(28))],
  ['epoch', (frame) => frame.readUInt32LE(36)],
  ['prev', (frame) => `\`${frame.toString('hex', 40, 56)}\``],
  ['crc', (frame) => hex(frame.readUInt32LE(56))],
  ['log', (frame) => hex(frame.readUInt32LE(60))],
  ['deflate', (frame) => `${frame.length - HEADER_BYTES - 8} bytes`],
  ['trailer: CRC-32', (frame) => hex(frame.readUInt32LE(frame.length - 8))],
  ['trailer: length', (frame) => frame.readUInt32LE(frame.length - 4)],
];

function composeFrames(): Buffer[] {
  const clock = fixedClock();
  const session: SessionRecord = {
    type: 'session',
    id: clock.recordId(),
    at: '2026-01-01T12:00:00.000Z',
    format: 2,
    sessionId: '3f2a9c1b-7d11-4c4e-9d1f-6b1f0c9e2a10',
    generation: '8c6e0b5a-52f4-4f0e-8d0b-3f5b7a1c9d22',
    part: 1,
    family: '3f2a9c1b-7d11-4c4e-9d1f-6b1f0c9e2a10',
    project: { path: '/home/dev/shop' },
    origin: { kind: 'human', agent: 'roo', version: '0.1.0' },
  };
  const start = { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
  // Nothing here is long enough for a blob, so the folder is never made.
  const composer = new FrameComposer(start, { clock, level: 0, blobs: new BlobStore('blobs'), find: () => null });
  composer.epoch = 1;
  composer.add([session, { type: 'epoch', epoch: 1, writer: { pid: 4711, host: 'desk', version: '0.1.0' } }]);
  composer.flag(FLAG.epoch);
  composer.seal();
  const first = composer.take();
  composer.add([{ type: 'message', role: 'user', parts: [{ type: 'text', text: 'Why does the login fail?' }] }]);
  composer.seal();
  return [first, composer.take()];
}

function fixedClock(): Clock {
  let ids = 0;
  return {
    now: () => Date.UTC(2026, 0, 1, 12, 0, ids),
    recordId: () => `019b7a00-0000-7000-8000-${(++ids).toString().padStart(12, '0')}`,
    sessionId: () => '00000000-0000-4000-8000-000000000000',
  };
}

/** Sixteen bytes a line: offset, hex, characters. */
function dump(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const digits = row
      .toString('hex')
      .replace(/..(?=.)/g, '$& ')
      .padEnd(47);
    const characters = row.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${digits}  ${characters}`);
  }
  return lines.join('\n');
}

function hex(value: number): string {
  return `\`${value.toString(16).padStart(8, '0')}\``;
}

function block(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\`\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, withExample(readFileSync(PAGE, 'utf8')));
