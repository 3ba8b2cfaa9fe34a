// node:crypto, loaded when it is first used: a list hashes nothing, and loading it takes a fifth of the time of the
// whole command.

type Crypto = typeof import('node:crypto');
let loaded: Crypto | undefined;

export function crypto(): Crypto {
  return (loaded ??= process.getBuiltinModule('node:crypto'));
}
