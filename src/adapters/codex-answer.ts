// One answer of the model, gathered from its items, with the outputs of its calls behind it. Codex writes the tokens
// of an answer after its items, in some versions after the outputs too, so all of it is held until the answer is over.

import type { Part, Usage } from '../core/record.ts';
import type { ForeignMessage, ForeignRecord, Sink } from './adapter.ts';
import { numberOf, present, presentOrNone } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

/** Outputs held back at most; then the message goes out and its tokens are counted on the next one. */
const HELD_BYTES_MAX = 8 * 1024 * 1024;

export class CodexAnswer {
  readonly #sink: Sink;
  #message: ForeignMessage | undefined;
  #rest: JsonObject[] = [];
  #behind: ForeignRecord[] = [];
  #behindBytes = 0;
  #over = false;
  #usage: Usage | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** True when the next item of the model begins another answer. */
  get isOver(): boolean {
    return this.#message === undefined || this.#over;
  }

  begin(message: ForeignMessage): void {
    this.#message = message;
    if (this.#usage !== undefined) message.usage = this.#usage;
    this.#usage = undefined;
    this.#over = false;
  }

  add(parts: readonly Part[], rest: JsonObject | undefined): void {
    this.#message?.parts.push(...parts);
    if (rest !== undefined) this.#rest.push(rest);
  }

  /** The output of a call of this answer: items after it belong to the next answer. */
  async output(record: ForeignRecord, bytes: number): Promise<void> {
    this.#over = true;
    await this.beside(record, bytes);
  }

  /** A record that is no part of the answer; it keeps its place behind it. */
  async beside(record: ForeignRecord, bytes: number): Promise<void> {
    if (this.#message === undefined) return void (await this.#sink.record(record));
    this.#behind.push(record);
    this.#behindBytes += bytes;
    if (this.#behindBytes > HELD_BYTES_MAX) await this.flush();
  }

  /** Tokens of the answer; `isLast` when nothing more of the answer comes after them. */
  count(usage: Usage, isLast: boolean): void {
    if (this.#message !== undefined && this.#message.usage === undefined) {
      this.#message.usage = usage;
      this.#over ||= isLast;
      return;
    }
    // Some versions write the tokens before the items.
    this.#usage = this.#usage === undefined ? usage : sum(this.#usage, usage);
  }

  async flush(): Promise<void> {
    const message = this.#message;
    const behind = this.#behind;
    if (message !== undefined) {
      const raw = this.#rest.length > 0 ? { items: this.#rest } : undefined;
      await this.#sink.record({ ...message, ...present({ raw }) });
    }
    this.#message = undefined;
    this.#rest = [];
    this.#behind = [];
    this.#behindBytes = 0;
    for (const record of behind) await this.#sink.record(record);
  }
}

function sum(a: Usage, b: Usage): Usage {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof Usage)[]);
  return Object.fromEntries([...keys].map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));
}

/** OpenAI counts cached tokens among the input; ours are counted apart, as the other providers do. */
export function usageOf(usage: JsonObject): Usage | undefined {
  const input = numberOf(usage['input_tokens']);
  const cached = numberOf(usage['cached_input_tokens']);
  return presentOrNone({
    inputTokens: input === undefined ? undefined : Math.max(0, input - (cached ?? 0)),
    outputTokens: numberOf(usage['output_tokens']),
    cacheReadTokens: cached,
    cacheWriteTokens: numberOf(usage['cache_write_input_tokens']),
    reasoningTokens: numberOf(usage['reasoning_output_tokens']),
  });
}
