// How long an expression can take at one place of a text at worst, read from the expression itself: in how many ways
// its repetitions and choices can share the same characters. A backtracking engine may try every one of them.

/** What an open repetition counts for: about as many characters as it can take back. */
const OPEN_WAYS = 500;
/** Above this an expression is as good as one that never ends. */
const WAYS_MAX = 1e9;

const GROUP_START = /\((?:\?(?:[:=!]|<[=!]|<\w{1,60}>|[a-z-]{0,8}:))?/y;
const CLASS = /\[\^?\]?(?:\\.|[^\]\\])*\]/y;
const ESCAPE = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|[pP]\{[^}]{1,60}\}|c[A-Za-z]|.)/y;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/y;
const WITHOUT_WIDTH = /^(?:\^|\$|\\[bB])$/;

interface Repeated {
  least: number;
  most: number;
}

interface Item extends Repeated {
  /** Source of one character; undefined for a group. */
  sign: string | undefined;
  /** Ways inside of it, once. */
  ways: number;
}

/** Ways at one place, of a source that was compiled before. */
export function waysOfPattern(source: string): number {
  return new Reader(source).ways();
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  ways(): number {
    return this.#choice('end');
  }

  /** Up to the end, or to the bracket that closes the group. */
  #choice(follows: 'end' | 'group'): number {
    let ways = this.#sequence(follows);
    while (this.#source[this.#at] === '|') {
      this.#at++;
      ways += this.#sequence(follows);
    }
    return Math.min(WAYS_MAX, ways);
  }

  #sequence(follows: 'end' | 'group'): number {
    const items: Item[] = [];
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      items.push(this.#item());
    }
    const product = items.reduce((ways, item, index) => {
      const isLast = follows === 'end' && index === items.length - 1;
      return Math.min(WAYS_MAX, ways * (isLast ? item.ways ** Math.min(1, item.most) : waysOf(item, items[index + 1])));
    }, 1);
    const last = items.at(-1);
    // The last repetition takes all it can and is done, unless what it repeats can be read in several ways.
    return last !== undefined && last.ways > 1 && last.most > 1 ? WAYS_MAX : product;
  }

  #item(): Item {
    const group = this.#take(GROUP_START);
    if (group === undefined) {
      const sign = this.#take(CLASS) ?? this.#take(ESCAPE) ?? this.#source[this.#at++]!;
      return { sign, ways: 1, ...this.#repeated() };
    }
    const ways = this.#choice('group');
    this.#at++;
    return { sign: undefined, ways, ...this.#repeated() };
  }

  #repeated(): Repeated {
    const start = this.#at;
    if (this.#take(QUANTIFIER) === undefined) return { least: 1, most: 1 };
    const quantifier = this.#source.slice(start, this.#at);
    const [, least, comma, most] = /^\{(\d+)(?:(,)(\d*))?\}/.exec(quantifier) ?? [];
    if (least === undefined) {
      return { least: quantifier[0] === '+' ? 1 : 0, most: quantifier[0] === '?' ? 1 : Infinity };
    }
    if (comma === undefined) return { least: Number(least), most: Number(least) };
    return { least: Number(least), most: most === '' ? Infinity : Number(most) };
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function waysOf(item: Item, next: Item | undefined): number {
  if (item.ways > 1 && item.most > 1) return WAYS_MAX;
  if (item.most === item.least) return item.ways;
  // What stops it has no other place to stop it: the repetition cannot give back a character and go on.
  if (item.sign !== undefined && next?.sign !== undefined && next.least > 0 && excludes(item.sign, next.sign)) return 1;
  const lengths = item.most === Infinity ? OPEN_WAYS : Math.min(OPEN_WAYS, item.most - item.least + 1);
  return item.ways * lengths;
}

/** True when no character that `repeated` takes is the one that comes after it. */
function excludes(repeated: string, next: string): boolean {
  if (WITHOUT_WIDTH.test(next) || WITHOUT_WIDTH.test(repeated)) return false;
  const literal = /^\\[^A-Za-z0-9]$/.test(next) ? next[1]! : next;
  return literal.length === 1 && literal !== '.' && !new RegExp(`^${repeated}$`, 's').test(literal);
}
