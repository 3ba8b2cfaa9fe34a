// Where a passphrase comes from: a file named in ROO_PASSPHRASE_FILE, else whoever sits at the terminal. Never from a
// command line or a variable, which other processes can read.

import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { SessionError, systemError } from '../../../core/errors.ts';
import { readPrivately } from '../../../store/safe-file.ts';

/** Asks without showing what is typed; null where nobody can be asked. */
export type AskPassphrase = (question: string) => Promise<string | null>;

const TRIES = 3;
const BYTES_MAX = 64 * 1024;
const NOBODY: AskPassphrase = async () => null;

export class Passphrases {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #ask: AskPassphrase;

  constructor(environment: Readonly<Record<string, string | undefined>>, ask: AskPassphrase) {
    this.#environment = environment;
    this.#ask = ask;
  }

  /** The same where nobody may be disturbed. */
  get quiet(): Passphrases {
    return new Passphrases(this.#environment, NOBODY);
  }

  /** The content of ROO_PASSPHRASE_FILE; null when it is not set. */
  fromFile(): string | null {
    const path = this.#environment['ROO_PASSPHRASE_FILE'];
    return path ? readPassphraseFile(path) : null;
  }

  /**
   * What `open` answers to the right passphrase, and the passphrase. One from a file is tried once, a person three
   * times. Throws KEY_WRONG_PASSPHRASE, and KEY_MISSING where nobody can be asked.
   */
  async unlock<T>(whose: string, open: (passphrase: string) => Promise<T>): Promise<{ opened: T; passphrase: string }> {
    const given = this.fromFile();
    if (given !== null) return { opened: await open(given), passphrase: given };
    for (let tried = 1; ; tried++) {
      const passphrase = await this.#ask(`${tried > 1 ? 'That is not the one. ' : ''}Passphrase of ${whose}: `);
      if (passphrase === null) throw nobodyToAsk(`the passphrase of ${whose}`, 'name a file in ROO_PASSPHRASE_FILE');
      try {
        return { opened: await open(passphrase), passphrase };
      } catch (error) {
        if (tried >= TRIES || (error as SessionError).code !== 'KEY_WRONG_PASSPHRASE') throw error;
      }
    }
  }

  /** A new one, asked for twice. `hint` is for where nobody can be asked: KEY_MISSING. */
  async choose(hint: string): Promise<string> {
    let why = '';
    for (let tried = 1; tried <= TRIES; tried++) {
      const first = await this.#ask(`${why}New passphrase for your identity: `);
      if (first === null) throw nobodyToAsk('a passphrase', hint);
      const again = first === '' ? '' : await this.#ask('The same again: ');
      if (first !== '' && first === again) return first;
      why = first === '' ? 'An empty one protects nothing. ' : 'They are not the same. ';
    }
    throw new SessionError('KEY_WRONG_PASSPHRASE', 'no passphrase was given twice in the same way', {
      op: 'choose passphrase',
      hint: 'run it again',
    });
  }
}

/** One line break at the end is the editor's. Links are followed: the user named the file. */
export function readPassphraseFile(path: string): string {
  const op = 'read passphrase';
  let bytes: Buffer | null;
  try {
    bytes = readPrivately(realpathSync(resolve(path)), BYTES_MAX);
  } catch (error) {
    throw systemError(error, op, path);
  }
  const passphrase = (bytes ?? Buffer.alloc(0)).toString('utf8').replace(/\r?\n$/, '');
  if (passphrase !== '') return passphrase;
  throw new SessionError('KEY_MISSING', `${path} holds no passphrase`, { op, path, hint: 'write it into the file' });
}

function nobodyToAsk(what: string, hint: string): SessionError {
  return new SessionError('KEY_MISSING', `${what} is needed, and there is nobody to ask`, { op: 'ask', hint });
}
