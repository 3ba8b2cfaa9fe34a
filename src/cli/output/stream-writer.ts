// Writes to stdout no faster than it is read, and ends the command quietly when the reader is gone (`| head`).

export interface OutputStream {
  write(text: string, done?: (error?: Error | null) => void): boolean;
  isTTY?: boolean;
  columns?: number;
}

/** The reader of stdout left. Nothing is wrong and nothing more needs to be said. */
export class ReaderGone extends Error {}

const BATCH_CHARACTERS = 64 * 1024;

/** Collects small chunks, and waits for each batch. Throws ReaderGone. */
export async function writeAll(stream: OutputStream, chunks: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let batch = '';
  for await (const chunk of chunks) {
    batch += chunk;
    if (batch.length < BATCH_CHARACTERS) continue;
    await write(stream, batch);
    batch = '';
  }
  if (batch !== '') await write(stream, batch);
}

/** As `writeAll`, and each chunk at once: for answers that grow while they are watched. */
export async function writeLive(stream: OutputStream, chunks: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const chunk of chunks) await write(stream, chunk);
}

export function write(stream: OutputStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(isReaderGone(error) ? new ReaderGone() : error);
    });
  });
}

export function isReaderGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}
