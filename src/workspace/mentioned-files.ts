// `@path` in a prompt: the file goes along, so that the model need not ask for it. What only looks like a mention (mail
// addresses, @scope/package, @somebody) stays text.

import { promises as fs } from 'node:fs';
import type { Dirent } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Part } from '../core/record.ts';
import { IMAGE_BYTES_MAX, contentOf } from './file-content.ts';
import { NotARegularFile, readWhole } from './regular-file.ts';

const TEXT_BYTES_MAX = 256 * 1024;
/** Of all files of one prompt. */
const ALL_BYTES_MAX = 10 * 1024 * 1024;
const NAMES_OF_FOLDER_MAX = 500;
/** Behind the start, a space, or what opens a bracket or a quotation: mail addresses have a letter there. */
const MENTION = /(?<=^|[\s([{<'"`])@(?:"([^"\n]+)"|([^\s"'`<>|]+))/gu;
const PUNCTUATION = /[.,;:!?)\]}…]$/u;

export interface Mention {
  /** As it stands in the prompt, without the @. */
  path: string;
  /** `unreadable`: permission denied, or a pipe or device. */
  status: 'added' | 'missing' | 'too-large' | 'binary' | 'unreadable';
}

export interface MentionedFiles {
  /** In the order of the mentions; each file once. */
  parts: Part[];
  mentions: Mention[];
}

/** A mentioned folder becomes the list of its names. Relative paths begin at the working directory. */
export async function mentionedFiles(text: string, workingDirectory: string): Promise<MentionedFiles> {
  const found: MentionedFiles = { parts: [], mentions: [] };
  const seen = new Set<string>();
  let leftBytes = ALL_BYTES_MAX;
  for (const [, quoted, bare] of text.matchAll(MENTION)) {
    const path = quoted ?? (await existingPath(bare!, workingDirectory));
    // Dots alone are an ellipsis, or the end of the sentence.
    if (path.includes('\0') || /^\.*$/.test(path)) continue;
    const absolute = resolve(workingDirectory, path);
    if (seen.has(absolute)) continue;
    seen.add(absolute);
    const part = await partOf(path, absolute, leftBytes);
    if (part === 'missing' && quoted === undefined && !looksLikePath(path)) continue;
    found.mentions.push({ path, status: typeof part === 'string' ? part : 'added' });
    if (typeof part === 'string') continue;
    found.parts.push(part);
    leftBytes -= sizeOf(part);
  }
  return found;
}

/** Without the punctuation of the sentence, unless the file's name has it; when there is no file, without it too. */
async function existingPath(bare: string, workingDirectory: string): Promise<string> {
  for (let path = bare; path !== ''; path = path.replace(PUNCTUATION, '')) {
    if (!path.includes('\0') && (await isThere(resolve(workingDirectory, path)))) return path;
    if (!PUNCTUATION.test(path)) return path;
  }
  return bare;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await fs.lstat(path);
    return true;
  } catch (error) {
    // Whatever else stands in the way (a folder that may not be entered) is said when it is read.
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENAMETOOLONG';
  }
}

/** Tells a path that was mistyped from a word that never was one. */
function looksLikePath(path: string): boolean {
  return /^\.{0,2}[/\\]/.test(path) || /^\.[A-Za-z]\w{0,9}$/.test(extname(path));
}

async function partOf(
  path: string,
  absolute: string,
  leftBytes: number,
): Promise<Part | Exclude<Mention['status'], 'added'>> {
  try {
    const bytes = await readWhole(absolute, Math.min(IMAGE_BYTES_MAX, leftBytes));
    if (bytes === null) return 'too-large';
    const content = contentOf(bytes);
    if (content.kind === 'binary') return 'binary';
    if (content.kind === 'image') {
      return { type: 'image', mediaType: content.mediaType, data: bytes.toString('base64'), path };
    }
    if (bytes.length > TEXT_BYTES_MAX) return 'too-large';
    return { type: 'file', path, mediaType: 'text/plain', text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof NotARegularFile) return error.kind === 'a folder' ? folderPart(path, absolute) : 'unreadable';
    return whyNot(error);
  }
}

/** Why a file or folder cannot be added; throws what is neither of the user's making nor of the file's. */
function whyNot(error: unknown): 'missing' | 'unreadable' {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return 'missing';
  if (code === 'EACCES' || code === 'EPERM' || code === 'ELOOP') return 'unreadable';
  throw error;
}

async function folderPart(path: string, absolute: string): Promise<Part | 'missing' | 'unreadable'> {
  let entries: Dirent[];
  try {
    entries = await fs.readdir(absolute, { withFileTypes: true });
  } catch (error) {
    return whyNot(error);
  }
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const more = names.length - NAMES_OF_FOLDER_MAX;
  const lines = [...names.slice(0, NAMES_OF_FOLDER_MAX), ...(more > 0 ? [`[${more} more]`] : [])];
  return { type: 'file', path, mediaType: 'inode/directory', text: lines.join('\n') };
}

function sizeOf(part: Part): number {
  if (part.type === 'file') return part.text?.length ?? 0;
  return part.type === 'image' ? (part.data?.length ?? 0) : 0;
}
