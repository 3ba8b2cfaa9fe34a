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

/** What the user decided about secrets. */
export interface RedactionChoices {
  allow: readonly string[];
  patterns: readonly UserPattern[];
}

export interface SecretPlaces extends Partial<RedactionChoices> {
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

export function machineRedactor(places: SecretPlaces): MachineRedactor {
  const { home, environment, folders, userFolder, allow = [], patterns = [] } = places;
  const inUserFolder = (name: string): string[] => (userFolder === null ? [] : texts([join(userFolder, name)]));
  const knownValues = knownValuesFrom({
    environment,
    dotenv: texts(folders.flatMap((folder) => DOTENV_NAMES.map((name) => join(folder, name)))),
    npmrc: [...texts(folders.map((folder) => join(folder, '.npmrc'))), ...inUserFolder('.npmrc')],
    netrc: [...inUserFolder('.netrc'), ...inUserFolder('_netrc')],
  });
  const redactor = makeRedactor({ knownValues, allow, patterns, tag: tagger(home) });
  const values = new Map<string, string>();
  const remember = (found: readonly Found[]): void => {
    for (const { placeholder, value } of found) values.set(placeholder, value);
  };
  // After a restart a tool still gets the secrets that the machine has, though nobody typed them in this process.
  for (const value of knownValues) remember(redactor.redactText(value).found);
  return { ...redactor, remember, reveal: (text) => reveal(text, (placeholder) => values.get(placeholder)) };
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
