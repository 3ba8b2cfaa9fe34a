// `npm run bench`: every figure of docs/bench.md, as one table. `npm run bench -- append` runs one part.

import { cpus } from 'node:os';
import { agentBench } from './agent-bench.ts';
import { appendBench } from './append-bench.ts';
import { encryptionBench } from './encryption-bench.ts';
import { filesBench } from './files-bench.ts';
import { checkpointsBench } from './checkpoints-bench.ts';
import type { Row } from './measure.ts';
import { printTable } from './measure.ts';
import { indexBench } from './index-bench.ts';
import { listBench } from './list-bench.ts';
import { openBench } from './open-bench.ts';
import { redactionBench } from './redaction-bench.ts';
import { repackBench } from './repack-bench.ts';
import { worldBench } from './world-bench.ts';
import { writtenBench } from './written-bench.ts';

const PARTS: Record<string, () => Promise<Row[]>> = {
  append: appendBench,
  written: writtenBench,
  repack: repackBench,
  list: listBench,
  index: indexBench,
  open: openBench,
  checkpoints: checkpointsBench,
  files: filesBench,
  world: worldBench,
  agent: agentBench,
  redaction: redactionBench,
  encryption: encryptionBench,
};

const asked = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await measure()));
}
process.stdout.write(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()})\n\n`);
printTable(rows);
if (rows.some(({ met }) => met === false)) process.exitCode = 1;
