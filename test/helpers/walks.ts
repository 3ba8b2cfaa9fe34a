// Branches as the tests of walking see them: texts, newest first, each with how its calls ended.

import type { MessageRecord, NewRecord } from '../../src/core/record.ts';
import type { WalkedMessage } from '../../src/store/branch-cursor.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { walkMessages } from '../../src/store/message-walk.ts';
import { messagesForwards, pathIds } from '../../src/store/path-forwards.ts';
import type { StoreLayout } from '../../src/store/store-layout.ts';

/** `text`, or `text(c1=output)` for a message with a call; `text(c1)` while that has no result. */
export function describeWalked({ message, results }: WalkedMessage): string {
  const calls = message.parts.flatMap((part) => {
    if (part.type !== 'tool-call') return [];
    const result = results.get(part.callId);
    const output = result && (result.end?.output ?? `${result.output}…`);
    return [output === undefined ? part.callId : `${part.callId}=${output}`];
  });
  return textOf(message) + (calls.length > 0 ? `(${calls.join()})` : '');
}

function textOf(message: MessageRecord): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The branch that ends in a message; in the active leaf when none is named. */
export function branch(layout: StoreLayout, id: string, leaf?: string | null): string[] {
  const openBase = (base: string): LogReader => LogReader.open(layout, base);
  const reader = openBase(id);
  try {
    const from = leaf === undefined ? reader.fold().head.messageId : leaf;
    return Array.from(walkMessages(reader, from, openBase), describeWalked);
  } finally {
    reader.close();
  }
}

/** The same, read from the beginning of the log. */
export function branchForwards(layout: StoreLayout, id: string, leaf?: string | null): string[] {
  const openBase = (base: string): LogReader => LogReader.open(layout, base);
  const reader = openBase(id);
  try {
    const from = leaf === undefined ? reader.fold().head.messageId : leaf;
    const ids = new Set(pathIds(reader, from, openBase));
    return Array.from(messagesForwards(reader, ids, openBase), describeWalked).reverse();
  } finally {
    reader.close();
  }
}

type Place = { id?: string; parentId?: string | null };

export function says(text: string, place: Place = {}): NewRecord {
  return { type: 'message', role: 'user', parts: [{ type: 'text', text }], ...place };
}

export function calls(text: string, callIds: string[], place: Place = {}): NewRecord {
  const parts = callIds.map((callId) => ({ type: 'tool-call' as const, callId, name: 'bash', input: '{}' }));
  return { type: 'message', role: 'assistant', parts: [{ type: 'text', text }, ...parts], ...place };
}

export function answers(callId: string, output: string): NewRecord {
  return { type: 'tool-end', callId, status: 'ok', output };
}

export function prints(callId: string, text: string): NewRecord {
  return { type: 'tool-output', callId, text };
}

export function goesTo(messageId: string | null): NewRecord {
  return { type: 'head', messageId, pointer: null };
}
