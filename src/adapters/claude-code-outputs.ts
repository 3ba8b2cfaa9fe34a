// Large tool outputs: Claude Code shows the model the beginning and keeps the whole in a file beside the session. An
// import without that file would lose the output as soon as the client cleans up.

import path from 'node:path';
import type { FilePart } from '../core/record.ts';
import { readFound, readSmallFile } from './folder-reader.ts';
import { LINE_BYTES_MAX } from './line-reader.ts';

const SAVED = /^<persisted-output>\n[^\n]* saved to: ([^\n]+)\n/;

/** The file that holds the whole output; undefined when the output is whole itself or the file is gone. */
export async function savedOutput(output: string, sessionFile: string): Promise<FilePart | undefined> {
  const savedAt = SAVED.exec(output)?.[1];
  if (savedAt === undefined) return undefined;
  // Only the name is taken: the home may lie elsewhere now, and a session must not make us read any other file.
  const name = savedAt.split(/[\\/]/).at(-1)!;
  if (!/^\w[\w.-]*$/.test(name)) return undefined;
  const folder = path.dirname(sessionFile);
  const session = path.basename(folder) === 'subagents' ? path.dirname(folder) : sessionFile.replace(/\.jsonl$/, '');
  const file = path.join(session, 'tool-results', name);
  const found = await readFound(file);
  if (found === undefined) return undefined;
  const text = found.sizeBytes <= LINE_BYTES_MAX ? await readSmallFile(file) : undefined;
  return { type: 'file', path: file, ...(text !== undefined && { text }) };
}
