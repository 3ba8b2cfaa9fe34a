// Which messages a Gemini CLI session has, in which order, and where their last version lies. The client appends a
// message again when it grows, and replaces the whole history at every resume and compression; what falls out of the
// history that way, or by a rewind, stays here as a branch.

import type { EntryPlace } from './gemini-cli-source.ts';
import { isObject, listOf, textOf, timeOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';
import { textOfContent } from './gemini-cli-parts.ts';

export interface Version extends EntryPlace {
  /** Place in `$set.messages`, or undefined for a line of its own. */
  index?: number;
}

/** One message id. */
export interface Slot {
  id: string;
  /** Its last version on a line of its own: with model, tokens and the tools' results. */
  line?: Version;
  /** Its last version in a replaced history: with what the model gets. Newer than `line` if `setIsNewer`. */
  set?: Version;
  setIsNewer: boolean;
  /** First time it was written; a replaced history carries the time of the replacing. */
  at: string | undefined;
  /** The message before it when it first came. */
  previous: Slot | undefined;
  /** For the summary of a compression. */
  compaction?: { hidden: Slot[]; kept: Slot[] };
  /** The model's thanks for a summary, made up by the client. */
  isThanks?: boolean;
}

export class GeminiHistory {
  /** All messages in the order of their first coming. */
  readonly slots: Map<string, Slot> = new Map();
  /** The conversation as the client would show it, in order. */
  current: Set<Slot> = new Set();
  #last: Slot | undefined;
  #versions = 0;

  /** Versions of messages that were replaced by later ones. */
  get replaced(): number {
    return this.#versions - this.slots.size;
  }

  /** Last message of the conversation. */
  get last(): Slot | undefined {
    return this.#last;
  }

  /** A message on a line of its own: new, or the next version of one. */
  message(value: JsonObject, id: string, place: EntryPlace): void {
    const slot = this.#slot(value, id, this.#last);
    slot.line = place;
    slot.setIsNewer = false;
    if (this.current.has(slot)) return;
    this.current.add(slot);
    this.#last = slot;
  }

  /** `$set.messages`: the history from now on. */
  replace(messages: readonly unknown[], key: string, place: EntryPlace): void {
    const list: Slot[] = [];
    let summaryAt = -1;
    for (const [index, value] of messages.entries()) {
      if (!isObject(value)) continue;
      const id = textOf(value['id']) ?? `${key}#${index}`;
      const isNew = !this.slots.has(id);
      const slot = this.#slot(value, id, list.at(-1));
      slot.set = { ...place, index };
      slot.setIsNewer = true;
      if (isNew && isSummary(value)) slot.compaction = { hidden: [], kept: [] };
      if (isNew && value['type'] === 'gemini' && list.at(-1)?.compaction !== undefined) slot.isThanks = true;
      if (slot.compaction !== undefined) summaryAt = list.length;
      list.push(slot);
    }
    this.#show(summaryAt < 0 ? list : this.#compressed(list, summaryAt));
  }

  /** Drops a message and all after it. The client drops everything when it does not know the message. */
  rewind(id: string): void {
    const list = [...this.current];
    const at = list.findIndex((slot) => slot.id === id);
    this.#show(list.slice(0, Math.max(0, at)));
  }

  #show(list: readonly Slot[]): void {
    this.current = new Set(list);
    this.#last = list.at(-1);
  }

  /**
   * The history with the messages that a summary stands for still in it: our log keeps the originals on the path and
   * marks from where a request takes the summary instead.
   */
  #compressed(list: Slot[], summaryAt: number): Slot[] {
    const summary = list[summaryAt]!;
    const compaction = summary.compaction!;
    const after = list.slice(summaryAt + 1).filter((slot) => slot.isThanks !== true);
    if (compaction.hidden.length === 0 && compaction.kept.length === 0) {
      compaction.kept = after.filter((slot) => this.current.has(slot));
      const all = [...this.current];
      const firstKept = compaction.kept[0];
      compaction.hidden = firstKept === undefined ? all : all.slice(0, all.indexOf(firstKept));
    }
    const before = new Set([...compaction.hidden, ...compaction.kept]);
    const thanks = list[summaryAt + 1]?.isThanks === true ? [list[summaryAt + 1]!] : [];
    return [...before, summary, ...thanks, ...after.filter((slot) => !before.has(slot))];
  }

  #slot(value: JsonObject, id: string, previous: Slot | undefined): Slot {
    this.#versions++;
    const known = this.slots.get(id);
    if (known !== undefined) return known;
    const slot: Slot = { id, at: timeOf(value['timestamp']), previous, setIsNewer: false };
    this.slots.set(id, slot);
    return slot;
  }
}

function isSummary(value: JsonObject): boolean {
  return value['type'] === 'user' && textOfContent(listOf(value['content'])).includes('<state_snapshot>');
}
