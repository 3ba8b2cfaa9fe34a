// Regular expressions from people, run where they can be stopped. JavaScript's engine backtracks: `(a+)+$` takes for
// ever on a line of thirty letters, and nothing in the same thread can interrupt it. Telling such patterns by their
// looks catches some and refuses good ones, so the guard is time: they run in a thread of their own, and when
// the texts of one span (16 KB, or one long message) take longer than two seconds, the thread is ended and the query
// refused.

import { Worker } from 'node:worker_threads';
import { assertQueryLength } from '../../core/find-query.ts';
import { SessionError } from '../../core/errors.ts';
import { pieceExpression } from './text-plan.ts';
import type { TextPlan } from './text-plan.ts';
import { composed } from './text-form.ts';
import type { Place } from './text-needle.ts';
import { requiredLiterals } from './regex-literals.ts';

const BATCH_TIMEOUT_MS = 2_000;
/** Marks in one text. */
const PLACES_MAX = 50;

// As text, so that it runs the same from sources and from a bundle. Empty matches (`x*`) are no find.
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const pattern = new RegExp(workerData.pattern, workerData.flags);
  parentPort.on('message', (texts) => parentPort.postMessage(texts.map((text) => {
    const places = [];
    for (const match of text.matchAll(pattern)) {
      if (match[0] === '') continue;
      places.push({ start: match.index, end: match.index + match[0].length, term: 0 });
      if (places.length >= workerData.placesMax) break;
    }
    return places.length === 0 ? null : places;
  })));`;

/** The engine's words quote the pattern. */
const MESSAGE_CHARACTERS_MAX = 500;

export interface RegexSearch {
  plan: TextPlan;
  /** Ends the thread. */
  close(): Promise<void>;
}

/**
 * Begins a search for a pattern, case ignored, `^` and `$` at lines; `(?-i:…)` brings case back for a part. The whole
 * query is the pattern: it has no fields. Throws USAGE for a pattern that is none.
 */
export function regexSearch(pattern: string): RegexSearch {
  assertQueryLength(pattern);
  const flags = flagsFor(pattern);
  const worker = new Worker(WORKER, { eval: true, workerData: { pattern, flags, placesMax: PLACES_MAX } });
  const literals = requiredLiterals(pattern).map((text) => ({ text, sign: 'with' as const }));
  return {
    plan: {
      words: null,
      pieces: pieceExpression(literals),
      matcher: (texts) => runBatch(worker, pattern, texts.map(composed)),
      decides: 'matcher',
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

function runBatch(worker: Worker, pattern: string, texts: readonly string[]): Promise<(Place[] | null)[]> {
  if (texts.length === 0) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      worker.off('message', answered);
      worker.off('error', failed);
      settle();
    };
    const answered = (places: (Place[] | null)[]): void => finish(() => resolve(places));
    // A short pattern can be a large one, `(a{999}){999}`: that shows only when it is first used.
    const failed = (error: Error): void => finish(() => reject(noPattern(error)));
    const timer = setTimeout(() => {
      finish(() => reject(tooSlow(pattern)));
      void worker.terminate();
    }, BATCH_TIMEOUT_MS);
    worker.on('message', answered);
    worker.on('error', failed);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
    worker.postMessage(texts);
  });
}

/** Unicode rules where the pattern allows them: outside them `\p{L}` means the letter p. */
function flagsFor(pattern: string): string {
  const trouble = ['gim', 'gimu'].map((flags) => compileError(pattern, flags));
  if (trouble[0]) throw noPattern(trouble[0]);
  return trouble[1] ? 'gim' : 'gimu';
}

function noPattern(cause: Error): SessionError {
  return new SessionError('USAGE', cause.message.slice(0, MESSAGE_CHARACTERS_MAX), { op: 'find', cause });
}

function compileError(pattern: string, flags: string): Error | null {
  try {
    RegExp(pattern, flags);
    return null;
  } catch (error) {
    return error as Error;
  }
}

function tooSlow(pattern: string): SessionError {
  return new SessionError('USAGE', `the pattern ${pattern} takes too long to match`, {
    op: 'find',
    hint: 'avoid repetitions inside repetitions, such as (a+)+',
  });
}
