// All bytes written under ROO_HOME for 10,000 appends of 1 KB in turns of four: log, snapshots, index and its journal.
// Counted by strace at the system calls, so nothing can be forgotten.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Row } from './measure.ts';
import { inTemporaryFolder, ratio } from './measure.ts';

const APPENDS = 10_000;
const PAYLOAD_BYTES = 1024;

export async function writtenBench(): Promise<Row[]> {
  const what = `bytes written under ROO_HOME ÷ payload, ${APPENDS} appends of 1 KB in turns of 4`;
  if (spawnSync('strace', ['-V']).error)
    return [{ what, measured: 'skipped: strace is not installed', bar: '≤ 3×', met: null }];
  return inTemporaryFolder((folder) => {
    const trace = join(folder, 'trace');
    const home = join(folder, 'home');
    const child = fileURLToPath(new URL('written-child.ts', import.meta.url));
    const calls = 'trace=write,pwrite64,writev,pwritev';
    const args = [
      '-f',
      '-qq',
      '-y',
      '-s',
      '0',
      '-e',
      calls,
      '-o',
      trace,
      process.execPath,
      child,
      home,
      String(APPENDS),
      String(PAYLOAD_BYTES),
    ];
    const done = spawnSync('strace', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (done.status !== 0) throw new Error(`the traced run exited ${done.status}`);
    let bytes = 0;
    for (const line of readFileSync(trace, 'utf8').split('\n')) {
      if (!line.includes(`<${home}/`)) continue;
      bytes += Number(/= (\d+)$/.exec(line)?.[1] ?? 0);
    }
    const times = bytes / (APPENDS * PAYLOAD_BYTES);
    return [{ what, measured: ratio(times), bar: '≤ 3×', met: times <= 3 }];
  });
}
