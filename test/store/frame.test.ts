import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import type { NewFrame } from '../../src/store/frame.ts';
import {
  decodeHeader,
  encodeFrame,
  FLAG,
  FRAME_BYTES_MAX,
  frameHash,
  HEADER_BYTES,
  inflateFrame,
  isIntact,
  logMark,
  NO_HASH,
  PAYLOAD_BYTES_MAX,
} from '../../src/store/frame.ts';
import { readLines } from '../../src/store/frame-lines.ts';
import type { StoredFrame } from '../../src/store/log-file.ts';
import { sealed } from '../helpers/damage.ts';
import { noise } from '../helpers/reference-logs.ts';

const LINE = Buffer.from('{"type":"custom","id":"1","at":"","kind":"x"}\n');

function frameOf(changes: Partial<NewFrame> = {}): NewFrame {
  return {
    flags: 0,
    lines: 1,
    prevBytes: 0,
    seq: 0,
    epoch: 1,
    prev: NO_HASH,
    log: 7,
    payload: LINE,
    level: 6,
    ...changes,
  };
}

describe('a frame', () => {
  it('is a gzip member that says everything about itself', () => {
    const prev = frameHash(Buffer.from('the one before'));
    const bytes = encodeFrame(
      frameOf({ flags: FLAG.close | FLAG.snapshot, lines: 1, prevBytes: 99, seq: 2 ** 40, epoch: 3, prev }),
    );
    assert.deepEqual(decodeHeader(bytes, 0), {
      flags: 10,
      lines: 1,
      frameBytes: bytes.length,
      prevBytes: 99,
      seq: 2 ** 40,
      epoch: 3,
      prev,
      log: 7,
    });
    assert.ok(isIntact(bytes));
    assert.ok(inflateFrame(bytes).equals(LINE));
    assert.ok(gunzipSync(bytes).equals(LINE));
  });

  it('carries the checksum of its log’s generation', () => {
    const generation = '00000000-0000-4000-8000-000000000001';
    assert.equal(logMark(generation), crc32(generation));
  });

  it('does not grow past its limit, whatever is in it and however it is packed', () => {
    const payloads = [Buffer.alloc(PAYLOAD_BYTES_MAX), Buffer.from(noise(1, PAYLOAD_BYTES_MAX))];
    for (const payload of payloads) {
      for (const level of [0, 1, 6, 9]) {
        const bytes = encodeFrame(frameOf({ payload, level }));
        assert.ok(bytes.length <= FRAME_BYTES_MAX, `level ${level}: ${bytes.length}`);
        assert.ok(inflateFrame(bytes).equals(payload));
      }
    }
  });

  it('is refused when it would hold too much', () => {
    const tooLong = Buffer.alloc(PAYLOAD_BYTES_MAX + 1);
    assert.throws(() => encodeFrame(frameOf({ payload: tooLong })), { code: 'RECORD_TOO_LARGE' });
    assert.throws(() => encodeFrame(frameOf({ lines: 0x10000 })), { code: 'RECORD_TOO_LARGE' });
  });

  it('is not unpacked when it claims to hold too much', () => {
    const bytes = encodeFrame(frameOf());
    bytes.writeUInt32LE(0xffffffff, bytes.length - 4);
    assert.throws(() => inflateFrame(bytes), { code: 'RECORD_TOO_LARGE' });
  });

  it('is not seen where there is none', () => {
    const bytes = encodeFrame(frameOf());
    assert.equal(decodeHeader(bytes.subarray(0, HEADER_BYTES - 1), 0), null);
    assert.equal(decodeHeader(bytes, 1), null);
    assert.equal(decodeHeader(Buffer.alloc(200), 0), null);
    assert.equal(decodeHeader(gzipSync(LINE), 0), null, 'a gzip member without our field');
    const tooShort = Buffer.from(bytes);
    tooShort.writeUInt32LE(10, 20);
    assert.equal(decodeHeader(tooShort, 0), null);
    const tooLong = Buffer.from(bytes);
    tooLong.writeUInt32LE(FRAME_BYTES_MAX + 1, 20);
    assert.equal(decodeHeader(tooLong, 0), null);
  });
});

describe('an intact frame by a faulty writer', () => {
  const good = '{"type":"custom","id":"1","at":"","kind":"x"}';
  const cases: Record<string, { payload: Buffer; lines: number; found: number }> = {
    'with a line that is no JSON': { payload: Buffer.from(`${good}\n{oops\n${good}\n`), lines: 3, found: 2 },
    'with a line that is no record': { payload: Buffer.from(`${good}\n[]\n`), lines: 2, found: 1 },
    'with a record that readers cannot rely on': {
      payload: Buffer.from(`{"type":"state","id":"1","at":""}\n${good}\n`),
      lines: 2,
      found: 1,
    },
    'with fewer lines than it says': { payload: Buffer.from(`${good}\n`), lines: 2, found: 1 },
    'without a line end': { payload: Buffer.from(`${good}\n${good.slice(0, 20)}`), lines: 2, found: 1 },
    'with nothing in it': { payload: Buffer.alloc(0), lines: 1, found: 0 },
  };
  for (const [name, { payload, lines, found }] of Object.entries(cases)) {
    it(`${name} gives the lines that are records, and says where the others were`, () => {
      const { records, faults } = readLines(stored(encodeFrame(frameOf({ payload, lines }))), '/a/log', null);
      assert.equal(records.length, found);
      assert.ok(faults.length > 0);
      for (const fault of faults) {
        assert.deepEqual([fault.code, fault.path, fault.offsetBytes], ['LOG_DAMAGED', '/a/log', 1234]);
      }
    });
  }

  it('that does not unpack gives nothing, and says so', () => {
    const bytes = Buffer.concat([encodeFrame(frameOf())]);
    const broken = encodeFrame(frameOf({ payload: Buffer.from(noise(1, 500)), level: 0 }));
    for (const damaged of [garbled(bytes), garbled(broken)]) {
      const { records, faults } = readLines(stored(damaged), '/a/log', null);
      assert.deepEqual([records.length, faults.length, faults[0]!.code], [0, 1, 'LOG_DAMAGED']);
    }
  });
});

/** Packed badly and summed up well: nobody but its writer can have done that. */
function garbled(frame: Buffer): Buffer {
  const bytes = Buffer.from(frame);
  deflateRawSync(Buffer.from('something else')).copy(bytes, HEADER_BYTES);
  assert.ok(isIntact(sealed(bytes)));
  return bytes;
}

function stored(bytes: Buffer): StoredFrame {
  return { ...decodeHeader(bytes, 0)!, offset: 1234, bytes, hash: () => frameHash(bytes) };
}
