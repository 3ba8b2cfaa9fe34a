// The scripted model server as a process of its own, for tests of the command line:
//   node main.ts --scenario FILE.json [--scenario …] [--cwd DIR] [--port N] [--record FILE]
// The first line on stdout is {"port":…}. Requests are recorded one a line, without their headers: those hold keys.

import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startModelServer } from './model-server.ts';
import type { Scenario } from './scenario.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true, default: [] },
    cwd: { type: 'string', default: process.cwd() },
    port: { type: 'string', default: '0' },
    record: { type: 'string' },
  },
});
const scenarios = values.scenario.map((path) => JSON.parse(readFileSync(path, 'utf8')) as Scenario);
const server = await startModelServer({
  scenario: {
    turns: scenarios.flatMap((scenario) => scenario.turns),
    side: scenarios.flatMap((scenario) => scenario.side ?? []),
  },
  cwd: values.cwd,
  port: Number(values.port),
  onRequest({ path, step, body }) {
    if (values.record !== undefined) appendFileSync(values.record, `${JSON.stringify({ path, step, body })}\n`);
  },
});
console.log(JSON.stringify({ port: server.port }));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
