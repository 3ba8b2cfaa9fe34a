// Texts compared as people read them: without case and accents. Every unit of the result stands where it stood, so
// that a place found in the folded text is a place in the text.

import { composed } from './text-form.ts';

const ACCENTED = /[\u00c0-\u024f\u1e00-\u1eff]/g;

/** Composed, small and without accents; as long as `composed(text)`. */
export function folded(text: string): string {
  const whole = composed(text);
  let small = whole.toLowerCase();
  // A few capitals, such as İ, become two units; they stay as they are.
  if (small.length !== whole.length) {
    small = Array.from(whole, (character) => {
      const lower = character.toLowerCase();
      return lower.length === character.length ? lower : character;
    }).join('');
  }
  return small.replace(ACCENTED, (letter) => letter.normalize('NFD')[0]!);
}
