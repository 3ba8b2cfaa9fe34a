// What a Session object held when it last agreed with the log. A save compares the object with its own image and not
// with the log: what others changed in the log meanwhile must not be taken back by it.

import { stringifyJson } from '../../core/json.ts';
import { sha256Hex } from '../../store/hashing.ts';
import type { ConversationMessage, Session, ToolState } from '../types/session-types.ts';

export interface SessionImage {
  /** JSON of everything but the messages, by name: `name`, `state/openFiles`, `tool/bash`. */
  facets: ReadonlyMap<string, string>;
  messages: ReadonlyMap<string, MessageImage>;
  /** Message that the object's next one goes under, unless it says otherwise. */
  leaf: string | null;
}

export interface MessageImage {
  /** SHA-256 of the message without the results of its calls. */
  hash: string;
  /** SHA-256 of each result, by call id. */
  results: ReadonlyMap<string, string>;
}

/** The image of a session as it is now. `leaf` counts where the object holds no message. */
export function imageOf(session: Session, leaf: string | null): SessionImage {
  const { messages } = session.history;
  const known = messages.flatMap((message) =>
    message.id === undefined ? [] : [[message.id, messageImage(message)] as const],
  );
  return { facets: facetsOf(session), messages: new Map(known), leaf: messages.at(-1)?.id ?? leaf };
}

export function facetsOf(session: Session): Map<string, string> {
  const { name, description = '', metadata, state, history, tools, files, config } = session;
  const { tags = [], links = [], status, outcome = '', project = { path: state.workingDirectory } } = metadata;
  const { workingDirectory, ...otherFiles } = files;
  const facets = new Map<string, string>();
  const put = (facet: string, value: unknown): void => {
    if (value !== undefined) facets.set(facet, stringifyJson(value));
  };
  for (const [facet, value] of Object.entries({ name, description, tags, links, status, outcome, project })) {
    put(facet, value);
  }
  put('directory', workingDirectory);
  put('files', otherFiles);
  put('context', history.context);
  for (const [key, value] of Object.entries(state)) put(`state/${key}`, value);
  for (const [key, value] of Object.entries(config)) put(`config/${key}`, value);
  for (const tool of tools) put(`tool/${tool.toolName}`, toolValue(tool));
  for (const { id } of history.checkpoints) put(`checkpoint/${id}`, id);
  return facets;
}

export function toolValue({ configuration, cache, lastUsed, usageCount }: ToolState): object {
  return { configuration: configuration ?? null, cache: cache ?? null, lastUsed, usageCount };
}

export function messageImage(message: ConversationMessage): MessageImage {
  const { role, content, model = null, usage = null, raw = null } = message;
  const given = message.parts ?? (content === '' ? [] : [{ type: 'text' as const, text: content }]);
  const parts = given.filter((part) => part.type !== 'tool-result');
  const results = given.flatMap((part) => (part.type === 'tool-result' ? [[part.callId, hashOf(part)] as const] : []));
  return { hash: hashOf([role, content, model, usage, raw, parts]), results: new Map(results) };
}

function hashOf(value: unknown): string {
  return sha256Hex(Buffer.from(stringifyJson(value)));
}
