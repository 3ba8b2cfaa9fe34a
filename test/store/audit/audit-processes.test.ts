// Several processes at one audit log, and one that dies in it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AuditLog } from '../../../src/store/audit/audit-log.ts';
import { auditEntries, verifyAudit } from '../../../src/store/audit/audit-verify.ts';
import { startChild } from '../../helpers/child.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const PROCESSES = 4;
const DEEDS = 40;

describe('an audit log that several processes write', () => {
  it('has every line of each, in its order, in one chain', async (t) => {
    const state = tempFolder(t);
    const children = Array.from({ length: PROCESSES }, () => startChild(t, 'audit-many-times', [state, String(DEEDS)]));
    assert.deepEqual(await Promise.all(children.map(({ ended }) => ended)), [0, 0, 0, 0]);
    assert.deepEqual(verifyAudit(state).problems, []);
    const entries = [...auditEntries(state, () => assert.fail())];
    for (const { process: child } of children) {
      const sessions = entries.filter(({ pid }) => pid === child.pid).map(({ session }) => session);
      assert.deepEqual(
        sessions,
        Array.from({ length: DEEDS }, (_, i) => `s${i}`),
      );
    }
  });

  it('goes on, and verifies, after one of them was killed', async (t) => {
    const state = tempFolder(t);
    const child = startChild(t, 'audit-many-times', [state, '100000']);
    const said = await child.saysLines(20);
    await child.end('SIGKILL');
    const log = new AuditLog(state);
    t.after(() => log.close());
    const at = '2026-01-02T10:00:00.000Z';
    log.append([{ at, op: 'edit', session: 'last', user: 'dev', host: 'h', pid: 1, count: 1 }], at);
    const sessions = [...auditEntries(state, () => assert.fail())].map(({ session }) => session);
    assert.equal(sessions.at(-1), 'last');
    for (let i = 0; i < said; i++) assert.equal(sessions[i], `s${i}`);
    assert.deepEqual(verifyAudit(state).problems, []);
  });
});
