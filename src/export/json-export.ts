// Format 1, the story's SessionFile. The checksum is over the bytes of the session as they stand in the document, so it
// comes behind them; written without white space, they are also what JSON.stringify makes of the parsed session.

import { createHash } from 'node:crypto';
import { FORMAT1_VERSION } from '../core/format1.ts';
import { stringifyJson } from '../core/json.ts';
import type { StreamedValue } from './document.ts';
import { joined } from './document.ts';
import { jsonText } from './json-text.ts';

export function exportJson(session: StreamedValue): AsyncGenerator<string> {
  return joined(document(session));
}

async function* document(session: StreamedValue): AsyncGenerator<string> {
  const sum = createHash('sha256');
  yield `{"version":${stringifyJson(FORMAT1_VERSION)},"session":`;
  for await (const piece of jsonText(session)) {
    sum.update(piece);
    yield piece;
  }
  yield `,"checksum":"${sum.digest('hex')}","compressed":false}\n`;
}
