// Codex writes what is said twice: as an item for the model and as an event for its screens. The event goes when its
// words are in an item; an event whose item never came (the client died between the two) is kept.

import type { ForeignRecord } from './adapter.ts';
import type { LeftOut } from './closing-records.ts';
import type { JsonObject } from './json-values.ts';
import { listOf, objectOf, textOf } from './json-values.ts';

/** The two are written within a few lines of each other, in either order. */
const REMEMBERED_MAX = 256;

interface Waiting {
  type: string;
  texts: string[];
  record: ForeignRecord;
}

export class CodexTwins {
  readonly #heard = new Set<string>();
  readonly #leftOut: LeftOut;
  #waiting: Waiting[] = [];

  constructor(leftOut: LeftOut) {
    this.#leftOut = leftOut;
  }

  /** Takes in the words of an item. */
  item(texts: readonly string[]): void {
    for (const text of [...texts, texts.join(''), texts.join('\n\n')].map(fingerprint)) {
      this.#heard.delete(text); // So that it counts as new again.
      this.#heard.add(text);
      if (this.#heard.size > REMEMBERED_MAX) this.#heard.delete(this.#heard.values().next().value!);
    }
    this.#waiting = this.#waiting.filter((waiting) => !this.#isHeard(waiting));
  }

  /** Takes in an event that repeats words. Gives the records for which no item came for a long time. */
  event(type: string, texts: string[], record: ForeignRecord): ForeignRecord[] {
    const waiting = { type, texts, record };
    if (!this.#isHeard(waiting)) this.#waiting.push(waiting);
    return this.#waiting.length > REMEMBERED_MAX ? [this.#waiting.shift()!.record] : [];
  }

  /** The events left without an item, at the end of a turn. */
  take(): ForeignRecord[] {
    const records = this.#waiting.map(({ record }) => record);
    this.#waiting = [];
    return records;
  }

  #isHeard({ type, texts }: Waiting): boolean {
    if (!texts.every((text) => text === '' || this.#heard.has(fingerprint(text)))) return false;
    this.#leftOut.count(`event_msg ${type}`);
    return true;
  }
}

/** The words an event repeats; undefined for an event that tells something of its own. */
export function repeatedTexts(payload: JsonObject): string[] | undefined {
  switch (payload['type']) {
    case 'user_message':
    case 'agent_message':
      return [textOf(payload['message']) ?? ''];
    case 'agent_reasoning':
    case 'agent_reasoning_raw_content':
      return [textOf(payload['text']) ?? ''];
    case 'item_completed': {
      const item = objectOf(payload['item']);
      if (item['type'] === 'UserMessage' || item['type'] === 'AgentMessage') return texts(item['content']);
      if (item['type'] === 'Reasoning') return [...texts(item['summary_text']), ...texts(item['raw_content'])];
      return undefined;
    }
    default:
      return undefined;
  }
}

/** Long texts are remembered by their length, beginning and end, or many of them would be held. */
function fingerprint(text: string): string {
  return text.length <= 4096 ? text : `${text.length}:${text.slice(0, 1000)}${text.slice(-1000)}`;
}

function texts(list: unknown): string[] {
  return listOf(list).map((one) => textOf(one) ?? textOf(objectOf(one)['text']) ?? '');
}
