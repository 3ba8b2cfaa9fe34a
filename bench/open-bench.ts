// Opening the end of a session of a million messages and four gigabytes, and its beginning after a rewind: the cost is
// that of the window. And what a fork of such a session adds.

import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { sizeOf } from '../src/store/session-files.ts';
import { walkMessages } from '../src/store/message-walk.ts';
import type { Row } from './measure.ts';
import { againstBareNode, inTemporaryFolder, ratio } from './measure.ts';
import type { BuiltSession } from './build-session.ts';
import { buildSession } from './build-session.ts';

const MESSAGES = Number(process.env['ROO_BENCH_MESSAGES'] ?? 1_000_000);
const MESSAGE_BYTES = 4000;
const WINDOW = 200;
const MAIN = process.env['ROO_BENCH_MAIN'] ?? fileURLToPath(new URL('../bin/roo.cjs', import.meta.url));

export async function openBench(): Promise<Row[]> {
  return inTemporaryFolder(async (home) => {
    const built = await buildSession(home, MESSAGES, MESSAGE_BYTES);
    const { storage, id, firstMessageId } = built;
    storage.list({});
    const rows = windowRows(home, built, 'the end');
    await storage.change(id, [{ type: 'head', messageId: firstMessageId, pointer: null }]);
    const records = Array.from({ length: WINDOW }, (_, i) => ({
      type: 'message' as const,
      role: 'user' as const,
      parts: [{ type: 'text' as const, text: `after the rewind ${i}` }],
    }));
    // The window then reaches from the new messages over the jump to the session's first one.
    await storage.change(id, records.slice(0, WINDOW - 1));
    rows.push(...windowRows(home, built, 'the end, after a rewind to the beginning'));
    rows.push(...(await forkRows(home, built)));
    await storage.close();
    return rows;
  });
}

function windowRows(home: string, { storage, id }: BuiltSession, where: string): Row[] {
  const reader = storage.openReader(id);
  let messages = 0;
  for (const _walked of walkMessages(reader, reader.fold().head.messageId, storage.openBase))
    if (++messages === WINDOW) break;
  const { bytesRead, sizeBytes } = reader;
  reader.close();
  const run = againstBareNode(
    [MAIN, 'session', 'show', id, '--last', String(WINDOW), '-f', 'json'],
    { ROO_HOME: home },
    9,
  );
  const what = `last ${messages} of ${MESSAGES} messages (log of ${(sizeBytes / 1e9).toFixed(2)} GB), ${where}`;
  return [
    {
      what: `${what}: whole process`,
      measured: `${run.wallMs.toFixed(0)} ms`,
      bar: '≤ 300 ms',
      met: run.wallMs <= 300,
    },
    {
      what: `${what}: peak memory ÷ bare node`,
      measured: ratio(run.peakRatio),
      bar: '≤ 2.5×',
      met: run.peakRatio <= 2.5,
    },
    {
      what: `${what}: bytes read`,
      measured: `${(bytesRead / 1e6).toFixed(2)} MB`,
      bar: '≤ 4 MB',
      met: bytesRead <= 4e6,
    },
  ];
}

async function forkRows(home: string, { storage, id }: BuiltSession): Promise<Row[]> {
  const before = sizeOf(join(home, 'sessions'));
  await storage.fork(id, null, null);
  const added = sizeOf(join(home, 'sessions')) - before;
  return [{ what: 'a fork of that session adds', measured: `${added} bytes`, bar: '≤ 64 KiB', met: added <= 65_536 }];
}
