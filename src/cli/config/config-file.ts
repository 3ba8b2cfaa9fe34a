// One config file: read as a flat table of dotted keys, and edited without losing what roo does not know. A file that
// cannot be understood is never overwritten.

import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SessionError, systemError } from '../../core/errors.ts';
import { writeFileAtomically } from '../atomic-file.ts';
import { CONFIG_KEYS } from './config-keys.ts';

export interface ConfigFile {
  path: string;
  /** Dotted key → value as it stands in the file, for every key. */
  values: ReadonlyMap<string, unknown>;
}

type Tree = Record<string, unknown>;

/** Objects in the file whose keys are settings, such as `retention`. */
const GROUPS: ReadonlySet<string> = new Set(
  CONFIG_KEYS.filter(({ key }) => key.includes('.')).map(({ key }) => key.split('.')[0]!),
);

/** Null when there is no such file. Throws CONFIG_INVALID with the place of the mistake. */
export function readConfigFile(path: string): ConfigFile | null {
  const tree = readTree(path);
  if (tree === null) return null;
  const values = new Map<string, unknown>();
  for (const [key, value] of Object.entries(tree)) {
    if (GROUPS.has(key) && isTree(value)) {
      for (const [rule, ruleValue] of Object.entries(value)) values.set(`${key}.${rule}`, ruleValue);
    } else values.set(key, value);
  }
  return { path, values };
}

/** Sets one key, or removes it with `undefined`. Makes file and folder when they are not there. */
export async function editConfigFile(path: string, key: string, value: unknown): Promise<void> {
  const tree = readTree(path) ?? {};
  const [first = key, rule] = key.split('.');
  let holder = tree;
  if (rule !== undefined) {
    const inner = tree[first];
    if (inner !== undefined && !isTree(inner)) throw invalid(path, `"${first}" is not an object`);
    holder = inner ?? {};
    tree[first] = holder;
  }
  const last = rule ?? first;
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  if (rule !== undefined && Object.keys(holder).length === 0) delete tree[first];
  if (rule !== undefined) delete tree[key];
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw systemError(error, 'create', dirname(path));
  }
  await writeFileAtomically(path, [`${JSON.stringify(tree, null, 2)}\n`]);
}

function readTree(path: string): Tree | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // ENOTDIR: a file named `.roo` is no place for settings.
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw systemError(error, 'read', path);
  }
  if (text.trim() === '') return null;
  let tree: unknown;
  try {
    tree = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw invalid(path, 'it is not JSON', error, text);
  }
  if (!isTree(tree)) throw invalid(path, 'it is not a JSON object');
  return tree;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, why: string, cause?: unknown, text = ''): SessionError {
  const position = /position (\d+)/.exec((cause as Error | undefined)?.message ?? '')?.[1];
  return new SessionError('CONFIG_INVALID', `the config file ${path} could not be understood: ${why}`, {
    op: 'read config',
    path,
    offsetBytes: position === undefined ? undefined : Buffer.byteLength(text.slice(0, Number(position))),
    hint: 'correct the file, or move it away: nothing was changed',
    cause,
  });
}
