// Where the name around a hit begins and ends, in whatever way the language around it writes names.

/** Longer runs are no names, and looking for their ends at every hit would cost too much. */
export const NAME_CHARACTERS_MAX = 80;

export function nameStart(text: string, at: number): number {
  let start = at;
  const limit = Math.max(0, at - NAME_CHARACTERS_MAX);
  while (start > limit && isNameUnit(text.charCodeAt(start - 1))) start--;
  // In `\nPASSWORD=` the letter belongs to the escape.
  return text[start - 1] === '\\' && start < at && 'nrt'.includes(text[start]!) ? start + 1 : start;
}

export function nameEnd(text: string, at: number): number {
  let end = at;
  const limit = Math.min(text.length, at + NAME_CHARACTERS_MAX + 1);
  while (end < limit && isNameUnit(text.charCodeAt(end))) end++;
  // In `token.="…"` and `token->` the sign belongs to what follows.
  while (end > at && (text[end - 1] === '.' || text[end - 1] === '-')) end--;
  return end;
}

/** Letters, digits, `_ - . $`. */
export function isNameUnit(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95 ||
    unit === 45 ||
    unit === 46 ||
    unit === 36
  );
}
