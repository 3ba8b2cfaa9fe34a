// Tells folders whose names may hold a secret from all the others, without the engine: every command asks it of the folder
// that it runs in, and nearly none needs to know more.

import { looksRandom } from './secret-likeness.ts';

/** True where the path should be looked at by the engine. A secret of plain words in it is not seen. */
export function hasRandomName(path: string): boolean {
  return path.split(/[\\/]+/).some((name) => looksRandom(name) || /[=@]/.test(name));
}
