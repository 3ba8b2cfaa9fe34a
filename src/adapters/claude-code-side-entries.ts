// The entries of Claude Code that are no messages: titles, totals, prompts of the system, bookkeeping.

import type { Part } from '../core/record.ts';
import type { ForeignRecord } from './adapter.ts';
import { ClaudeContext } from './claude-code-context.ts';
import { headRecord, LeftOut } from './closing-records.ts';
import type { ClaudeHeader } from './claude-code-header.ts';
import type { Outbox } from './claude-code-outbox.ts';
import type { ClaudeTree, Placed } from './claude-code-tree.ts';
import { listOf, numberOf, objectOf, present, textOf } from './json-values.ts';

const AGENT = 'claude-code';

/**
 * Copies of what was sent to the model: messages and system prompt again, by hash, with a list of all hashes at every
 * request. On long sessions they are most of the file. Everything in them is in the entries they were made from.
 */
const COPIES: ReadonlySet<unknown> = new Set(['api-request', 'api-request-blob', 'api-request-shape']);

export class ClaudeSideEntries {
  readonly #header: ClaudeHeader;
  readonly #tree: ClaudeTree;
  readonly #outbox: Outbox;
  readonly #leftOut = new LeftOut();
  readonly #context = new ClaudeContext();
  readonly #summaries: { leafUuid: string; text: string }[] = [];
  #boundary: Placed | undefined;
  #cost = { startTime: undefined as unknown, total: 0 };

  constructor(header: ClaudeHeader, tree: ClaudeTree, outbox: Outbox) {
    this.#header = header;
    this.#tree = tree;
    this.#outbox = outbox;
  }

  async read(at: Placed): Promise<void> {
    const { value } = at;
    const type = textOf(value['type']) ?? 'unknown';
    if (COPIES.has(type)) {
      await this.#see(objectOf(value['shape']), at);
      this.#leftOut.count(type);
      return;
    }
    if (type === 'attachment' && objectOf(value['attachment'])['type'] === 'prompt_snapshot') {
      await this.#see(objectOf(value['attachment']), at);
      this.#leftOut.count('attachment prompt_snapshot');
      return;
    }
    if (type === 'last-prompt' && typeof value['leafUuid'] === 'string') this.#tree.pointAt(value['leafUuid']);
    if (type === 'system' && value['subtype'] === 'compact_boundary') this.#boundary = at;
    if (type === 'cost-state') this.#addCost(value);
    await this.#names(type, at);
    await this.keep(at, type);
  }

  /** Keeps an entry as it is. */
  async keep(at: Placed, type: string): Promise<void> {
    const { id, value } = at;
    await this.#outbox.push(
      { id, ...present({ at: at.at }), type: 'custom', kind: `${AGENT}:${type}`, value },
      at.lengthBytes,
    );
  }

  /** The summary that stands for everything before it; `messageId` is where the conversation stood. */
  async compaction(at: Placed, parts: readonly Part[], messageId: string): Promise<void> {
    const summary = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
    const metadata = objectOf(this.#boundary?.value['compactMetadata']);
    // Two forms by version of the client; without either nothing was kept.
    const [firstKept] = listOf(objectOf(metadata['preservedMessages'])['uuids']);
    const keptFrom = textOf(firstKept) ?? textOf(objectOf(metadata['preservedSegment'])['headUuid']) ?? '';
    this.#boundary = undefined;
    const record: ForeignRecord = {
      id: at.id,
      type: 'compaction',
      summary,
      messageId,
      firstKeptId: this.#tree.nodeOf(keptFrom) ?? null,
      ...present({ at: at.at, tokensBefore: numberOf(metadata['preTokens']) }),
    };
    await this.#outbox.push(record, at.lengthBytes);
  }

  async end(): Promise<void> {
    // At startup some clients wrote the summaries of other sessions into this one; a summary of this one names an
    // entry of it.
    for (const { leafUuid, text } of this.#summaries) if (this.#tree.has(leafUuid)) await this.#header.title(1, text);
    const messageId = this.#tree.leaf();
    for (const record of [this.#context.record(this.#header.gitBranch), this.#leftOut.record(AGENT)]) {
      if (record !== undefined) await this.#outbox.push(record, 0);
    }
    if (messageId !== null) await this.#outbox.push(headRecord(messageId), 0);
  }

  async #see(snapshot: Placed['value'], at: Placed): Promise<void> {
    if (snapshot['systemPrompt'] === undefined && snapshot['system'] === undefined) return;
    const before = this.#context.see(snapshot, at.id, at.at);
    if (before !== undefined) await this.#outbox.push(before, at.lengthBytes);
  }

  async #names(type: string, { value, id, at }: Placed): Promise<void> {
    if (type === 'custom-title') await this.#header.title(3, textOf(value['customTitle']) ?? '');
    else if (type === 'ai-title') await this.#header.title(2, textOf(value['aiTitle']) ?? '');
    else if (type === 'summary' && typeof value['summary'] === 'string' && typeof value['leafUuid'] === 'string')
      this.#summaries.push({ leafUuid: value['leafUuid'], text: value['summary'] });
    else if (type === 'tag' && typeof value['tag'] === 'string' && value['tag'] !== '') {
      const meta: ForeignRecord = { id: `${id}:tag`, ...present({ at }), type: 'meta', addTags: [value['tag']] };
      await this.#outbox.push(meta, 0);
    }
  }

  /** The client tells the price only as a running total at the end of a turn, so the answer that ends the turn gets it. */
  #addCost(value: Placed['value']): void {
    const total = numberOf(value['totalCostUSD']);
    const answer = this.#outbox.lastOpen();
    if (total === undefined || answer === undefined) return;
    // A resumed client goes on with the total and start time of before, or begins both anew.
    const before = value['startTime'] === this.#cost.startTime ? this.#cost.total : 0;
    this.#cost = { startTime: value['startTime'], total };
    const cost = Number((total - before).toFixed(9));
    if (cost > 0) answer.usage = { ...answer.usage, cost: (answer.usage?.cost ?? 0) + cost };
  }
}
