// Passes a command's output on, piece by piece. The pipe waits while a piece is recorded, so that a flood is bounded by
// the disk and not by memory; and it is known when a pipe that somebody still holds open has nothing more to say.

import type { Readable } from 'node:stream';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** After the command ended: how long a pipe may be silent, in which nothing can be left of what it said before. */
const SILENCE_MS = 200;
const POLL_MS = 20;
/** Time in which nothing had to be waited for: by then all that was in the pipe at the end has been taken. */
const DRAIN_MS_MAX = 1000;
/** More than any pipe holds: what comes after so much was said after the end. */
const LATE_BYTES_MAX = 1024 * 1024;

export class OutputPump {
  /** Rejects when a piece could not be passed on; resolves when all streams have ended. */
  readonly ended: Promise<void>;
  readonly #streams: readonly Readable[];
  #isBusy = false;
  #isOver = false;
  #bytes = 0;
  #pieces = 0;

  constructor(streams: readonly Readable[], output: (bytes: Uint8Array) => Promise<unknown>) {
    this.#streams = streams;
    this.ended = Promise.all(streams.map((stream) => this.#pass(stream, output))).then(
      () => void (this.#isOver = true),
    );
    // Whoever waits learns of a failure; that nobody waits yet is no failure of its own.
    this.ended.catch(() => {});
  }

  /** After the command has ended: true when all streams have too, false when one is held open by somebody else. */
  async drained(): Promise<boolean> {
    const before = this.#bytes;
    let idleMs = 0;
    for (let silentMs = 0, seen = this.#pieces; silentMs < SILENCE_MS; silentMs += POLL_MS) {
      await Promise.race([this.ended, sleep(POLL_MS)]);
      // What has arrived is delivered before this comes back, however late the timer was.
      await turn();
      if (this.#isOver) return true;
      if (this.#bytes - before > LATE_BYTES_MAX) return false;
      if (!this.#isBusy && (idleMs += POLL_MS) >= DRAIN_MS_MAX) return false;
      if (this.#isBusy || seen !== this.#pieces) silentMs = 0;
      seen = this.#pieces;
    }
    return false;
  }

  /** From here on output is read and thrown away: closing would kill whoever still writes. Keeps no process running. */
  release(): void {
    for (const stream of this.#streams) {
      stream.removeAllListeners('data');
      stream.on('error', () => {});
      stream.resume();
      if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
    }
  }

  #pass(stream: Readable, output: (bytes: Uint8Array) => Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      stream.on('data', (bytes: Buffer) => {
        // All of them wait, so that pieces keep their order.
        for (const each of this.#streams) each.pause();
        this.#isBusy = true;
        this.#bytes += bytes.length;
        this.#pieces += 1;
        output(bytes).then(() => {
          this.#isBusy = false;
          for (const each of this.#streams) each.resume();
        }, reject);
      });
      stream.once('close', resolve).once('error', reject);
    });
  }
}
