// The name under which a model knows a server's tool: unique over all servers and the same in every run, because a
// changed name would change the request and empty the provider's cache.

import { createHash } from 'node:crypto';

/** What every provider takes. */
const NAME_CHARACTERS_MAX = 64;
const HASH_CHARACTERS = 8;

/**
 * `mcp__<server>__<tool>`. Where that has other characters, is too long, or could also mean another pair, a hash of the
 * pair stands at its end; whether it does depends on nothing but the two names.
 */
export function toolName(server: string, tool: string): string {
  const plain = `mcp__${server}__${tool}`;
  // The first `__` must be the one between the names, else `a__b` + `c` and `a` + `b__c` would be one.
  const isUnambiguous = !server.includes('__') && !server.endsWith('_');
  if (isUnambiguous && plain.length <= NAME_CHARACTERS_MAX && /^[A-Za-z0-9_-]+$/.test(plain)) return plain;
  const hash = createHash('sha256').update(`${server}\0${tool}`).digest('hex').slice(0, HASH_CHARACTERS);
  const room = NAME_CHARACTERS_MAX - HASH_CHARACTERS - 1;
  return `${plain.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, room)}_${hash}`;
}
