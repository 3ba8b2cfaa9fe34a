// Turns the lines of one Codex rollout into records, one pass, in file order.

import { stringifyJson } from '../core/json.ts';
import type { ForeignMessage, ForeignRecord, Sink } from './adapter.ts';
import { headRecord, LeftOut } from './closing-records.ts';
import { CodexAnswer, usageOf } from './codex-answer.ts';
import { CodexHeader } from './codex-header.ts';
import { answerPart, promptParts, textsOf } from './codex-items.ts';
import { codexLine } from './codex-lines.ts';
import type { CodexLine } from './codex-lines.ts';
import { providerToolEnd, toolEnd } from './codex-outputs.ts';
import { CodexTwins, repeatedTexts } from './codex-twins.ts';
import type { Entry } from './entry-reader.ts';
import { numberOf, objectOf, present, textOf, without } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

const AGENT = 'codex';
const TURN_EDGES: ReadonlySet<string> = new Set([
  'task_started',
  'turn_started',
  'task_complete',
  'turn_complete',
  'turn_aborted',
]);

export class CodexReader {
  readonly #sink: Sink;
  readonly #header: CodexHeader;
  readonly #answer: CodexAnswer;
  readonly #leftOut = new LeftOut();
  readonly #twins = new CodexTwins(this.#leftOut);
  readonly #ids = new Set<string>();
  /** Calls without an output so far, with what events said of them. */
  readonly #calls = new Map<string, { event?: JsonObject; record?: ForeignRecord }>();
  /** For each prompt on the active branch, the message it hangs under: where a rollback goes back to. */
  readonly #turns: (string | null)[] = [];
  #leaf: string | null = null;
  #countsAnswers = false;
  #totalSoFar = '';

  constructor(sink: Sink, file: string) {
    this.#sink = sink;
    this.#header = new CodexHeader(sink, file);
    this.#answer = new CodexAnswer(sink);
  }

