// Output as lines of text. What is no UTF-8 is shown as such, and a line without an end does not fill the memory.

import type { OutputPiece } from './output-reader.ts';

const LINE_CHARACTERS_MAX = 1024 * 1024;

/** Without their line ends. A longer line comes in several. */
export async function* outputLines(pieces: AsyncIterable<OutputPiece>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const { bytes } of pieces) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > LINE_CHARACTERS_MAX) {
      yield rest;
      rest = '';
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
