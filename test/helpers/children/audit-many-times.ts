// Logs deeds one after the other, as fast as the others let it: <state folder> <how many>.

import { AuditLog } from '../../../src/store/audit/audit-log.ts';

const [state, count] = process.argv.slice(2);
const at = '2026-01-02T10:00:00.000Z';
const log = new AuditLog(state!, { fileBytesMax: 4000 });
for (let i = 0; i < Number(count); i++) {
  log.append([{ at, op: 'edit', session: `s${i}`, user: 'dev', host: 'h', pid: process.pid, count: 1 }], at);
  process.stdout.write(`${i}\n`);
}
log.close();
