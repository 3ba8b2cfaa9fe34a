// What repacking makes of a log that grew message by message, beside `gzip -6` of the same lines in one piece.

import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { statSync } from 'node:fs';
import type { SessionStorage } from '../src/cli/services/SessionStorage.ts';
import type { Row } from './measure.ts';
import { inTemporaryFolder, ratio } from './measure.ts';
import { buildSession } from './build-session.ts';

const SHAPES = [
  { messages: 20_000, messageBytes: 500 },
  { messages: 20_000, messageBytes: 5000 },
];

export async function repackBench(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { messages, messageBytes } of SHAPES) {
    const times = await inTemporaryFolder(async (home) => {
      const { storage, id } = await buildSession(home, messages, messageBytes);
      const gzipBytes = await gzipSize(storage, id);
      await storage.archive(id);
      const bytes = statSync(storage.layout.logPath(id)).size;
      await storage.close();
      return bytes / gzipBytes;
    });
    const what = `size after repack ÷ gzip -6 of the same JSON Lines, ${messages} messages of ${messageBytes} bytes`;
    rows.push({ what, measured: ratio(times), bar: '≤ 1.10×', met: times <= 1.1 });
  }
  return rows;
}

async function gzipSize(storage: SessionStorage, id: string): Promise<number> {
  const gzip = createGzip({ level: 6 });
  let bytes = 0;
  gzip.on('data', (piece: Buffer) => (bytes += piece.length));
  const done = new Promise((resolve, reject) => gzip.on('end', resolve).on('error', reject));
  const lines = async function* (): AsyncGenerator<string> {
    for await (const record of storage.records(id)) yield JSON.stringify(record) + '\n';
  };
  Readable.from(lines()).pipe(gzip);
  await done;
  return bytes;
}
