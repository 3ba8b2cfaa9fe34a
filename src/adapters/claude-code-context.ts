// The system prompt and tools of a Claude Code session. The client writes them again and again, in two forms; a
// `context` record is whole, so one per different prompt says the same.

import type { ForeignRecord } from './adapter.ts';
import { isObject, listOf, objectOf, present, presentOrNone, textOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

export class ClaudeContext {
  #systemPrompt: string | undefined;
  #tools: readonly unknown[] | undefined;
  #hasSnapshot = false;
  #id = '';
  #at: string | undefined;

  /**
   * Takes in a `prompt_snapshot` attachment or the shape of a request. Gives the context before it when that one had
   * another system prompt; a snapshot with tools completes an earlier one without.
   */
  see(snapshot: JsonObject, id: string, at: string | undefined): ForeignRecord | undefined {
    const isRequest = snapshot['systemPrompt'] === undefined;
    // Requests are made for other ends too (a title for the session), with prompts of their own.
    if (isRequest && this.#hasSnapshot) return undefined;
    this.#hasSnapshot ||= !isRequest;
    const texts = listOf(snapshot['systemPrompt'] ?? snapshot['system']).map(
      (text) => textOf(objectOf(text)['text']) ?? textOf(text) ?? '',
    );
    // Joined as the client joins them for the request, which has one line of its own before them.
    const systemPrompt = (isRequest ? texts.slice(-1) : texts).join('\n\n');
    const tools = snapshot['tools'] === undefined ? undefined : listOf(snapshot['tools']).map(toolOf);
    if (systemPrompt === this.#systemPrompt) {
      this.#tools ??= tools;
      return undefined;
    }
    const before = this.record();
    this.#systemPrompt = systemPrompt;
    this.#tools = tools;
    this.#id = id;
    this.#at = at;
    return before;
  }

  /** The context as it stands; undefined when nothing is known of it. */
  record(gitBranch?: string): ForeignRecord | undefined {
    const context = presentOrNone({ systemPrompt: this.#systemPrompt, tools: this.#tools?.slice(), gitBranch });
    if (context === undefined) return undefined;
    const kind = this.#tools === undefined ? 'prompt' : 'context';
    return { id: `${this.#id}:${kind}`, ...present({ at: this.#at }), type: 'context', context };
  }
}

/** Snapshots hold each tool twice: as the client names it, and as sent to the model. */
function toolOf(tool: unknown): unknown {
  const schema = objectOf(tool)['schema'];
  return isObject(schema) ? schema : tool;
}
