// Sessions of Gemini CLI clients before 0.30: one pretty-printed JSON document each, which a crash may have cut off. The
// whole messages of a cut document are read all the same.

import { SessionError, systemError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { openFile } from './gemini-cli-source.ts';
import type { EntryPlace, GeminiSource } from './gemini-cli-source.ts';
import { isObject, objectOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';
import { LINE_BYTES_MAX } from './line-reader.ts';

/** Reads the document into memory, as its one value would be anyway. Throws IMPORT_REFUSED when it is too large. */
export async function openDocument(file: string, prefix: string): Promise<GeminiSource> {
  const handle = await openFile(file);
  let text: string;
  try {
    const { size } = await handle.stat();
    if (size > LINE_BYTES_MAX)
      throw new SessionError('IMPORT_REFUSED', `${file} is one JSON document of more than ${LINE_BYTES_MAX} bytes`, {
        op: 'import',
        path: file,
        hint: 'resume the session once with a newer client, which turns it into JSON Lines, and import that file',
      });
    text = await handle.readFile('utf8');
  } catch (error) {
    throw systemError(error, 'read', file);
  } finally {
    await handle.close();
  }
  const { start, end, elements } = messageSpans(text);
  return {
    async *entries(sink) {
      const outside =
        start === text.length ? text : `${text.slice(0, start)}${end === undefined ? ']}' : text.slice(end)}`;
      let [offset, offsetBytes] = [0, 0];
      for (const place of [{ offset: 0, length: 0 }, ...elements]) {
        offsetBytes += Buffer.byteLength(text.slice(offset, place.offset));
        offset = place.offset;
        const json = place.length === 0 ? outside : slice(text, place);
        const value = parsedOrNone(json);
        const key = place.length === 0 ? `${prefix}@document` : `${prefix}@${offsetBytes}`;
        const lengthBytes = Buffer.byteLength(json);
        if (value !== undefined) yield { value, key, line: 0, offsetBytes, lengthBytes, place };
        else {
          const reason = end === undefined ? 'cut off in the middle' : 'not valid JSON';
          await sink.unreadable({ id: key, reason, path: file, offsetBytes, lengthBytes, text: json });
        }
      }
    },
    load: async (place) => objectOf(parseJson(slice(text, place))),
    close: () => Promise.resolve(),
  };
}

function slice(text: string, { offset, length }: EntryPlace): string {
  return text.slice(offset, offset + length);
}

function parsedOrNone(json: string): JsonObject | undefined {
  try {
    const value = parseJson(json);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SessionError) return undefined;
    throw error;
  }
}

/** Where the elements of the top-level array `messages` lie. A last element that is cut off is one of them. */
function messageSpans(text: string): { start: number; end: number | undefined; elements: EntryPlace[] } {
  const elements: EntryPlace[] = [];
  const found = { start: text.length, end: undefined as number | undefined, elements };
  let depth = 0;
  let key = '';
  let elementAt = -1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') {
      const at = i;
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (depth === 1) key = text.slice(at + 1, i);
    } else if (character === '{' || character === '[') {
      if (depth === 1 && key === 'messages' && character === '[') found.start = i + 1;
      else if (depth === 2 && found.start <= i && found.end === undefined) elementAt = i;
      depth++;
    } else if (character === '}' || character === ']') {
      depth--;
      if (depth === 2 && elementAt >= 0) elements.push({ offset: elementAt, length: i + 1 - elementAt });
      if (depth === 2) elementAt = -1;
      if (depth === 1 && found.start <= i) found.end ??= i;
    }
  }
  if (elementAt >= 0) elements.push({ offset: elementAt, length: text.length - elementAt });
  return found;
}
