// Bytes and values that somebody else may have written: real ones, changed at random. The same seed gives the same
// changes, and a failure names its seed.

import { SessionError } from '../../src/core/errors.ts';

export interface Random {
  /** A whole number from 0 up to, not including, the limit. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

/** xorshift32: the quality does not matter, that it can be repeated does. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 4; i++) next();
  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit);
  return { below, pick: (list) => list[below(list.length)]! };
}

const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] as const;

type ByteChange = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const BYTE_CHANGES: readonly ByteChange[] = [
  function flipBit(bytes, random) {
    const changed = Buffer.from(bytes);
    const at = random.below(bytes.length);
    changed[at]! ^= 1 << random.below(8);
    return changed;
  },
  function cut(bytes, random) {
    return Buffer.from(bytes.subarray(0, random.below(bytes.length)));
  },
  function takeOut(bytes, random) {
    const [from, to] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, random) {
    const [from, to] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function zero(bytes, random) {
    const changed = Buffer.from(bytes);
    const [from, to] = span(bytes, random);
    return changed.fill(random.pick([0, 0xff, 0x20]), from, to);
  },
  function splice(bytes, random, other) {
    const [from, to] = span(other, random);
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
  },
  function swap(bytes, random) {
    const [from, to] = span(bytes, random);
    const middle = from + random.below(to - from + 1);
    const pieces = [bytes.subarray(0, from), bytes.subarray(middle, to), bytes.subarray(from, middle)];
    return Buffer.concat([...pieces, bytes.subarray(to)]);
  },
  function setNumber(bytes, random) {
    const changed = Buffer.from(bytes);
    if (bytes.length >= 4) changed.writeUInt32LE(random.pick(NUMBERS), random.below(bytes.length - 3));
    return changed;
  },
];

/** One to four changes. `other` is what pieces are taken from. */
export function changedBytes(bytes: Buffer, random: Random, other: Buffer = bytes): Buffer {
  let changed = bytes;
  for (let left = 1 + random.below(4); left > 0 && changed.length > 0; left--) {
    changed = random.pick(BYTE_CHANGES)(changed, random, other);
  }
  return changed;
}

function span(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length);
  return [from, Math.min(bytes.length, from + 1 + random.below(random.pick([4, 64, 1024])))];
}

/** What stands where something else should: wrong kinds, limits of numbers, names of what every object inherits. */
const VALUES: readonly unknown[] = [
  null,
  true,
  '',
  'constructor',
  '__proto__',
  '../../x',
  '\ud800',
  '\u001b]0;x\u0007',
  'x'.repeat(70_000),
  '2026-01-01T00:00:00.000Z',
  'no time',
  '-271821-04-20T00:00:00.000Z',
  0,
  -1,
  0.5,
  2 ** 32,
  2 ** 53,
  Number.MAX_VALUE,
  [],
  {},
  [null],
  [{}],
  [[]],
  { type: 'text' },
  { hash: '0'.repeat(64), bytes: -1 },
  { part: 1, offset: 0.5, seq: -1 },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
];

/** A copy with one to three values in it replaced, left out, repeated or exchanged. */
export function changedValue(value: unknown, random: Random): unknown {
  let changed = structuredClone(value);
  for (let left = 1 + random.below(3); left > 0; left--) changed = changeOne(changed, random);
  return changed;
}

type Holder = Record<string | number, unknown>;

function changeOne(value: unknown, random: Random): unknown {
  const places: [holder: Holder, key: string | number][] = [];
  const visit = (each: unknown): void => {
    if (typeof each !== 'object' || each === null) return;
    for (const key of Array.isArray(each) ? each.keys() : Object.keys(each)) {
      places.push([each as Holder, key]);
      visit((each as Holder)[key]);
    }
  };
  visit(value);
  if (places.length === 0) return random.pick(VALUES);
  const [holder, key] = random.pick(places);
  const [from, fromKey] = random.pick(places);
  switch (random.below(5)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
      else set(holder, random.pick(['__proto__', 'constructor', 'toString', 'type', 'id']), holder[key]);
      break;
    case 2:
      set(holder, key, structuredClone(from[fromKey]));
      break;
    default:
      set(holder, key, structuredClone(random.pick(VALUES)));
  }
  return value;
}

function set(holder: Holder, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Passes a refusal on, with its code; anything else is a mistake of ours, told with what it was made of. */
export function refusalOf(error: unknown, madeOf: string): SessionError {
  if (error instanceof SessionError && error.code !== 'INTERNAL') return error;
  throw new Error(`${madeOf}: ${(error as Error)?.stack ?? String(error)}`, { cause: error });
}
