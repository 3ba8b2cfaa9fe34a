// Turns the files of one Gemini CLI session into records. Two passes over each file: the first finds out which messages
// there are, the second reads the version of each that counts and gives it to the sink.

import type { ForeignHeader, ForeignRecord, Sink } from './adapter.ts';
import { headRecord, LeftOut } from './closing-records.ts';
import { GeminiHistory } from './gemini-cli-history.ts';
import type { Slot, Version } from './gemini-cli-history.ts';
import { GeminiMessages } from './gemini-cli-messages.ts';
import { textOfContent } from './gemini-cli-parts.ts';
import type { EntryPlace, GeminiSource } from './gemini-cli-source.ts';
import { isObject, listOf, objectOf, present, textOf, timeOf, without } from './json-values.ts';
import type { JsonObject } from './json-values.ts';
import type { Entry } from './entry-reader.ts';

/** Fields of `$set` that say nothing of their own. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  'messages',
  'lastUpdated',
  'sessionId',
  'projectHash',
  'startTime',
  'kind',
]);

export class GeminiReader {
  readonly #sink: Sink;
  readonly #leftOut = new LeftOut();
  readonly #messages: GeminiMessages;
  /** Id of the message that answers hang under, by the id of the message before them; shared by the files. */
  readonly #nodes = new Map<string, string | null>();
  #header: ForeignHeader;
  #leaf: string | null | undefined;

  constructor(sink: Sink, header: ForeignHeader) {
    this.#sink = sink;
    this.#header = header;
    this.#messages = new GeminiMessages(sink, this.#leftOut);
  }

  async readFile(source: GeminiSource): Promise<void> {
    const history = new GeminiHistory();
    const beside: ForeignRecord[] = [];
    for await (const entry of source.entries(this.#sink)) this.#take(entry, history, beside);
    await this.#sink.header(this.#header);
    for (const record of beside) await this.#sink.record(record);
    const spoke = await this.#emit(history, source);
    for (let i = 0; i < history.replaced; i++) this.#leftOut.count('replaced message');
    // Every resume in a later minute leaves a file with nothing but the context in it.
    if (spoke || this.#leaf === undefined) this.#leaf = this.#leafOf(history);
  }

  async end(): Promise<void> {
    const leftOut = this.#leftOut.record('gemini-cli');
    if (leftOut !== undefined) await this.#sink.record(leftOut);
    if (this.#leaf !== undefined && this.#nodes.size > 0) await this.#sink.record(headRecord(this.#leaf));
  }

  #take(entry: Entry & { place: EntryPlace }, history: GeminiHistory, beside: ForeignRecord[]): void {
    const { value, key, place } = entry;
    const id = textOf(value['id']);
    if (typeof value['$rewindTo'] === 'string') {
      history.rewind(value['$rewindTo']);
      this.#leftOut.count('$rewindTo');
    } else if (id !== undefined) {
      history.message(value, id, place);
      this.#context(value);
      if (value['type'] === 'gemini') this.#say({ model: textOf(value['model']) });
    } else if (isObject(value['$set']) || typeof value['sessionId'] === 'string') {
      const fields = objectOf(value['$set'] ?? value);
      this.#metadata(fields);
      if (Array.isArray(fields['messages'])) {
        history.replace(fields['messages'], key, place);
        this.#context(objectOf(fields['messages'][0]));
      }
      const rest = without(fields, BOOKKEEPING);
      if (rest === undefined) this.#leftOut.count('$set' in value ? `$set ${Object.keys(fields).join(' ')}` : 'header');
      else beside.push(custom(key, timeOf(fields['lastUpdated']), 'metadata', rest));
    } else {
      beside.push(custom(key, timeOf(value['timestamp']), 'unknown', value));
    }
  }

  #metadata(fields: JsonObject): void {
    const folder = textOf(listOf(fields['directories'])[0]);
    this.#say({
      createdAt: this.#header.createdAt ?? timeOf(fields['startTime']),
      title: textOf(fields['summary']),
      project: this.#header.project ?? (folder === undefined ? undefined : { path: folder }),
    });
  }

  /** Where neither the folder nor a field tells the project, the first words to the model do. */
  #context(message: JsonObject): void {
    if (this.#header.project !== undefined || message['type'] !== 'user') return;
    const folder = /^<session_context>[^]*?\n- \*\*Workspace Directories:\*\*\n\s*- ([^\n]+)/.exec(
      textOfContent(message['content']),
    );
    if (folder !== null) this.#say({ project: { path: folder[1]! } });
  }

  #say(patch: { [Field in keyof ForeignHeader]?: ForeignHeader[Field] | undefined }): void {
    this.#header = { ...this.#header, ...present(patch) };
  }

  /** Gives every message to the sink, parents first. True when a user or the model said something new. */
  async #emit(history: GeminiHistory, source: GeminiSource): Promise<boolean> {
    const before = new Map<Slot, Slot | undefined>();
    let previous: Slot | undefined;
    for (const slot of history.current) {
      before.set(slot, previous);
      previous = slot;
    }
    const parentOf = (slot: Slot): Slot | undefined => (before.has(slot) ? before.get(slot) : slot.previous);
    let spoke = false;
    for (const slot of history.slots.values()) {
      const path: Slot[] = [];
      for (let at: Slot | undefined = slot; at !== undefined && !this.#nodes.has(at.id); at = parentOf(at))
        path.push(at);
      for (const next of path.reverse()) {
        const parent = parentOf(next);
        const parentId = parent === undefined ? null : this.#nodes.get(parent.id)!;
        const node = await this.#messages.give(next, await merged(next, source), parentId);
        this.#nodes.set(next.id, node.id);
        spoke ||= node.spoke;
      }
    }
    return spoke;
  }

  #leafOf(history: GeminiHistory): string | null {
    const { last } = history;
    return last === undefined ? null : this.#nodes.get(last.id)!;
  }
}

/**
 * The last version of a message, with what an earlier one has more: a replaced history holds what the model gets and
 * lacks model, tokens and the client's list of calls; and the results in it may be masked to save tokens.
 */
async function merged({ line, set, setIsNewer }: Slot, source: GeminiSource): Promise<JsonObject> {
  const lineValue = line === undefined ? undefined : await source.load(line);
  const setValue = set === undefined ? undefined : await versionAt(set, source);
  if (lineValue === undefined || setValue === undefined) return lineValue ?? setValue ?? {};
  const value = setIsNewer ? { ...lineValue, ...setValue } : { ...setValue, ...lineValue };
  return lineValue['toolCalls'] === undefined ? value : { ...value, toolCalls: lineValue['toolCalls'] };
}

async function versionAt(version: Version, source: GeminiSource): Promise<JsonObject> {
  const value = await source.load(version);
  return objectOf(listOf(objectOf(value['$set'] ?? value)['messages'])[version.index ?? 0]);
}

function custom(id: string, at: string | undefined, kind: string, value: unknown): ForeignRecord {
  return { id, ...present({ at }), type: 'custom', kind: `gemini-cli:${kind}`, value };
}
