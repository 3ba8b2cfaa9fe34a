// Where a secret ends of which the beginning was cut off and is gone: by its rule, up to what cannot be part of it.

import { keyBlock } from './private-keys.ts';

const WORD = /[^\s"'`<>]*/y;
const LINE = /[^\r\n"'`]*/y;

/** End of the secret in a text that begins in the middle of it; the text's length when it may go on. */
export function openSecretEnd(text: string, rule: string): number {
  if (rule === 'private-key') {
    const { end, doneAt } = keyBlock(text, 0);
    return doneAt === undefined ? text.length : end;
  }
  const pattern = rule === 'cookie' || rule === 'authorization' ? LINE : WORD;
  pattern.lastIndex = 0;
  pattern.test(text);
  return pattern.lastIndex;
}
