// Places in a log of several files: a frame or a span of damage together with the part it is in.

import type { Pointer } from '../core/record.ts';
import type { DamagedSpan } from './log-chain.ts';
import type { StoredFrame } from './log-file.ts';

/** A frame with the number of its part. */
export interface PlacedFrame {
  part: number;
  frame: StoredFrame;
}

export interface PlacedDamage extends DamagedSpan {
  part: number;
  path: string;
}

export type LogItem = PlacedFrame | { damage: PlacedDamage };

export function pointerTo({ part, frame }: PlacedFrame): Pointer {
  return { part, offset: frame.offset, seq: frame.seq };
}
