// The envelope of `--format json`, written as it comes: a transcript of a million messages needs no more memory than
// one of them. When reading fails half way, the list is closed and the error stands in `errors`: the document is JSON.

import { stringifyJson } from '../../core/json.ts';
import { safeJson } from '../../core/safe-text.ts';
import type { Answer } from './answer.ts';
import type { Closing } from './closing.ts';

export function jsonText(value: unknown): string {
  return safeJson(stringifyJson(value));
}

/** `close` is asked once, after the last item: only then are exit code, warnings and duration known. */
export async function* jsonEnvelope(
  answer: Pick<Answer, 'data' | 'list'> | null,
  close: (failure: unknown) => Closing,
): AsyncIterable<string> {
  let failure: unknown;
  if (answer === null) yield '{"data":null';
  else if (answer.list === undefined) yield `{"data":${jsonText(answer.data)}`;
  else {
    const fields = Object.entries(answer.data).map(([key, value]) => `${jsonText(key)}:${jsonText(value ?? null)},`);
    yield `{"data":{${fields.join('')}${jsonText(answer.list.key)}:[`;
    try {
      let separator = '\n';
      for await (const item of answer.list.items) {
        yield separator + jsonText(item);
        separator = ',\n';
      }
    } catch (error) {
      failure = error;
    }
    yield ']}';
  }
  const { warnings, errors, metadata } = close(failure);
  yield `,"warnings":${jsonText(warnings)},"errors":${jsonText(errors)},"metadata":${jsonText(metadata)}}\n`;
}
