// Ways in which a file goes bad, each as a function from the bytes that were to the bytes that are.

import { crc32 } from 'node:zlib';

/** Where the frames of an undamaged log begin, and its end. */
export function frameEdges(bytes: Buffer): number[] {
  const edges = [0];
  while (edges.at(-1)! < bytes.length) edges.push(edges.at(-1)! + bytes.readUInt32LE(edges.at(-1)! + 20));
  return edges;
}

/** The frames of an undamaged log. */
export function framesOf(bytes: Buffer): Buffer[] {
  const edges = frameEdges(bytes);
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** A frame that was changed, with a checksum that says it is as it was written. */
export function sealed(frame: Buffer): Buffer {
  frame.writeUInt32LE(0, 56);
  frame.writeUInt32LE(crc32(frame), 56);
  return frame;
}

/** Bytes that are no frame and hold no zero, so that nothing takes them for padding. */
export function junk(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, i) => 1 + ((i * 7919) % 255)));
}

/** As a disk gives back sectors that were never written. */
export function zeroed(bytes: Buffer, from: number, to: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged.fill(0, from, to);
  return damaged;
}

export function overwritten(bytes: Buffer, at: number, by: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  by.copy(damaged, at);
  return damaged;
}

/** As a transfer in text mode does. */
export function lineEndsChanged(bytes: Buffer): Buffer {
  const pieces: number[] = [];
  for (const byte of bytes) {
    if (byte === 0x0a) pieces.push(0x0d);
    pieces.push(byte);
  }
  return Buffer.from(pieces);
}
