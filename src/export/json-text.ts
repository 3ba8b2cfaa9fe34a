// JSON text of a value of which parts stream in, the same text that JSON.stringify would make of the whole.

import { stringifyJson } from '../core/json.ts';
import type { StreamedValue } from './document.ts';
import { holdsStreamed, StreamedList, StreamedText } from './document.ts';

export async function* jsonText(value: StreamedValue): AsyncGenerator<string> {
  if (value instanceof StreamedText) yield* jsonString(value);
  else if (value instanceof StreamedList) yield* list(value.items);
  else if (!holdsStreamed(value)) yield stringifyJson(value);
  else if (Array.isArray(value)) yield* list(value);
  else yield* object(value as object);
}

/** One JSON string, quotes included. */
export async function* jsonString(text: StreamedText): AsyncGenerator<string> {
  yield '"';
  // The second half of a character may be the beginning of the next piece.
  let half = '';
  for await (const piece of text.pieces()) {
    const whole = half + piece;
    half = /[\ud800-\udbff]$/.test(whole) ? whole.slice(-1) : '';
    yield stringifyJson(half === '' ? whole : whole.slice(0, -1)).slice(1, -1);
  }
  yield `${stringifyJson(half).slice(1, -1)}"`;
}

async function* list(items: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string> {
  let separator = '[';
  for await (const item of items) {
    yield separator;
    yield* jsonText(item ?? null);
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

async function* object(value: object): AsyncGenerator<string> {
  let separator = '{';
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    yield `${separator}${stringifyJson(key)}:`;
    yield* jsonText(field);
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}
