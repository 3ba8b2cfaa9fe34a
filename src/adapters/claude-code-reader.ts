// Turns the entries of one Claude Code session into records, one pass, in file order.

import type { Usage } from '../core/record.ts';
import type { ForeignMessage, Sink } from './adapter.ts';
import { ClaudeHeader } from './claude-code-header.ts';
import { Outbox } from './claude-code-outbox.ts';
import { blocksOf, isToolResult, partOf, userParts } from './claude-code-parts.ts';
import { toolEnd } from './claude-code-results.ts';
import { ClaudeSideEntries } from './claude-code-side-entries.ts';
import { ClaudeTree, MAIN_THREAD, threadOf } from './claude-code-tree.ts';
import type { Placed } from './claude-code-tree.ts';
import { savedOutput } from './claude-code-outputs.ts';
import type { Entry } from './entry-reader.ts';
import { numberOf, objectOf, present, presentOrNone, textOf, timeOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

export class ClaudeReader {
  readonly #tree = new ClaudeTree();
  readonly #header: ClaudeHeader;
  readonly #outbox: Outbox;
  readonly #side: ClaudeSideEntries;
  /** Calls without a result so far. */
  readonly #calls = new Set<string>();
  readonly #file: string;
  #ownFileOfSubagent: boolean | undefined;

  constructor(sink: Sink, file: string) {
    this.#file = file;
    this.#header = new ClaudeHeader(sink, file);
    this.#outbox = new Outbox(sink);
    this.#side = new ClaudeSideEntries(this.#header, this.#tree, this.#outbox);
  }

  async read(entry: Entry): Promise<void> {
    const { value } = entry;
    const moved = await this.#header.see(entry);
    if (moved !== undefined) await this.#outbox.push(moved, 0);
    if (typeof value['isSidechain'] === 'boolean') this.#ownFileOfSubagent ??= value['isSidechain'];
    const uuid = textOf(value['uuid']);
    const at: Placed = {
      ...entry,
      id: uuid ?? entry.key,
      at: timeOf(value['timestamp']),
      thread: threadOf(value, this.#ownFileOfSubagent === true),
      parentId: null,
    };
    if (uuid !== undefined && this.#tree.has(uuid)) {
      // Written again by a resumed client. The first one has its place; this one is kept beside it.
      await this.#side.keep({ ...at, id: entry.key }, 'repeated');
      return;
    }
    at.parentId = this.#tree.parentOf(value, at.thread);
    switch (value['type']) {
      case 'user':
        return this.#user(at);
      case 'assistant':
        return this.#assistant(at);
      default: {
        const prompt = queuedPrompt(value);
        if (prompt !== undefined) return this.#prompt(at, blocksOf(prompt));
        if (uuid !== undefined) this.#tree.place(value, at.thread, at.parentId);
        return this.#side.read(at);
      }
    }
  }

  async end(): Promise<void> {
    await this.#outbox.end();
    await this.#side.end();
  }

  async #user(at: Placed): Promise<void> {
    const blocks = blocksOf(objectOf(at.value['message'])['content']);
    const results = blocks.filter(isToolResult);
    const rest = blocks.filter((block) => !isToolResult(block));
    await this.#results(at, results, rest.length === 0 && results.length === 1);
    if (rest.length > 0) return this.#prompt(at, rest);
    this.#tree.place(at.value, at.thread, at.parentId);
    if (results.length === 0) await this.#side.keep(at, 'user');
  }

  async #results(at: Placed, results: readonly JsonObject[], alone: boolean): Promise<void> {
    for (const [index, block] of results.entries()) {
      const callId = textOf(block['tool_use_id']) ?? '';
      const id = alone ? at.id : `${at.id}#${index}`;
      const detail = index === 0 ? at.value['toolUseResult'] : undefined;
      if (this.#calls.delete(callId)) {
        const rest = index === 0 ? this.#header.rest(at.value, ['toolUseResult']) : undefined;
        const end = toolEnd(block, callId, at.value, detail, { id, at: at.at, rest });
        const saved = await savedOutput(end.output ?? '', this.#file);
        if (saved !== undefined) end.parts = [...(end.parts ?? []), saved];
        await this.#outbox.push(end, at.lengthBytes);
      } else {
        // Its call is on a damaged line, or it has a result already.
        await this.#side.keep({ ...at, id, value: present({ block, toolUseResult: detail }) }, 'tool_result');
      }
    }
  }

  /** A user entry with words in it. */
  async #prompt(at: Placed, blocks: readonly JsonObject[]): Promise<void> {
    const { value, thread, parentId } = at;
    const { role, parts } = userParts(blocks);
    if (value['isCompactSummary'] === true && parentId !== null) {
      this.#tree.place(value, thread, parentId);
      return this.#side.compaction(at, parts, parentId);
    }
    // The task given to a subagent is the model's words, and so is what the client says in the user's name.
    const isSystem = thread !== MAIN_THREAD || value['isMeta'] === true || value['isCompactSummary'] === true;
    const raw = this.#header.rest(value, ['toolUseResult']);
    await this.#outbox.close(parentId);
    const message: ForeignMessage = {
      id: at.id,
      ...present({ at: at.at }),
      type: 'message',
      parentId,
      role: isSystem ? 'system' : role,
      parts,
      ...present({ raw }),
    };
    await this.#outbox.push(message, at.lengthBytes);
    this.#tree.place(value, thread, at.id);
  }

  async #assistant(at: Placed): Promise<void> {
    const { value, thread, parentId } = at;
    const message = objectOf(value['message']);
    const key = textOf(message['id']) ?? at.id;
    const blocks = blocksOf(message['content']);
    const parts = blocks.filter((block) => !isToolResult(block)).map(partOf);
    const open = this.#outbox.open(key);
    const entries = [this.#header.rest(value)].filter((rest) => rest !== undefined);
    const raw = presentOrNone({
      message: this.#messageRest(message),
      entries: entries.length > 0 ? entries : undefined,
    });
    if (open !== undefined) {
      const have = new Set(open.parts.map((part) => (part.type === 'tool-call' ? part.callId : undefined)));
      open.parts.push(...parts.filter((part) => part.type !== 'tool-call' || !have.has(part.callId)));
      const cost = open.usage?.cost;
      open.usage = { ...(usageOf(value, message) ?? open.usage), ...present({ cost }) };
      open.raw = {
        ...raw,
        entries: [...((open.raw as { entries?: unknown[] } | undefined)?.entries ?? []), ...entries],
      };
      this.#tree.place(value, thread, open.id);
    } else {
      await this.#outbox.close(parentId);
      // A block that comes after answers to its message becomes a message of its own; its tokens were counted there.
      const usage = this.#outbox.wasClosed(key) ? undefined : usageOf(value, message);
      const model = modelOf(message);
      if (model !== undefined && thread === MAIN_THREAD) await this.#header.say({ model });
      const record: ForeignMessage = {
        id: at.id,
        ...present({ at: at.at }),
        type: 'message',
        parentId,
        role: 'assistant',
        parts,
        ...present({ model, usage, durationMs: numberOf(value['durationMs']), raw }),
      };
      await this.#outbox.pushOpen(key, record, at.lengthBytes);
      this.#tree.place(value, thread, at.id);
    }
    for (const part of parts) if (part.type === 'tool-call') this.#calls.add(part.callId);
    await this.#results({ ...at, id: `${at.id}:result`, value: {} }, blocks.filter(isToolResult), false);
  }

  #messageRest(message: JsonObject): JsonObject | undefined {
    return presentOrNone({ ...message, content: undefined, role: undefined, type: undefined });
  }
}

