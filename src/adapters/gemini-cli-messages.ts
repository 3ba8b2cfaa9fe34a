// One Gemini CLI message as records: the message, the ends of its calls, a compaction, or a note beside the tree.

import type { Part, Usage } from '../core/record.ts';
import type { ForeignMessage, Sink } from './adapter.ts';
import type { LeftOut } from './closing-records.ts';
import type { Slot } from './gemini-cli-history.ts';
import {
  callPart,
  contentParts,
  isInjected,
  isPlain,
  partOf,
  textOfContent,
  thoughtParts,
} from './gemini-cli-parts.ts';
import { callEnd, resultEnd, resultsIn } from './gemini-cli-results.ts';
import type { Result } from './gemini-cli-results.ts';
import { isObject, listOf, numberOf, objectOf, present, presentOrNone, textOf, without } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

const AGENT = 'gemini-cli';
const MOVED: ReadonlySet<string> = new Set(['id', 'timestamp', 'type', 'content', 'thoughts', 'model', 'toolCalls']);

/** Where answers to a message hang, and whether it is a word of the user or the model. */
interface Node {
  id: string | null;
  spoke: boolean;
}

export class GeminiMessages {
  readonly #sink: Sink;
  readonly #leftOut: LeftOut;
  /** Calls without an end so far, with their tools. */
  readonly #open = new Map<string, string>();
  readonly #ended = new Set<string>();

  constructor(sink: Sink, leftOut: LeftOut) {
    this.#sink = sink;
    this.#leftOut = leftOut;
  }

  async give(slot: Slot, value: JsonObject, parentId: string | null): Promise<Node> {
    const content = contentParts(value['content']);
    const beside: Node = { id: parentId, spoke: false };
    if (value['type'] === 'gemini' && slot.isThanks !== true) return this.#answer(slot, value, content, parentId);
    if (value['type'] === 'user') {
      const results = resultsIn(content);
      if (results.length > 0) {
        for (const [index, result] of results.entries()) await this.#result(slot, result, index);
        return beside;
      }
      if (slot.compaction === undefined || parentId === null) return this.#prompt(slot, value, content, parentId);
      const firstKept = slot.compaction.kept[0];
      await this.#sink.record({
        id: slot.id,
        ...present({ at: slot.at }),
        type: 'compaction',
        summary: textOfContent(content),
        messageId: parentId,
        firstKeptId: firstKept?.id ?? null,
      });
      return beside;
    }
    // Notes of the client to the user, and the thanks for a summary that the model never said.
    await this.#custom(slot, slot.id, textOf(value['type']) ?? 'unknown', value);
    return beside;
  }

  async #prompt(slot: Slot, value: JsonObject, content: readonly JsonObject[], parentId: string | null): Promise<Node> {
    const injected = content.length > 0 && content.every((part) => isInjected(textOf(part['text']) ?? ''));
    const isSystem = injected || slot.compaction !== undefined;
    await this.#message(slot, value, {
      parentId,
      role: isSystem ? 'system' : 'user',
      parts: content.map((part, index) => typedPart(part, `${slot.id}#${index}`, isSystem)),
    });
    return { id: slot.id, spoke: !isSystem };
  }

  async #answer(slot: Slot, value: JsonObject, content: readonly JsonObject[], parentId: string | null): Promise<Node> {
    const parts: Part[] = [];
    // In what the model gets, thoughts are parts of the content; on the client's own lines they lie beside it.
    if (!content.some((part) => part['thought'] === true)) parts.push(...thoughtParts(value['thoughts']));
    parts.push(
      ...content.map((part, index) => partOf(part, `${slot.id}#${index}`)).filter((part) => !isEmptyText(part)),
    );
    const inContent = new Set(parts.map((part) => (part.type === 'tool-call' ? part.callId : undefined)));
    const calls = listOf(value['toolCalls']).filter(isObject);
    const listed = calls.map((call, index) => callPart(call, `${slot.id}#call${index}`));
    parts.push(...listed.filter((part) => !inContent.has(part.callId)));
    await this.#message(slot, value, {
      parentId,
      role: 'assistant',
      parts,
      ...present({ model: textOf(value['model']), usage: usageOf(objectOf(value['tokens'])) }),
    });
    for (const part of parts) if (part.type === 'tool-call') this.#open.set(part.callId, part.name);
    for (const [index, call] of calls.entries()) {
      const { callId } = listed[index]!;
      const end = callEnd(call, callId, `${slot.id}:end${index}`);
      if (end === undefined || !this.#end(callId)) continue;
      await this.#sink.record(end);
    }
    return { id: slot.id, spoke: true };
  }

  async #message(
    slot: Slot,
    value: JsonObject,
    fields: Pick<ForeignMessage, 'parentId' | 'role' | 'parts'>,
  ): Promise<void> {
    const content = contentParts(value['content']);
    const raw = presentOrNone({ ...without(value, MOVED), content: isPlain(content) ? undefined : content });
    await this.#sink.record({
      id: slot.id,
      ...present({ at: slot.at }),
      type: 'message',
      ...fields,
      ...present({ raw }),
    });
  }

  async #result(slot: Slot, result: Result, index: number): Promise<void> {
    const callId = result.callId ?? this.#openCallOf(result.name);
    const id = `${slot.id}:end${index}`;
    if (callId !== undefined && this.#end(callId)) return this.#sink.record(resultEnd(result, callId, id, slot.at));
    if (callId !== undefined && this.#ended.has(callId)) return this.#leftOut.count('repeated result');
    return this.#custom(slot, id, 'functionResponse', result);
  }

  /** True when the call was given and has no end yet; from now on it has. */
  #end(callId: string): boolean {
    if (!this.#open.delete(callId)) return false;
    this.#ended.add(callId);
    return true;
  }

  /** Older interfaces answer calls by name and order. */
  #openCallOf(name: string | undefined): string | undefined {
    for (const [callId, open] of this.#open) if (open === name) return callId;
    return undefined;
  }

  async #custom(slot: Slot, id: string, kind: string, value: unknown): Promise<void> {
    await this.#sink.record({ id, ...present({ at: slot.at }), type: 'custom', kind: `${AGENT}:${kind}`, value });
  }
}

/** Text that the client added to a prompt is no word of the user's. */
function typedPart(part: JsonObject, fallbackId: string, isSystem: boolean): Part {
  const added = !isSystem && isInjected(textOf(part['text']) ?? '');
  return added ? { type: 'other', kind: `${AGENT}:injected`, value: part } : partOf(part, fallbackId);
}

function isEmptyText(part: Part): boolean {
  return part.type === 'text' && part.text === '';
}

/** The prompt's tokens hold the cached ones; ours are counted apart, as the other providers do. */
function usageOf(tokens: JsonObject): Usage | undefined {
  const input = numberOf(tokens['input']);
  const cached = numberOf(tokens['cached']);
  return presentOrNone({
    inputTokens: input === undefined ? undefined : Math.max(0, input - (cached ?? 0)),
    outputTokens: numberOf(tokens['output']),
    cacheReadTokens: cached,
    reasoningTokens: numberOf(tokens['thoughts']),
  });
}
