// Tells once of each secret that was kept out of a session, and once how to let one pass: what is no secret is changed
// in the session for good, so who sees it must be able to prevent it from then on.

import type { KeptOut } from '../services/RedactionDoor.ts';

const TAG = /:([0-9a-f]{8})\]$/;

export function keptOutTeller(say: (text: string) => void): (kept: readonly KeptOut[]) => void {
  const told = new Set<string>();
  return (kept) => {
    for (const { rule, placeholder } of kept) {
      if (told.has(placeholder)) continue;
      const article = /^[aeiou]/.test(rule) ? 'an' : 'a';
      const hint = told.size === 0 ? howToAllow(placeholder) : '';
      say(`kept out of the session: ${article} ${rule}, as ${placeholder}${hint}`);
      told.add(placeholder);
    }
  };
}

function howToAllow(placeholder: string): string {
  return ` (if it is no secret: roo config add redaction.allow ${TAG.exec(placeholder)![1]})`;
}
