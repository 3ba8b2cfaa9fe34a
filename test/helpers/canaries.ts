// Secrets made up for one test, each planted in one place and never used again: whichever of them turns up says which
// way it came.

import { LABELLED_FORMATS } from './secret-corpus/labelled-formats.ts';
import { ALNUM, BASE64, seededRandom, UPPER } from './secret-corpus/random-text.ts';
import type { Random } from './secret-corpus/random-text.ts';
import { NAMED_SURROUNDINGS, SURROUNDINGS } from './secret-corpus/surroundings.ts';
import { TOKEN_FORMATS } from './secret-corpus/token-formats.ts';

export interface Canary {
  /** The way by which it went in. */
  way: string;
  /** What it is. */
  kind: string;
  /** What was planted, with the secret in it. */
  text: string;
  secret: string;
  /** It is a known value of the machine, which is found in every encoding. */
  isKnown: boolean;
}

/** Of names of files and tags: nothing that would end one. */
const IN_NAMES = TOKEN_FORMATS.filter(([, make]) => /^[\w.~-]{16,90}$/.test(make(seededRandom(1))));
const IN_LINES = TOKEN_FORMATS.filter(([, make]) => !make(seededRandom(1)).includes('\n'));

/** Places that fit into one line of what a person types. */
const ON_ONE_LINE = SURROUNDINGS.filter(([, around]) => !/[\n\r\u001b]/.test(around('x')));
const NAMED_ON_ONE_LINE = NAMED_SURROUNDINGS.filter(([, around]) => !/\n./.test(around('X', 'x')));

export class Canaries {
  readonly planted: Canary[] = [];
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A token of some provider, alone; for names of files, tags and commands. */
  token(way: string): string {
    const [format, make] = this.#next(IN_NAMES);
    return this.#plant(way, format, make(this.#random));
  }

  /** Lines with one secret in each, as they stand in code, settings, logs and prose. */
  lines(way: string, count: number): string {
    return Array.from({ length: count }, () => `${this.line(way)}\n`).join('');
  }

  /** One line with a secret of any kind in it. */
  line(way: string): string {
    const kinds = [this.#inProse, this.#besideItsName, this.#inProse, this.#inAddress, this.#inProse, this.#inHeader];
    const text = kinds[this.planted.length % kinds.length]!.call(this, way).trimEnd();
    this.planted.at(-1)!.text = text;
    return text;
  }

  /** A private key: many lines, none of which may come through. */
  privateKey(way: string): string {
    const body = Array.from({ length: 12 }, () => this.#text(BASE64, 64));
    const text = `-----BEGIN RSA PRIVATE KEY-----\n${body.join('\n')}\n-----END RSA PRIVATE KEY-----\n`;
    for (const secret of body) this.planted.push({ way, kind: 'a line of a key', text, secret, isKnown: false });
    return text;
  }

  /** The value of a variable or of a file in which people keep secrets: nothing but its place says that it is one. */
  known(way: string): string {
    const secret = this.#text(ALNUM, 24);
    this.planted.push({ way, kind: 'a known value', text: secret, secret, isKnown: true });
    return secret;
  }

  #inProse(way: string): string {
    const [format, make] = this.#next(IN_LINES);
    const [, around] = this.#next(ON_ONE_LINE);
    return around(this.#plant(way, format, make(this.#random)));
  }

  #besideItsName(way: string): string {
    const [name, make] = this.#next(LABELLED_FORMATS);
    const [, around] = this.#next(NAMED_ON_ONE_LINE);
    let secret = make(this.#random);
    // Letters alone may be words, and are not promised to be seen.
    while (!/[0-9]/.test(secret)) secret = make(this.#random);
    return around(name, this.#plant(way, name, secret));
  }

  #inAddress(way: string): string {
    return `connect to postgres://app:${this.#plant(way, 'an address', this.#text(ALNUM, 20))}@db.example.org/main`;
  }

  #inHeader(way: string): string {
    return `Authorization: Bearer ${this.#plant(way, 'a header', this.#text(ALNUM + UPPER, 40))}`;
  }

  #next<T>(from: readonly T[]): T {
    return from[this.planted.length % from.length]!;
  }

  #text(alphabet: string, length: number): string {
    return this.#random.text(alphabet, length);
  }

  #plant(way: string, kind: string, secret: string): string {
    this.planted.push({ way, kind, text: secret, secret, isKnown: false });
    return secret;
  }
}
