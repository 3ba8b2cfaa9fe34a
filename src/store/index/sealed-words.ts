// What a person wrote about an encrypted session, in its row of the index: sealed, with hashes in the columns that are
// searched. The index is a plain file.

import type { CaseRule } from '../../core/project-path.ts';
import { projectKey } from '../../core/project-path.ts';
import type { NameSeal } from '../../crypto/name-seal.ts';
import type { CatalogueRow } from './catalogue-row.ts';

/** Fields that are sealed; all others of a row are numbers, times, kinds and ids. */
const WORDS = [
  'name',
  'description',
  'outcome',
  'tags',
  'project',
  'workingDirectory',
  'links',
  'originSessionId',
] as const;

type Words = Pick<CatalogueRow, (typeof WORDS)[number]>;

export const NO_WORDS: Words = {
  name: '',
  description: '',
  outcome: null,
  tags: [],
  project: '',
  workingDirectory: '',
  links: [],
  originSessionId: null,
};

export function sealWords(row: CatalogueRow, names: NameSeal): string {
  return names.seal(row.id, JSON.stringify(WORDS.map((field) => row[field])));
}

/** The words of a row; null where none of the identities at hand sealed them. */
export function openWords(id: string, sealed: string, names: NameSeal): Words | null {
  const text = names.open(id, sealed);
  if (text === null) return null;
  const values = JSON.parse(text) as unknown[];
  return Object.fromEntries(WORDS.map((field, index) => [field, values[index]])) as Words;
}

export function sealedProjectHash(path: string, caseRule: CaseRule, names: NameSeal): number {
  return names.hashNumber('project', projectKey(path, caseRule));
}
