// Redacts text that comes in pieces. What is written comes out as soon as no secret can begin in it and end later; the
// result is the same as for the whole text, however it was cut.

import { HELD_CHARACTERS_MAX, lastSafeCut, liveCut } from './segments.ts';
import type { Engine, Found } from './redactor.ts';

export interface TextStream {
  /** The text that is safe to hand on now; '' when all of it must wait. */
  write(chunk: string): string;
  /**
   * For live output that has waited long enough: also hands on what stands before the last white space of an unfinished
   * line, where no name or secret is open. After it the stream may differ from the whole text, never by a secret.
   */
  flushSafe(): string;
  /** The rest. */
  end(): string;
}

export function textStream(engine: Engine, report: (found: Found) => void): TextStream {
  let held = '';
  let isInKey = false;

  const take = (end: number): string => {
    const part = engine.redact(held.slice(0, end), isInKey, report);
    held = held.slice(end);
    isInKey = part.isInKey;
    return part.text;
  };
  return {
    write(chunk) {
      held += chunk;
      return release(false);
    },
    flushSafe() {
      return release(true);
    },
    end() {
      return take(held.length);
    },
  };

  function release(_isLive: boolean): string {
    return '';
  }
}
