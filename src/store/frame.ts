// One frame of a log: a gzip member whose extra field says how long it is, which frame it follows and what its bytes
// sum to. `gunzip -c` reads a file of frames as JSON Lines; we walk it from both ends and know every damaged byte.
// gzip members: RFC 1952. The extra field 'SX' is ours; docs/format.md has it byte by byte.

import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { SessionError } from '../core/errors.ts';
import type { FrameFacts, FrameOpener, FrameSealer } from '../crypto/frame-seal.ts';
import { sha256 } from './hashing.ts';
import { movedCrc } from './range-crc.ts';

export const FRAME_VERSION = 1;
/** Header of the gzip member with our extra field: 10 + 2 + 4 + 48 bytes. */
export const HEADER_BYTES = 64;
const TRAILER_BYTES = 8;
/** The smallest frame there can be: bounds how many frames fit into a gap. */
export const FRAME_BYTES_MIN = HEADER_BYTES + 2 + TRAILER_BYTES;
export const PAYLOAD_BYTES_MAX = 1024 * 1024;
/** What an encrypted frame may hold packed: as base64 in a line it is a third longer, and has to fit into a frame. */
export const SEALED_BYTES_MAX: number = 700 * 1024;
/** Deflate adds at most five bytes for every 16 KiB it cannot shrink, plus a few. */
export const FRAME_BYTES_MAX = FRAME_BYTES_MIN + PAYLOAD_BYTES_MAX + 1024;
export const HASH_BYTES = 16;
export const NO_HASH: Buffer = Buffer.alloc(HASH_BYTES);

/** No log gets so far. What is beyond leaves no room for the frame behind it, and is none of ours. */
const SEQ_MAX = 2 ** 48;

export const FLAG = { encrypted: 1, close: 2, epoch: 4, snapshot: 8 } as const;

/** gzip magic, deflate, FEXTRA only (GNU gzip once refused FHCRC), no time. */
const MAGIC = Buffer.from([0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0]);
/** XLEN 52, 'S' 'X', length 48. */
const EXTRA = Buffer.from([52, 0, 0x53, 0x58, 48, 0]);
const ZERO_CRC = Buffer.alloc(4);
const CHUNK_BYTES_MAX = 64 * 1024;
/** Encrypted lines shorter than this are not packed a second time. */
const STORED_BYTES_MAX = 4096;
const AT = {
  version: 16,
  flags: 17,
  lines: 18,
  frameLen: 20,
  prevLen: 24,
  seq: 28,
  epoch: 36,
  prev: 40,
  crc: 56,
  log: 60,
} as const;

export interface FrameHeader {
  flags: number;
  /** Records in the frame. */
  lines: number;
  frameBytes: number;
  /** Bytes back to where the frame before it in the same file begins; 0 for the first. */
  prevBytes: number;
  seq: number;
  epoch: number;
  /** First 16 bytes of the SHA-256 of the frame before it. */
  prev: Buffer;
  /** Which log it belongs to, see `logMark`. */
  log: number;
}

export interface NewFrame extends Omit<FrameHeader, 'frameBytes'> {
  payload: Buffer;
  /** zlib level, 0 to 9; 0 stores. */
  level: number;
  /** Of an encrypted log; null writes the payload as it is. */
  sealer?: FrameSealer | null;
}

/**
 * What every frame of a log carries, so that one that strayed into another log, or is left over from before a rewrite,
 * is never taken for one of its own: the CRC-32 of the log's generation.
 */
export function logMark(generation: string): number {
  return crc32(generation);
}

/** Builds the bytes of one frame. Throws RECORD_TOO_LARGE for a payload over PAYLOAD_BYTES_MAX. */
export function encodeFrame(frame: NewFrame): Buffer {
  if (!frame.sealer) return encodeMember(frame);
  const flags = frame.flags | FLAG.encrypted;
  const line = frame.sealer.seal({ ...frame, flags, version: FRAME_VERSION }, pack(frame.payload, frame.level));
  return encodeMember({ ...frame, flags, payload: line });
}

/** True when what a payload packs to fits into an encrypted frame. */
export function fitsSealed(payload: Buffer, level: number): boolean {
  return payload.length <= SEALED_BYTES_MAX || pack(payload, level).length <= SEALED_BYTES_MAX;
}

function encodeMember(frame: NewFrame): Buffer {
  const { payload, sealer } = frame;
  if (payload.length > PAYLOAD_BYTES_MAX || frame.lines > 0xffff) {
    throw new SessionError('RECORD_TOO_LARGE', `a frame holds at most ${PAYLOAD_BYTES_MAX} bytes`, { op: 'append' });
  }
  if (frame.seq > SEQ_MAX) {
    throw new SessionError('LOG_UNREADABLE', `a log has no frame ${frame.seq}`, { op: 'append' });
  }
  const body = sealer ? packLine(payload, frame.level) : pack(payload, frame.level);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.length + TRAILER_BYTES);
  MAGIC.copy(bytes, 0);
  bytes[8] = 0;
  bytes[9] = 0xff;
  EXTRA.copy(bytes, 10);
  bytes[AT.version] = FRAME_VERSION;
  bytes[AT.flags] = frame.flags;
  bytes.writeUInt16LE(frame.lines, AT.lines);
  bytes.writeUInt32LE(bytes.length, AT.frameLen);
  bytes.writeUInt32LE(frame.prevBytes, AT.prevLen);
  bytes.writeBigUInt64LE(BigInt(frame.seq), AT.seq);
  bytes.writeUInt32LE(frame.epoch, AT.epoch);
  frame.prev.copy(bytes, AT.prev);
  bytes.writeUInt32LE(frame.log, AT.log);
  body.copy(bytes, HEADER_BYTES);
  bytes.writeUInt32LE(crc32(payload), bytes.length - 8);
  bytes.writeUInt32LE(payload.length, bytes.length - 4);
  bytes.writeUInt32LE(checksum(bytes), AT.crc);
  return bytes;
}

