// One of several processes that use an index at once; see index-processes.test.ts.

import { FakeLogs } from './fake-logs.ts';

const logs = new FakeLogs(process.argv[2]);
const index = logs.index();
const listed = index.list({ limit: 10_000 });
const { found, warnings } = await index.find('common', { limit: 10_000 });
index.close();
process.stdout.write(
  JSON.stringify({ listed: listed.rows.length, found: found.length, warnings: [...listed.warnings, ...warnings] }),
);
