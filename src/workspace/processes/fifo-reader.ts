// Takes the output of one process out of its FIFO. What was taken and is not yet in the log would be lost with a killed
// supervisor, so each piece is handed on before anything else happens, and a flood is taken in turns: the moments in
// which a kill could take something with it are a small part of the time, and the process waits as for a slow pipe.

import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';

const PIECE_BYTES = 64 * 1024;
const TURN_MS = 4;

export class FifoReader {
  readonly #descriptor: number;
  readonly #socket: Socket;
  readonly #take: (bytes: Uint8Array) => void;
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  #isPaused = false;

  /**
   * `take` gets each piece once; its bytes are overwritten by the next, so what it keeps it copies. `ended` is called
   * when no process has the other side open any more. Throws where the FIFO is not there.
   */
  constructor(path: string, take: (bytes: Uint8Array) => void, ended: (error: Error | null) => void) {
    this.#take = take;
    // Without O_NONBLOCK opening would wait for a writer, and there may never be one again.
    this.#descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const callback = (length: number): boolean => {
      take(this.#buffer.subarray(0, length));
      setTimeout(() => this.#goOn(), TURN_MS);
      return false;
    };
    const options = {
      fd: this.#descriptor,
      readable: true,
      writable: false,
      onread: { buffer: this.#buffer, callback },
    };
    this.#socket = new Socket(options);
    let failure: Error | null = null;
    this.#socket.on('error', (error) => (failure = error));
    this.#socket.on('close', () => ended(failure));
    this.#socket.resume();
  }

  /**
   * Takes what stands in the FIFO at this moment, unless paused. Answers `over` when no process has the other side open:
   * where nobody had since it was opened here, the system tells of that in no other way.
   */
  drain(): 'over' | 'open' {
    while (!this.#isPaused && !this.#socket.destroyed) {
      const length = this.#readNow();
      if (length === null) return 'open';
      if (length === 0) return 'over';
      this.#take(this.#buffer.subarray(0, length));
    }
    return 'open';
  }

  /** Leaves the rest where it is. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#goOn();
  }

  close(): void {
    this.#socket.destroy();
  }

  #goOn(): void {
    if (!this.#isPaused && !this.#socket.destroyed) this.#socket.resume();
  }

  /** Null when nothing stands there now, 0 when nothing will any more. */
  #readNow(): number | null {
    try {
      return readSync(this.#descriptor, this.#buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
      throw error;
    }
  }
}
