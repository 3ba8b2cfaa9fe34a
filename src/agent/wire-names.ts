// Ids and names of calls as a provider takes them. Histories of other clients repeat ids and use characters that one
// provider allows and the next refuses; a request must then say something else, and the same thing every time.

const NAME_CHARACTERS_MAX = 64;
const ID_CHARACTERS_MAX = 40;
const ANTHROPIC_ID = /^[a-zA-Z0-9_-]+$/;

/** For the calls of one request, in their order: what an id becomes depends on the calls before it and nothing else. */
export class CallIds {
  readonly #used = new Set<string>();

  /** `isOwn`: a server of the same kind made the id, so that it takes it back at any length (some hide data in it). */
  idFor(callId: string, isOwn: boolean, needsPlainCharacters: boolean): string {
    const fits = needsPlainCharacters ? ANTHROPIC_ID.test(callId) : callId !== '';
    const id = isOwn && fits && !this.#used.has(callId) ? callId : this.#unused(plain(callId, ID_CHARACTERS_MAX));
    this.#used.add(id);
    return id;
  }

  #unused(id: string): string {
    const stem = id === '' ? 'call' : id;
    for (let n = 1, candidate = stem; ;) {
      if (!this.#used.has(candidate)) return candidate;
      const suffix = `_${++n}`;
      candidate = stem.slice(0, ID_CHARACTERS_MAX - suffix.length) + suffix;
    }
  }
}

/** Names of tools that came from elsewhere; those of our own pass unchanged. */
export function wireToolName(name: string): string {
  return plain(name, NAME_CHARACTERS_MAX) || 'tool';
}

function plain(text: string, charactersMax: number): string {
  return text.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, charactersMax);
}
