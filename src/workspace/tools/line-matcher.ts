// Regular expressions of models, run where they can be stopped: JavaScript's engine backtracks, `(a+)+$` takes for ever
// on a line of thirty letters, and nothing in the same thread can interrupt it. So they run in a thread of their own,
// which is ended when a batch takes too long.

import { Worker } from 'node:worker_threads';
import { Refusal } from './tool-answers.ts';

const BATCH_TIMEOUT_MS = 3000;

/** A line that matched. */
export interface LineMatch {
  /** Counted from 1. */
  line: number;
  text: string;
}

// As text, so that it runs the same from sources and from a bundle. Of a long line the part around the match is kept.
const WORKER = `
  const { parentPort, workerData: { pattern, flags, matchesMax, charactersMax } } = require('node:worker_threads');
  const expression = new RegExp(pattern, flags);
  const shown = (text, index) => {
    if (text.length <= charactersMax) return text;
    const start = Math.max(0, Math.min(index - charactersMax / 4, text.length - charactersMax));
    const cut = text.slice(start, start + charactersMax);
    return (start > 0 ? '… ' : '') + cut + (start + charactersMax < text.length ? ' …' : '');
  };
  parentPort.on('message', (texts) => parentPort.postMessage(texts.map((text) => {
    const matches = [];
    let line = 0;
    for (let at = 0; at <= text.length && matches.length < matchesMax;) {
      const found = text.indexOf('\\n', at);
      const end = found < 0 ? text.length : found;
      line += 1;
      // What follows the last break is no line.
      if (end > at || found >= 0) {
        const one = text.slice(at, text[end - 1] === '\\r' && end > at ? end - 1 : end);
        const match = expression.exec(one);
        if (match) matches.push({ line, text: shown(one, match.index) });
      }
      at = end + 1;
    }
    return matches;
  })));`;

export interface LineMatcherOptions {
  pattern: string;
  isCaseIgnored: boolean;
  /** Per text. */
  matchesMax: number;
  /** Shown of one line. */
  charactersMax: number;
}

export class LineMatcher {
  readonly #worker: Worker;
  readonly #pattern: string;

  /** Throws a `Refusal` for a pattern that is none. `close` it. */
  constructor({ isCaseIgnored, ...data }: LineMatcherOptions) {
    this.#pattern = data.pattern;
    const flags = flagsFor(data.pattern, isCaseIgnored ? 'i' : '');
    this.#worker = new Worker(WORKER, { eval: true, workerData: { ...data, flags } });
  }

  /** The matching lines of each text. After a `Refusal` for time the matcher is of no more use. */
  match(texts: readonly string[]): Promise<LineMatch[][]> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#worker.off('message', answered);
        this.#worker.off('error', failed);
        settle();
      };
      const answered = (matches: LineMatch[][]): void => finish(() => resolve(matches));
      const failed = (error: Error): void => finish(() => reject(error));
      const timer = setTimeout(() => {
        finish(() => reject(new Refusal(tooSlowWords(this.#pattern))));
        void this.#worker.terminate();
      }, BATCH_TIMEOUT_MS);
      this.#worker.on('message', answered);
      this.#worker.on('error', failed);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
      this.#worker.postMessage(texts);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Unicode rules where the pattern allows them: outside them `\p{L}` means the letter p. */
function flagsFor(pattern: string, flags: string): string {
  const trouble = compileTrouble(pattern, flags);
  // Asked for literally; as part of a set it does no harm.
  if (/(?<!\\)(?:\\\\)*\\n/.test(pattern.replace(/\[[^\]]*\]/g, ''))) {
    throw new Refusal('The pattern has a \\n in it, but it is matched within single lines.');
  }
  if (trouble !== null) throw new Refusal(`The pattern is no regular expression of JavaScript: ${trouble}.`);
  return compileTrouble(pattern, `${flags}u`) === null ? `${flags}u` : flags;
}

function compileTrouble(pattern: string, flags: string): string | null {
  try {
    RegExp(pattern, flags);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function tooSlowWords(pattern: string): string {
  return `The pattern ${pattern} takes too long. Avoid repetitions inside repetitions, such as (a+)+.`;
}
