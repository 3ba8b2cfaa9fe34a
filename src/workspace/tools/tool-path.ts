// Paths as models give them. Where they may lead is the business of permissions; here they are only made exact.

import { promises as fs } from 'node:fs';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import type { ToolCall, ToolInput } from '../../core/tool.ts';
import { similarity } from './similarity.ts';
import { Refusal } from './tool-answers.ts';
import { requiredText, textOrEmpty } from './tool-input.ts';

const NEAR_NAMES_MAX = 5;
const NEAR_SIMILARITY_MIN = 0.4;
/** Names of one folder that are looked at for near ones. */
const NAMES_MAX = 5000;

/** The argument `path` as an absolute one. */
export function absolutePath(input: ToolInput, call: ToolCall, fallback?: string): string {
  const path = fallback !== undefined && (input['path'] ?? '') === '' ? fallback : requiredText(input, 'path');
  if (path === '') throw new Refusal('The argument "path" is empty.');
  if (path.includes('\0')) throw new Refusal('The argument "path" has a NUL character in it.');
  // A shell would have made it the home folder; taken as it stands it makes a folder named ~.
  if (/^~(?:\/|\\|$)/.test(path)) throw new Refusal('The argument "path" begins with ~. Give the whole path.');
  return resolve(call.workingDirectory, path);
}

/** What a permission's pattern sees: without the detours that would let `src/../../x` pass for something below src. */
export function pathSubject(input: ToolInput, fallback = ''): string {
  const path = textOrEmpty(input, 'path') || fallback;
  return path === '' ? '' : normalize(path);
}

/** Runs `work`; where the path is missing, says which part of it and what stands there with a name like it. */
export async function withNearNames<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    if ((await statsOrNull(path)) !== null) throw new Refusal(`${path} is not a folder.`);
    throw new Refusal(await missingWords(path));
  }
}

async function missingWords(path: string): Promise<string> {
  for (let missing = path; ; missing = dirname(missing)) {
    const folder = dirname(missing);
    const stats = folder === missing ? null : await statsOrNull(folder);
    if (folder !== missing && stats === null) continue;
    if (stats !== null && !stats.isDirectory()) return `${folder} is not a folder, so ${path} is not there.`;
    // The name is there and leads nowhere.
    if ((await linkOrNull(missing)) !== null) return `${missing} is a symbolic link to nothing.`;
    const near = stats === null ? [] : await nearNames(folder, basename(missing));
    const hint = near.length === 0 ? '' : ` Near names: ${near.map((name) => join(folder, name)).join(', ')}.`;
    return `${path} does not exist${missing === path ? '' : `: there is no ${missing}`}.${hint}`;
  }
}

async function nearNames(folder: string, name: string): Promise<string[]> {
  const names = (await fs.readdir(folder).catch(unreadableIsEmpty)).slice(0, NAMES_MAX);
  return names
    .map((near) => ({ near, score: similarity(near.toLowerCase(), name.toLowerCase()) }))
    .filter(({ score }) => score >= NEAR_SIMILARITY_MIN)
    .sort((a, b) => b.score - a.score)
    .slice(0, NEAR_NAMES_MAX)
    .map(({ near }) => near);
}

/** A folder that may not be listed has no near names to tell; that the path is missing is said all the same. */
function unreadableIsEmpty(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'EACCES' || error.code === 'EPERM') return [];
  throw error;
}

async function statsOrNull(path: string): Promise<Awaited<ReturnType<typeof fs.stat>> | null> {
  return fs.stat(path).catch(missingIsNull);
}

async function linkOrNull(path: string): Promise<string | null> {
  return fs.readlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EINVAL') return null; // Something else than a link.
    return missingIsNull(error);
  });
}

function missingIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
