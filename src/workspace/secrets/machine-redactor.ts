// The redactor of this machine: it knows the secrets that stand in the environment and in the files in which people keep
// them, and the way back from the placeholders of those.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { knownValuesFrom } from '../../core/redaction/known-values.ts';
import { reveal } from '../../core/redaction/placeholder.ts';
import type { Found, Redactor } from '../../core/redaction/redactor.ts';
import { makeRedactor } from '../../core/redaction/redactor.ts';
import type { UserPattern } from '../../core/redaction/user-patterns.ts';
import { tagger } from './redaction-key.ts';

/** What the user added to the rules. */
export interface RedactionRules {
  /** What passes. */
  allow?: readonly string[];
  patterns?: readonly UserPattern[];
}

export interface SecretPlaces extends RedactionRules {
  /** ROO_HOME, which holds the key of the tags. */
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Project folders, whose `.env` files and `.npmrc` are read. */
  folders: readonly string[];
  /** Holds `.npmrc` and `.netrc`; null where nobody's are to be read. */
  userFolder: string | null;
}

export interface MachineRedactor extends Redactor {
  /** Text with the secrets back in it whose placeholders this process knows. */
  reveal(text: string): string;
  /** Remembers what was replaced, in memory only. */
  remember(found: readonly Found[]): void;
  /** Reads the files again where one of them changed. What was known stays known; streams go on as they began. */
  refresh(): void;
}

const DOTENV_NAMES = [
  '.env',
  '.env.local',
  '.env.development',
  '.env.development.local',
  '.env.production',
  '.env.test',
];
/** A file of secrets larger than this is something else. */
const FILE_BYTES_MAX = 1024 * 1024;

/** `places.folders` may grow: what is new in it is read with the next refresh. */
export function machineRedactor(places: SecretPlaces): MachineRedactor {
  const { home, allow = [], patterns = [] } = places;
  const tag = tagger(home);
  const values = new Map<string, string>();
  const known = new Set<string>();
  let redactor = makeRedactor({ allow, patterns, tag });
  let stamp = '';
  const remember = (found: readonly Found[]): void => {
    for (const { placeholder, value } of found) values.set(placeholder, value);
  };
  const refresh = (): void => {
    const now = stampOf(filesIn(places));
    if (now === stamp) return;
    const news = knownValuesIn(places).filter((value) => !known.has(value));
    for (const value of news) known.add(value);
    const knownValues = [...known].toSorted((a, b) => b.length - a.length);
    if (news.length > 0) redactor = makeRedactor({ knownValues, allow, patterns, tag });
    // After a restart a tool still gets the secrets that the machine has, though nobody typed them in this process.
    for (const value of news) remember(redactor.redactText(value).found);
    stamp = now;
  };
  refresh();
  return {
    redactText: (text) => redactor.redactText(text),
    redactJson: (value) => redactor.redactJson(value),
    stream: (report) => redactor.stream(report),
    byteStream: (report) => redactor.byteStream(report),
    remember,
    refresh,
    reveal: (text) => reveal(text, (placeholder) => values.get(placeholder)),
  };
}

interface SecretFiles {
  dotenv: string[];
  npmrc: string[];
  netrc: string[];
}

function filesIn({ folders, userFolder }: SecretPlaces): SecretFiles {
  const ofUser = (...names: string[]): string[] =>
    userFolder === null ? [] : names.map((name) => join(userFolder, name));
  return {
    dotenv: folders.flatMap((folder) => DOTENV_NAMES.map((name) => join(folder, name))),
    npmrc: [...folders.map((folder) => join(folder, '.npmrc')), ...ofUser('.npmrc')],
    netrc: ofUser('.netrc', '_netrc'),
  };
}

function knownValuesIn(places: SecretPlaces): string[] {
  const { dotenv, npmrc, netrc } = filesIn(places);
  const { environment } = places;
  return knownValuesFrom({ environment, dotenv: texts(dotenv), npmrc: texts(npmrc), netrc: texts(netrc) });
}

/** Another one when a file came, went or changed. Never empty. */
function stampOf({ dotenv, npmrc, netrc }: SecretFiles): string {
  const stamps = [...dotenv, ...npmrc, ...netrc].map((path) => {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : '-';
    } catch {
      return '?'; // Why not, `texts` says when it is read.
    }
  });
  return stamps.join('\n') || '-';
}

/** Contents of the files that are there. One that cannot be read must not let its secrets through unseen. */
function texts(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (!stats?.isFile() || stats.size > FILE_BYTES_MAX) return [];
      return [readFileSync(path, 'utf8')];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // What this user may not read, no tool of this user can print.
      if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR') return [];
      throw systemError(error, 'read', path);
    }
  });
}
