// Credentials whose place is all that tells them: the fifth field of a `.pgpass` line, what stands between `:` and
// `@tcp(` in a Go address, and what follows the user in an Oracle one.

import { isExample } from './secret-likeness.ts';
import type { Finder } from './span.ts';
import { isTypedSecret } from './value-judgement.ts';

/** host:port:database:user:password, with `*` for any. */
const PGPASS =
  /^(?:localhost|\*|[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}):(?:\d{4,5}|\*):[^\s:]{1,63}:[^\s:]{1,63}:(\S{4,200})$/gm;
const PGPASS_MARK = /:(?:\d{4,5}|\*):/;
/** `user:password@tcp(host)` and `user/password@//host`. */
const MARKS: readonly { mark: string; before: RegExp }[] = [
  { mark: '@tcp(', before: /[\w.-]{1,64}:([^\s:"'`]{3,100})$/ },
  { mark: '@unix(', before: /[\w.-]{1,64}:([^\s:"'`]{3,100})$/ },
  { mark: '@//', before: /[\w.]{1,64}\/([^\s/"'`]{3,100})$/ },
];
const BEFORE_CHARACTERS_MAX = 165;

export const credentialLineFinder: Finder = (text, report) => {
  for (const { mark, before } of MARKS) {
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
      const secret = before.exec(text.slice(Math.max(0, at - BEFORE_CHARACTERS_MAX), at))?.[1];
      if (secret !== undefined && !isExample(secret))
        report({ start: at - secret.length, end: at, rule: 'url-password' });
    }
  }
  if (!PGPASS_MARK.test(text)) return;
  for (const found of text.matchAll(PGPASS)) {
    const end = found.index + found[0].length;
    if (isTypedSecret(found[1]!)) report({ start: end - found[1]!.length, end, rule: 'pgpass' });
  }
};