/** The header at `at`, or null when there is none. Nothing is trusted yet: the checksum is `isIntact`'s business. */
export function decodeHeader(bytes: Buffer, at: number): FrameHeader | null {
  if (at + HEADER_BYTES > bytes.length || bytes.compare(MAGIC, 0, 8, at, at + 8) !== 0) return null;
  if (bytes[at + 9] !== 0xff || bytes.compare(EXTRA, 0, 6, at + 10, at + 16) !== 0) return null;
  const seq = bytes.readBigUInt64LE(at + AT.seq);
  const frameBytes = bytes.readUInt32LE(at + AT.frameLen);
  if (frameBytes < FRAME_BYTES_MIN || frameBytes > FRAME_BYTES_MAX || seq > BigInt(SEQ_MAX)) return null;
  return {
    flags: bytes[at + AT.flags]!,
    lines: bytes.readUInt16LE(at + AT.lines),
    frameBytes,
    prevBytes: bytes.readUInt32LE(at + AT.prevLen),
    seq: Number(seq),
    epoch: bytes.readUInt32LE(at + AT.epoch),
    prev: bytes.subarray(at + AT.prev, at + AT.prev + HASH_BYTES),
    log: bytes.readUInt32LE(at + AT.log),
  };
}

/** True when every bit of the frame is as it was written. */
export function isIntact(frame: Buffer): boolean {
  return frame.readUInt32LE(AT.crc) === checksum(frame);
}

/**
 * As `isIntact`, of a frame whose bytes behind the header are not at hand: `sumOfRest` is their CRC-32, asked for the
 * bytes from a place in the frame to its end.
 */
export function isIntactWith(head: Buffer, frameBytes: number, sumOfRest: (from: number) => number): boolean {
  const from = AT.crc + 4;
  const sum = movedCrc(crc32(ZERO_CRC, crc32(head.subarray(0, AT.crc))), frameBytes - from);
  return head.readUInt32LE(AT.crc) === (sum ^ sumOfRest(from)) >>> 0;
}

/** The version byte of an intact frame; a higher one than ours means FORMAT_NEWER. */
export function frameVersion(frame: Buffer): number {
  return frame[AT.version]!;
}

/** What an intact frame holds. Throws RECORD_TOO_LARGE before allocating what the limit forbids. */
export function inflateFrame(frame: Buffer): Buffer {
  const size = frame.readUInt32LE(frame.length - 4);
  if (size > PAYLOAD_BYTES_MAX) {
    throw new SessionError('RECORD_TOO_LARGE', `a frame claims ${size} bytes`, { op: 'read' });
  }
  const payload = inflateRawSync(frame.subarray(HEADER_BYTES, frame.length - TRAILER_BYTES), {
    maxOutputLength: Math.max(size, 1),
  });
  if (payload.length !== size || crc32(payload) !== frame.readUInt32LE(frame.length - 8)) {
    throw new SessionError('LOG_DAMAGED', 'a frame does not unpack to what it was made of', { op: 'read' });
  }
  return payload;
}

/** The JSON Lines of an intact encrypted frame; null when it was not written with this key as this frame. */
export function openFrame(frame: Buffer, facts: Omit<FrameFacts, 'version'>, opener: FrameOpener): Buffer | null {
  const packed = opener.open({ ...facts, version: frameVersion(frame) }, inflateFrame(frame));
  return packed && inflateRawSync(packed, { maxOutputLength: PAYLOAD_BYTES_MAX });
}

/** What the next frame calls its predecessor. */
export function frameHash(frame: Buffer): Buffer {
  return sha256(frame).subarray(0, HASH_BYTES);
}

/** Next place from `from` on where a header could begin, or -1. */
export function findMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf(MAGIC, from);
}

/** Last place before or at `from` where a header could begin, or -1. */
export function findMagicBackwards(bytes: Buffer, from: number): number {
  return from < 0 ? -1 : bytes.lastIndexOf(MAGIC, from);
}

/** Base64 of ciphertext repeats nothing: only its letters can be written shorter, and of a short line it is not worth it. */
function packLine(line: Buffer, level: number): Buffer {
  return line.length < STORED_BYTES_MAX ? storedBlock(line) : pack(line, level, constants.Z_HUFFMAN_ONLY);
}

/** Deflate's form for bytes as they are, RFC 1951, 3.2.4: setting zlib up takes longer than an append has. */
function storedBlock(bytes: Buffer): Buffer {
  const block = Buffer.allocUnsafe(5 + bytes.length);
  block[0] = 1;
  block.writeUInt16LE(bytes.length, 1);
  block.writeUInt16LE(~bytes.length & 0xffff, 3);
  bytes.copy(block, 5);
  return block;
}

function pack(bytes: Buffer, level: number, strategy: number = constants.Z_DEFAULT_STRATEGY): Buffer {
  // A buffer for the result of its own size: the usual one of 16 KiB takes zlib longer to get than a short record to pack.
  const chunkSize = Math.min(Math.max(bytes.length, 1024), CHUNK_BYTES_MAX);
  // Tables for 32 KiB take zlib as long to clear as a short record to pack; smaller ones pack it as well.
  const tables = bytes.length <= 2048 ? { windowBits: 11, memLevel: 5 } : {};
  return deflateRawSync(bytes, { level, strategy, chunkSize, ...tables });
}

/** CRC-32 of the whole member with the checksum field as zeros. */
function checksum(frame: Buffer): number {
  const head = crc32(ZERO_CRC, crc32(frame.subarray(0, AT.crc)));
  return crc32(frame.subarray(AT.crc + 4), head);
}