/** What was typed while the model was at work reaches it as an attachment; it is a prompt like any other. */
function queuedPrompt(entry: JsonObject): unknown {
  const attachment = objectOf(entry['attachment']);
  const isPrompt = attachment['type'] === 'queued_command' && (attachment['commandMode'] ?? 'prompt') === 'prompt';
  return isPrompt && entry['type'] === 'attachment' ? attachment['prompt'] : undefined;
}

/** Lines the client makes up itself (an error, an interruption) name a model that is none. */
function modelOf(message: JsonObject): string | undefined {
  const model = textOf(message['model']);
  return model === '<synthetic>' ? undefined : model;
}

/** Every line of an answer repeats the tokens of the whole answer, the last one the final numbers. */
function usageOf(entry: JsonObject, message: JsonObject): Usage | undefined {
  const usage = objectOf(message['usage']);
  return presentOrNone({
    inputTokens: numberOf(usage['input_tokens']),
    outputTokens: numberOf(usage['output_tokens']),
    cacheReadTokens: numberOf(usage['cache_read_input_tokens']),
    cacheWriteTokens: numberOf(usage['cache_creation_input_tokens']),
    reasoningTokens: numberOf(objectOf(usage['output_tokens_details'])['thinking_tokens']),
    // Clients before 1.0.20 or so wrote the price on the line.
    cost: numberOf(entry['costUSD']),
  });
}
