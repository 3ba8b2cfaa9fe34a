// Where an entry of Claude Code hangs. Entries of all kinds are chained by uuid and parentUuid, but only messages are
// nodes for us; so every uuid is mapped to the message it belongs to, or that stands before it.

import type { Entry } from './entry-reader.ts';
import { textOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

export const MAIN_THREAD = 'main';

/** An entry with its place among the messages. */
export interface Placed extends Entry {
  id: string;
  at: string | undefined;
  thread: string;
  parentId: string | null;
}

export class ClaudeTree {
  /** uuid → id of the message an answer to this entry hangs under; null before the first message. */
  readonly #nodes = new Map<string, string | null>();
  /** Last node of the conversation and of each sidechain, in file order. */
  readonly #last = new Map<string, string | null>();
  #leaf: string | null = null;

  has(uuid: string): boolean {
    return this.#nodes.has(uuid);
  }

  /** Id of the message an entry belongs to or stands after; undefined when the entry is not known. */
  nodeOf(uuid: string): string | null | undefined {
    return this.#nodes.get(uuid);
  }

  /** Id of the message above this entry; null at a root. */
  parentOf(entry: JsonObject, thread: string): string | null {
    for (const field of ['parentUuid', 'logicalParentUuid']) {
      const node = this.#nodes.get(textOf(entry[field]) ?? '');
      if (node !== undefined) return node;
    }
    // An explicit null is a root: a first prompt, or the session rewound to before it. A compaction is written as a
    // root as well, but what it sums up stands before it. And a parent that is not there was on a damaged line or is
    // cut off; the entry before is where that line was. A root would hide everything before the damage.
    const root = entry['parentUuid'] === null && !isCompaction(entry);
    return root ? null : (this.#last.get(thread) ?? null);
  }

  /** Makes `node` the place where answers to this entry hang. */
  place(entry: JsonObject, thread: string, node: string | null): void {
    const uuid = textOf(entry['uuid']);
    if (uuid !== undefined) this.#nodes.set(uuid, node);
    this.#last.set(thread, node);
    if (thread === MAIN_THREAD && node !== null) this.#leaf = uuid ?? node;
  }

  /** The client says which entry was the last one shown; it may say so before the entry is written. */
  pointAt(leafUuid: string): void {
    this.#leaf = leafUuid;
  }

  /** Id of the message at the end of the active branch; null when there is no message. */
  leaf(): string | null {
    const pointed = this.#leaf === null ? null : this.#nodes.get(this.#leaf);
    return pointed ?? this.#last.get(MAIN_THREAD) ?? null;
  }
}

/** Older clients wrote the talk with a subagent into the session's own file; each is a thread beside the conversation. */
export function threadOf(entry: JsonObject, ownFileOfSubagent: boolean): string {
  return entry['isSidechain'] === true && !ownFileOfSubagent ? `side:${textOf(entry['agentId']) ?? ''}` : MAIN_THREAD;
}

function isCompaction(entry: JsonObject): boolean {
  return entry['isCompactSummary'] === true || entry['subtype'] === 'compact_boundary';
}
