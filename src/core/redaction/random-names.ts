// Tells folders whose names may hold a secret from all the others, without the engine: every command asks it of the folder
// that it runs in, and nearly none needs to know more.

import { entropyBits } from './secret-likeness.ts';

/** Bits a character from which a name is more likely made by a machine; hexadecimal has fewer by nature. */
const HEX_BITS_MIN = 2.7;
const BITS_MIN = 3.4;
const LENGTH_MIN = 16;
/** Words and a number: `shop-frontend-2024`. */
const WORDS = /^[A-Za-z]+(?:[-_. ][A-Za-z]+)*[-_. ]?\d{1,4}$/;

/** True where the path should be looked at by the engine. A secret of plain words in it is not seen. */
export function hasRandomName(path: string): boolean {
  return path.split(/[\\/]+/).some((name) => looksRandom(name) || /[=@]/.test(name));
}

function looksRandom(name: string): boolean {
  if (name.length < LENGTH_MIN || !/[0-9]/.test(name) || !/[A-Za-z]/.test(name) || WORDS.test(name)) return false;
  return entropyBits(name) >= (/^[0-9a-f-]+$/i.test(name) ? HEX_BITS_MIN : BITS_MIN);
}
