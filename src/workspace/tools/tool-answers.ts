// The frame of every built-in tool: what a model got wrong, and what the file system refuses, becomes an answer that
// the model can act on; only faults of our own are thrown.

import type { ToolCall, ToolOutcome } from '../../core/tool.ts';
import { NotARegularFile } from '../regular-file.ts';

/** A result much longer than this is shown to a model with its middle left out; better that a tool says where to go on. */
export const OUTPUT_CHARACTERS_MAX = 36_000;

/** Thrown inside a tool; its message is what the model reads. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Refusal';
  }
}

/** Runs the work of a tool and turns its refusals into outcomes. */
export async function answered(call: ToolCall, work: () => Promise<ToolOutcome>): Promise<ToolOutcome> {
  try {
    call.signal.throwIfAborted();
    return await work();
  } catch (error) {
    if (call.signal.aborted && error === call.signal.reason) {
      return { status: 'interrupted', output: 'The user interrupted.' };
    }
    const words = refusalWords(error);
    if (words === null) throw error;
    return { status: 'error', output: words };
  }
}

/** Null for what is no refusal but a fault. */
function refusalWords(error: unknown): string | null {
  if (error instanceof Refusal) return error.message;
  if (error instanceof NotARegularFile) return `${error.message}, not a file.`;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return null;
  const where = path === undefined ? '' : `${path}: `;
  return `${where}${SYSTEM_WORDS[code] ?? `the system refused (${code}, ${syscall})`}.`;
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit this',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file and not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'the symbolic links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space is left on the disk; the file is as it was before',
  EDQUOT: 'the disk quota is reached; the file is as it was before',
};
