// The audit log on real files: what it writes, and that nothing can be done to it unseen by somebody without its key.

import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { AuditEntry } from '../../../src/core/audit.ts';
import { AuditLog } from '../../../src/store/audit/audit-log.ts';
import type { AuditLogOptions } from '../../../src/store/audit/audit-log.ts';
import type { NewLine } from '../../../src/store/audit/audit-line.ts';
import { auditEntries, verifyAudit } from '../../../src/store/audit/audit-verify.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const AT = '2026-01-02T10:00:00.000Z';

function deed(pid: number): NewLine {
  return { at: AT, op: 'edit', session: 'a-session', user: 'dev', host: 'h', pid, count: 1 };
}

/** A log with ten deeds, numbered by their pid, in lines 2 to 11. */
function tenDeeds(t: TestContext, options: AuditLogOptions = {}): { state: string; audit: string; log: AuditLog } {
  const state = tempFolder(t);
  const log = new AuditLog(state, options);
  t.after(() => log.close());
  for (let pid = 1; pid <= 10; pid++) log.append([deed(pid)], AT);
  return { state, audit: join(state, 'audit'), log };
}

function entries(state: string): AuditEntry[] {
  return [...auditEntries(state, (file, lines) => assert.fail(`${lines} bad lines in ${file}`))];
}

function filesOf(audit: string): string[] {
  return readdirSync(audit)
    .filter((name) => name.startsWith('audit-'))
    .toSorted();
}

function editLines(path: string, edit: (lines: string[]) => string[]): void {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  writeFileSync(
    path,
    edit(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

describe('the audit log', () => {
  it('gives back what was logged, in order, and verifies', (t) => {
    const { state, audit } = tenDeeds(t);
    assert.deepEqual(
      entries(state).map(({ pid, seq }) => [pid, seq]),
      Array.from({ length: 10 }, (_, i) => [i + 1, i + 2]),
    );
    assert.deepEqual(verifyAudit(state), { ok: true, entries: 10, files: 1, problems: [] });
    for (const name of readdirSync(audit)) assert.equal(statSync(join(audit, name)).mode & 0o777, 0o600, name);
  });

  it('that was never begun is whole, and is not begun by being looked at', (t) => {
    const state = tempFolder(t);
    assert.deepEqual(verifyAudit(state), { ok: true, entries: 0, files: 0, problems: [] });
    assert.deepEqual(entries(state), []);
    assert.deepEqual(readdirSync(state), []);
  });

  it('goes on in a next file when one is full, and the chain with it', (t) => {
    const { state, audit, log } = tenDeeds(t, { fileBytesMax: 900 });
    assert.ok(filesOf(audit).length > 2);
    log.append([deed(11)], AT);
    const report = verifyAudit(state);
    assert.deepEqual([report.ok, report.entries], [true, 11]);
  });

  it('drops the oldest files beyond a bound, and says so in the chain', (t) => {
    const { state, audit } = tenDeeds(t, { fileBytesMax: 500, filesMax: 3 });
    assert.equal(filesOf(audit).length, 3);
    const report = verifyAudit(state);
    assert.deepEqual([report.ok, report.problems], [true, []]);
    assert.equal(entries(state).at(-1)!.pid, 10);
    assert.match(readFileSync(join(audit, filesOf(audit).at(-1)!), 'utf8'), /"droppedThrough":\d+/);
  });

  it('is gone on with by another process as by this one', (t) => {
    const { state } = tenDeeds(t);
    const other = new AuditLog(state);
    t.after(() => other.close());
    other.append([deed(11), deed(12)], AT);
    assert.deepEqual(
      entries(state).map(({ pid }) => pid),
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    assert.equal(verifyAudit(state).ok, true);
  });
});

const FIRST = 'audit-000000000001.jsonl';

/** What somebody without the key may do to the files, and what is then said. */
const ATTACKS: Readonly<Record<string, { options?: AuditLogOptions; attack(audit: string): void; reason: RegExp }>> = {
  'a changed word': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.with(4, lines[4]!.replace('dev', 'eve'))),
    reason: /changed or put in/,
  },
  'a changed last line': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.with(10, lines[10]!.replace('dev', 'eve'))),
    reason: /changed or put in/,
  },
  'a changed first line': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.with(0, lines[0]!.replace('10:00', '11:00'))),
    reason: /changed, or written with another key/,
  },
  'a line taken out': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.toSpliced(4, 1)),
    reason: /line number 5 is missing/,
  },
  'the first line taken out': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.toSpliced(0, 1)),
    reason: /began with is missing/,
  },
  'a line repeated': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.toSpliced(4, 0, lines[4]!)),
    reason: /changed or put in/,
  },
  'two lines exchanged': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.with(4, lines[5]!).with(5, lines[4]!)),
    reason: /missing|changed/,
  },
  'a cut at a line end': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.slice(0, 8)),
    reason: /lines number 9 to 11 are missing at the end/,
  },
  'a cut within a line': {
    attack: (audit) => truncateSync(join(audit, FIRST), statSync(join(audit, FIRST)).size - 5),
    reason: /line number 11 is missing at the end/,
  },
  'an emptied file': { attack: (audit) => truncateSync(join(audit, FIRST), 0), reason: /no line/ },
  'words that are no line': {
    attack: (audit) => editLines(join(audit, FIRST), (lines) => lines.with(4, 'nothing to see')),
    reason: /no line of the audit log/,
  },
  'a head that is gone': { attack: (audit) => rmSync(join(audit, 'head')), reason: /head is gone/ },
  'a head made for a cut': {
    attack(audit) {
      const head = readFileSync(join(audit, 'head'), 'utf8');
      writeFileSync(join(audit, 'head'), head.replace('"seq":11', '"seq":8'));
      editLines(join(audit, FIRST), (lines) => lines.slice(0, 8));
    },
    reason: /head was not written with this key/,
  },
  'all lines gone': { attack: (audit) => rmSync(join(audit, FIRST)), reason: /missing at the end/ },
  'a key that is gone': { attack: (audit) => rmSync(join(audit, 'key')), reason: /key is not there/ },
  'another key': {
    attack: (audit) => writeFileSync(join(audit, 'key'), `${'ab'.repeat(32)}\n`),
    reason: /another key|this key/,
  },
  'the oldest file gone': {
    options: { fileBytesMax: 500 },
    attack: (audit) => rmSync(join(audit, filesOf(audit)[0]!)),
    reason: /not dropped for its size/,
  },
  'a file in the middle gone': {
    options: { fileBytesMax: 500 },
    attack: (audit) => rmSync(join(audit, filesOf(audit)[2]!)),
    reason: /missing before this one/,
  },
  'a file cut in the middle of the log': {
    options: { fileBytesMax: 500 },
    attack: (audit) => editLines(join(audit, filesOf(audit)[1]!), (lines) => lines.slice(0, -1)),
    reason: /missing before this one/,
  },
  'a file copied over another': {
    options: { fileBytesMax: 500 },
    attack: (audit) => copyFileSync(join(audit, filesOf(audit)[1]!), join(audit, filesOf(audit)[2]!)),
    reason: /does not go on|missing/,
  },
};

