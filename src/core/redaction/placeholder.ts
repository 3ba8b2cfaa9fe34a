// What stands where a secret stood: `[REDACTED:<rule>:<tag8>]`. The tag is a keyed hash, so that equal secrets look equal
// and nobody can guess their way back; the way back is a memory of this process, never the text.

/** Hexadecimal digits of the tag that a placeholder shows. */
export const TAG_CHARACTERS = 8;

const RULE = '[a-z0-9][a-z0-9-]{0,63}';

/** For one use at a time: a global regular expression keeps its place. */
export function placeholderPattern(): RegExp {
  return new RegExp(`\\[REDACTED:(${RULE}):([0-9a-f]{${TAG_CHARACTERS}})\\]`, 'g');
}

/** The cheap test before the dear one. */
export const PLACEHOLDER_START = '[REDACTED:';

export function placeholder(rule: string, tag: string): string {
  return `${PLACEHOLDER_START}${rule}:${tag}]`;
}

/** True for a name that a placeholder can carry: lower-case letters, digits and dashes, at most 64. */
export function isRuleName(name: string): boolean {
  return new RegExp(`^${RULE}$`).test(name);
}

/**
 * Puts the secrets back. `lookup` is handed a whole placeholder and answers with what it stood for, or undefined when
 * it does not know: that placeholder stays. What is put back is not looked at again.
 */
export function reveal(text: string, lookup: (placeholder: string) => string | undefined): string {
  if (!text.includes(PLACEHOLDER_START)) return text;
  return text.replace(placeholderPattern(), (found) => lookup(found) ?? found);
}
