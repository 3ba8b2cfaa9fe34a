// search_files: lines that match, in all text files of a folder that git would care about.

import { promises as fs } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Tool, ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { safeLine } from '../../core/safe-text.ts';
import { contentOf } from '../file-content.ts';
import { NotARegularFile, readWholeSync } from '../regular-file.ts';
import { LineMatcher } from './line-matcher.ts';
import { pathGlob } from './path-glob.ts';
import type { PathMatcher } from './path-glob.ts';
import { OUTPUT_CHARACTERS_MAX, Refusal, answered } from './tool-answers.ts';
import { optionalBoolean, optionalText, requiredText } from './tool-input.ts';
import { absolutePath, pathSubject, withNearNames } from './tool-path.ts';
import { walkFiles } from './walk-files.ts';

const MATCHES_MAX = 200;
const MATCHES_OF_FILE_MAX = 50;
const LINE_CHARACTERS_MAX = 300;
const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Before everything else has its turn. */
const READ_IN_A_ROW = 32;
/** Small enough that a batch of a harmless pattern is far from the time limit, large enough to keep the thread busy. */
const BATCH_CHARACTERS = 512 * 1024;

export const searchFiles: Tool = {
  name: 'search_files',
  effect: 'read',
  description:
    'Searches the text files of a folder, and below it, for a regular expression (JavaScript syntax, matched within ' +
    'single lines). Answers path, line number and line of each match, at most ' +
    `${MATCHES_MAX} in all and ${MATCHES_OF_FILE_MAX} of one file. Leaves out what .gitignore names, .git, ` +
    'node_modules, binary files and files over 4 MiB.',
  inputSchema: {
    type: 'object',
    properties: {
      pattern: { type: 'string', description: 'Regular expression. Escape what is meant literally: \\( \\. \\[' },
      path: {
        type: 'string',
        description: 'Folder or file, absolute or relative to the working directory. Default: the working directory.',
      },
      include: {
        type: 'string',
        description: 'Only files of this name pattern, relative to path: *.ts, src/**/*.{js,ts}. Default: all.',
      },
      ignore_case: { type: 'boolean', description: 'Take upper and lower case for the same. Default: false.' },
    },
    required: ['pattern'],
    additionalProperties: false,
  },
  subject: (input) => pathSubject(input, '.'),
  run: (input, call) => answered(call, () => search(input, call)),
};

async function search(input: ToolInput, call: ToolCall): Promise<ToolOutcome> {
  const pattern = requiredText(input, 'pattern');
  if (pattern === '') throw new Refusal('The argument "pattern" is empty.');
  const folder = absolutePath(input, call, '.');
  const include = includeOf(optionalText(input, 'include'));
  const isCaseIgnored = optionalBoolean(input, 'ignore_case');
  const matcher = new LineMatcher({
    pattern,
    isCaseIgnored,
    // One more than is shown, to know of it.
    matchesMax: MATCHES_OF_FILE_MAX + 1,
    charactersMax: LINE_CHARACTERS_MAX,
  });
  try {
    const found = new Found();
    let batch: FileText[] = [];
    let characters = 0;
    const flush = async (): Promise<boolean> => {
      call.signal.throwIfAborted();
      const matches = await matcher.match(batch.map(({ text }) => text));
      for (const [i, { path }] of batch.entries()) found.add(path, matches[i]!);
      batch = [];
      characters = 0;
      return !found.isFull;
    };
    for await (const file of filesOf(folder, include, found, call.signal)) {
      batch.push(file);
      characters += file.text.length;
      if (characters >= BATCH_CHARACTERS && !(await flush())) break;
    }
    if (batch.length > 0) await flush();
    return { status: 'ok', output: found.words() };
  } finally {
    await matcher.close();
  }
}

interface FileText {
  /** As it is shown. */
  path: string;
  text: string;
}

function includeOf(glob: string | undefined): PathMatcher {
  if (glob === undefined || glob === '') return () => true;
  const matcher = pathGlob(glob);
  if (matcher === null) throw new Refusal('The argument "include" stands for too many patterns.');
  return matcher;
}

async function* filesOf(
  path: string,
  include: PathMatcher,
  found: Found,
  signal: AbortSignal,
): AsyncGenerator<FileText> {
  const stats = await withNearNames(path, () => fs.stat(path));
  if (!stats.isDirectory()) {
    if (!stats.isFile()) {
      found.left('pipes, sockets and devices');
      return;
    }
    const text = textOf(path, found);
    if (text !== null) yield { path: relative(dirname(path), path), text };
    return;
  }
  let read = 0;
  for await (const entry of walkFiles(path, { isRecursive: true, signal })) {
    const below = relative(path, entry.path).split(sep).join('/');
    if (entry.kind === 'unreadable') found.left('folders that may not be read');
    if (entry.kind !== 'file' || !include(below)) continue;
    const text = textOf(entry.path, found);
    if (text !== null) yield { path: safeLine(below), text };
    if (++read % READ_IN_A_ROW === 0) await turn();
  }
}

/** Null for what is not searched; `found` then knows why. */
function textOf(path: string, found: Found): string | null {
  try {
    const bytes = readWholeSync(path, FILE_BYTES_MAX);
    if (bytes === null) return found.left('files over 4 MiB');
    return contentOf(bytes).kind === 'text' ? bytes.toString('utf8') : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof NotARegularFile) return found.left('pipes, sockets and devices');
    if (code === 'ENOENT' || code === 'ENOTDIR') return null; // Gone since it was listed.
    if (code === 'EACCES' || code === 'EPERM') return found.left('files that may not be read');
    throw error;
  }
}

/** The answer as it grows. */
class Found {
  readonly #lines: string[] = [];
  readonly #left = new Map<string, number>();
  #matches = 0;
  #characters = 0;
  isFull = false;

  add(path: string, matches: readonly { line: number; text: string }[]): void {
    for (const [i, { line, text }] of matches.entries()) {
      if (this.#matches >= MATCHES_MAX || this.#characters > OUTPUT_CHARACTERS_MAX) {
        this.isFull = true;
        return;
      }
      if (i >= MATCHES_OF_FILE_MAX) {
        this.#lines.push(`[${path} has more matches, which are not shown.]`);
        return;
      }
      const shown = `${path}:${line}: ${text}`;
      this.#lines.push(shown);
      this.#characters += shown.length + 1;
      this.#matches += 1;
    }
  }

  /** Counts something that was not searched. */
  left(what: string): null {
    this.#left.set(what, (this.#left.get(what) ?? 0) + 1);
    return null;
  }

  words(): string {
    const lines = this.#matches === 0 ? ['No matches.'] : [...this.#lines];
    if (this.isFull) lines.push(`[More than these ${this.#matches} matches. Narrow the pattern, the path or include.]`);
    for (const [what, count] of this.#left) lines.push(`[Not searched: ${count} ${what}.]`);
    return `${lines.join('\n')}\n`;
  }
}