describe('an audit log that somebody without its key got at', () => {
  for (const [name, { options, attack, reason }] of Object.entries(ATTACKS)) {
    it(`does not verify: ${name}`, (t) => {
      const { state, audit } = tenDeeds(t, options);
      attack(audit);
      const { ok, problems } = verifyAudit(state);
      assert.equal(ok, false);
      assert.match(problems.map((problem) => problem.reason).join('\n'), reason);
    });

    it(`still does not verify when it was gone on with: ${name}`, (t) => {
      const { state, audit, log } = tenDeeds(t, options);
      log.close();
      attack(audit);
      const next = new AuditLog(state, options);
      t.after(() => next.close());
      next.append([deed(11)], AT);
      next.append([deed(12)], AT);
      assert.equal(verifyAudit(state).ok, false);
      const bad: string[] = [];
      const pids = [...auditEntries(state, (file) => bad.push(file))].map(({ pid }) => pid);
      assert.deepEqual(pids.slice(-2), [11, 12]);
    });
  }

  it('tells one change as one problem', (t) => {
    const { state, audit } = tenDeeds(t);
    editLines(join(audit, FIRST), (lines) => lines.toSpliced(4, 1));
    assert.deepEqual(verifyAudit(state).problems, [
      { file: FIRST, line: 5, reason: 'line number 5 is missing before this one' },
    ]);
  });
});

describe('an audit log whose writer was cut short', () => {
  it('takes in lines that the head does not name yet', (t) => {
    const { state, audit, log } = tenDeeds(t);
    const head = readFileSync(join(audit, 'head'));
    log.append([deed(11)], AT);
    writeFileSync(join(audit, 'head'), head);
    assert.equal(verifyAudit(state).ok, true);
    log.append([deed(12)], AT);
    assert.deepEqual(
      entries(state)
        .slice(-2)
        .map(({ pid }) => pid),
      [11, 12],
    );
    assert.equal(verifyAudit(state).ok, true);
  });

  it('cuts half a line off, and logs that it did', (t) => {
    const { state, audit, log } = tenDeeds(t);
    appendFileSync(join(audit, FIRST), '{"seq":12,"at":"2026');
    assert.equal(verifyAudit(state).ok, true);
    log.append([deed(11)], AT);
    assert.match(readFileSync(join(audit, FIRST), 'utf8'), /"op":"recovered","bytesCut":20/);
    assert.equal(verifyAudit(state).ok, true);
    assert.equal(entries(state).at(-1)!.pid, 11);
  });

  it('leaves lines that it did not write where they are, and goes on in another file', (t) => {
    const { state, audit, log } = tenDeeds(t);
    appendFileSync(join(audit, FIRST), 'a forged line\n');
    log.append([deed(11)], AT);
    assert.match(readFileSync(join(audit, FIRST), 'utf8'), /a forged line\n$/);
    assert.equal(filesOf(audit).length, 2);
    assert.match(
      verifyAudit(state)
        .problems.map(({ reason }) => reason)
        .join('\n'),
      /did not write/,
    );
  });
});
