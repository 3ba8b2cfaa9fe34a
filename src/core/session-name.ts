// What a session is called where nobody named it.

import type { Fold } from './fold.ts';

/** The name a person gave, else the first prompt, else the beginning of the id. */
export function nameOf(fold: Pick<Fold, 'name' | 'firstPrompt'>, id: string): string {
  return fold.name ?? fold.firstPrompt ?? `session ${id.slice(0, 8)}`;
}
