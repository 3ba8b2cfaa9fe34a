// A real pipe for a command's output. What Node makes for a child is a pair of sockets, and a socket cannot be opened by
// name: `echo oops > /dev/stderr`, `tee /dev/stderr` and `-o /dev/stdout`, of which scripts are full, fail on it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OutputPipe {
  /** Ends when all writers have closed. */
  reader: Socket;
  /** For a child's stdout and stderr; closed by the caller once the child has it. */
  writerFd: number;
}

/** Null where none can be made: no mkfifo, or a temporary folder that is full or not there. */
export async function openOutputPipe(): Promise<OutputPipe | null> {
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), 'roo-pipe-'));
  } catch {
    return null; // The caller has another way.
  }
  try {
    const path = join(folder, 'output');
    const made = spawn('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
    const [code] = (await once(made, 'exit')) as [number | null];
    return code === 0 ? openBothEnds(path) : null;
  } catch {
    return null;
  } finally {
    // Both ends are open; nobody needs the name any more.
    rmSync(folder, { recursive: true, force: true });
  }
}

function openBothEnds(path: string): OutputPipe {
  // Not blocking, or it would wait for a writer; the writer's end, which the command gets, is an ordinary one.
  const readerFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writerFd = openSync(path, constants.O_WRONLY);
    return { reader: new Socket({ fd: readerFd, readable: true, writable: false }), writerFd };
  } catch (error) {
    closeSync(readerFd);
    throw error;
  }
}