  async read(entry: Entry): Promise<void> {
    const line = codexLine(entry);
    if (line.type !== 'session_meta') await this.#header.tell();
    switch (line.type) {
      case 'session_meta':
        await this.#answer.flush();
        for (const record of await this.#header.meta(line, entry.key)) await this.#sink.record(record);
        return;
      case 'response_item':
        return this.#item(line);
      case 'event_msg':
        return this.#event(line);
      case 'turn_context': {
        await this.#answer.flush();
        const moved = await this.#header.turn(line, entry.key);
        if (moved !== undefined) await this.#sink.record(moved);
        return this.#keep(line, line.type);
      }
      case 'compacted':
        return this.#compacted(line);
      case 'token_usage_record':
        this.#countsAnswers = true;
        this.#count(objectOf(line.payload['usage']), true);
        return this.#leftOut.count(line.type);
      default:
        return this.#keep(line, line.type);
    }
  }

  async end(): Promise<void> {
    await this.#endTurn();
    for (const { record } of this.#calls.values()) if (record !== undefined) await this.#sink.record(record);
    const leftOut = this.#leftOut.record(AGENT);
    if (leftOut !== undefined) await this.#sink.record(leftOut);
    if (this.#leaf !== null || this.#turns.length > 0) await this.#sink.record(headRecord(this.#leaf));
  }

  async #item(line: CodexLine): Promise<void> {
    const { payload, entry } = line;
    const part = answerPart(payload, entry.key);
    if (part !== undefined) return this.#answerItem(line, part);
    const type = textOf(payload['type']) ?? 'unknown';
    if (type === 'message' && payload['role'] !== undefined) return this.#prompt(line);
    const callId = textOf(payload['call_id']) ?? '';
    const call = this.#calls.get(callId);
    // Without its call (on a damaged line, or answered already) an output is kept as it is.
    if (!type.endsWith('_output') || call === undefined) return this.#keep(line, type);
    this.#calls.delete(callId);
    await this.#answer.output(toolEnd(line, this.#idOf(line), callId, call.event), entry.lengthBytes);
  }

  async #answerItem(line: CodexLine, { parts, taken }: NonNullable<ReturnType<typeof answerPart>>): Promise<void> {
    const { payload, entry } = line;
    const id = this.#idOf(line);
    if (this.#answer.isOver) {
      await this.#answer.flush();
      const message: ForeignMessage = {
        id,
        ...present({ at: line.at }),
        type: 'message',
        parentId: this.#leaf,
        role: 'assistant',
        parts: [],
        ...present({ model: this.#header.model }),
      };
      this.#answer.begin(message);
      this.#leaf = id;
    }
    this.#answer.add(parts, without({ ...payload, metadata: line.metadata }, new Set(taken)));
    this.#twins.item(textsOf(payload));
    for (const part of parts) {
      if (part.type !== 'tool-call') continue;
      const end = providerToolEnd(line, `${id}:end`, part.callId);
      if (end === undefined) this.#calls.set(part.callId, {});
      else await this.#answer.beside(end, entry.lengthBytes);
    }
  }

  async #prompt(line: CodexLine): Promise<void> {
    await this.#answer.flush();
    const { payload } = line;
    const id = this.#idOf(line);
    const { role, parts } = promptParts(payload);
    const raw = without(
      { ...payload, metadata: line.metadata },
      new Set(['type', 'content', ...(role === 'user' ? ['role'] : [])]),
    );
    if (role === 'user') this.#turns.push(this.#leaf);
    this.#twins.item(textsOf(payload));
    const message: ForeignMessage = {
      id,
      ...present({ at: line.at }),
      type: 'message',
      parentId: this.#leaf,
      role,
      parts,
      ...present({ raw }),
    };
    await this.#sink.record(message);
    this.#leaf = id;
  }

  async #event(line: CodexLine): Promise<void> {
    const { payload, entry } = line;
    const type = textOf(payload['type']) ?? 'unknown';
    const texts = repeatedTexts(payload);
    if (texts !== undefined) {
      for (const late of this.#twins.event(type, texts, this.#custom(line, type))) await this.#answer.beside(late, 0);
      return;
    }
    const details = objectOf(type === 'item_completed' ? payload['item'] : payload);
    const call = this.#calls.get(textOf(details['call_id']) ?? textOf(details['id']) ?? '');
    if (call !== undefined && call.event === undefined) {
      // Goes into the record of the call's end, and stands alone when the call never ends.
      call.event = details;
      call.record = this.#custom(line, type);
      return;
    }
    if (type === 'token_count') {
      const info = objectOf(payload['info']);
      const total = stringifyJson(info['total_token_usage'] ?? null);
      // Written again, with the same numbers, whenever limits are told.
      if (!this.#countsAnswers && total !== this.#totalSoFar) this.#count(objectOf(info['last_token_usage']), false);
      this.#totalSoFar = total;
      return this.#leftOut.count(`event_msg ${type}`);
    }
    if (TURN_EDGES.has(type)) await this.#endTurn();
    if (type === 'thread_rolled_back') await this.#rollBack(numberOf(payload['num_turns']) ?? 0);
    if (type === 'thread_name_updated') await this.#header.say(present({ title: textOf(payload['thread_name']) }));
    await this.#answer.beside(this.#custom(line, type), entry.lengthBytes);
  }

  /** The last prompts and what followed them leave the conversation; they stay as a branch. */
  async #rollBack(turns: number): Promise<void> {
    await this.#answer.flush();
    const first = Math.max(0, this.#turns.length - turns);
    const parentId = this.#turns[first];
    if (parentId === undefined) return;
    this.#turns.length = first;
    this.#leaf = parentId;
  }

  async #compacted(line: CodexLine): Promise<void> {
    await this.#answer.flush();
    const { payload, entry } = line;
    const summary = textOf(payload['message']) ?? '';
    // A summary that only its provider can open is none to us: then the originals go on being sent.
    if (summary !== '' && this.#leaf !== null) {
      await this.#sink.record({
        id: `${entry.key}:compaction`,
        ...present({ at: line.at }),
        type: 'compaction',
        summary,
        messageId: this.#leaf,
        firstKeptId: null,
      });
    }
    await this.#keep(line, line.type);
  }

  async #endTurn(): Promise<void> {
    await this.#answer.flush();
    for (const record of this.#twins.take()) await this.#sink.record(record);
  }

  async #keep(line: CodexLine, type: string): Promise<void> {
    await this.#answer.beside(this.#custom(line, type), line.entry.lengthBytes);
  }

  #custom(line: CodexLine, type: string): ForeignRecord {
    const { key, value } = line.entry;
    return { id: key, ...present({ at: line.at }), type: 'custom', kind: `${AGENT}:${type}`, value };
  }

  #count(usage: JsonObject, isLast: boolean): void {
    const tokens = usageOf(usage);
    if (tokens !== undefined) this.#answer.count(tokens, isLast);
  }

  /** The item's own id, which survives a rewriting of the file; its place where it has none or repeats one. */
  #idOf({ payload, entry }: CodexLine): string {
    const own = textOf(payload['id']);
    const id = own === undefined || this.#ids.has(own) ? entry.key : own;
    this.#ids.add(id);
    return id;
  }
}
