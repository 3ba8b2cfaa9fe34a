// The session as YAML 1.2, for people: the same value as in a format 1 document, message by message. Texts of any length
// are written as one double-quoted string, which in YAML is a JSON string.

import { randomUUID } from 'node:crypto';
import { stringifyJson } from '../core/json.ts';
import { needsQuotes, safeJson } from '../core/safe-text.ts';
import type { StreamedValue } from './document.ts';
import { joined, StreamedList, StreamedText } from './document.ts';
import { jsonString } from './json-text.ts';

type ToYaml = (value: unknown) => string;
type Fields = Readonly<Record<string, StreamedValue>>;

/** `title` stands in a comment above the document. */
export function exportYaml(session: Fields, title: string): AsyncGenerator<string> {
  return joined(document(session, title));
}

async function* document(session: Fields, title: string): AsyncGenerator<string> {
  const toYaml = await yamlWriter();
  yield `# ${safeJson(title).replace(/\s+/g, ' ')}\n`;
  yield* fields(session, toYaml, 0);
}

/** Goes into objects only where a list streams in them; everything else is small enough to be made in one go. */
async function* fields(value: Fields, toYaml: ToYaml, indentation: number): AsyncGenerator<string> {
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    if (field instanceof StreamedList) yield* list(key, field, toYaml, indentation);
    else if (holdsList(field)) {
      yield indented(`${key}:\n`, indentation);
      yield* fields(field as Fields, toYaml, indentation + 2);
    } else yield* whole({ [key]: field }, toYaml, indentation);
  }
}

async function* list(
  key: string,
  { items }: StreamedList,
  toYaml: ToYaml,
  indentation: number,
): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const item of items) {
    if (isEmpty) yield indented(`${key}:\n`, indentation);
    isEmpty = false;
    yield* whole([item], toYaml, indentation + 2);
  }
  if (isEmpty) yield indented(`${key}: []\n`, indentation);
}

/** One value, with marks in the places of its long texts, which then are put there. */
async function* whole(value: StreamedValue, toYaml: ToYaml, indentation: number): AsyncGenerator<string> {
  const texts = new Map<string, StreamedText>();
  const yaml = indented(toYaml(marked(value, texts)), indentation);
  let rest = yaml;
  for (const [mark, text] of texts) {
    const at = rest.indexOf(mark);
    yield rest.slice(0, at);
    for await (const piece of jsonString(text)) yield safeJson(piece);
    rest = rest.slice(at + mark.length);
  }
  yield rest;
}

/** Marks are found in the order they are made, which is that of the keys. */
function marked(value: StreamedValue, texts: Map<string, StreamedText>): unknown {
  if (value instanceof StreamedText) {
    // A letter first, so that it is written plain; nothing in the session can know it.
    const mark = `t${randomUUID()}`;
    texts.set(mark, value);
    return mark;
  }
  if (typeof value !== 'object' || value === null || value.constructor === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => marked(item, texts));
  if (value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, marked(field, texts)]));
}

function holdsList(value: StreamedValue): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return value instanceof StreamedList || Object.values(value).some(holdsList);
}

/** Lines inside block scalars move along with the rest; empty lines stay empty. */
function indented(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

async function yamlWriter(): Promise<ToYaml> {
  const { Document, visit } = await import('yaml');
  return (value) => {
    const document = new Document(plainData(value));
    visit(document, {
      Scalar(_key, node) {
        if (typeof node.value === 'string' && needsQuotes(node.value)) node.type = 'QUOTE_DOUBLE';
      },
    });
    // As JSON: folded over lines, the library loses a space here and adds a backslash there.
    return safeJson(document.toString({ lineWidth: 0, doubleQuotedAsJSON: true }));
  };
}

/** The same value with undefined left out and the integers that a double cannot hold as BigInt. */
function plainData(value: unknown): unknown {
  return JSON.parse(stringifyJson(value), (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined) return value;
    return /^-?[0-9]+$/.test(context.source) ? BigInt(context.source) : value;
  });
}
