// The audit log and the checks of access as they are met on the command line.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { place, roo, ROO } from '../helpers/built-roo.ts';
import type { Place } from '../helpers/built-roo.ts';

function json(
  at: Place,
  ...words: string[]
): { status: number | null; data: Record<string, unknown>; codes: string[] } {
  const { stdout, status } = roo(at, [...words, '-f', 'json']);
  const envelope = JSON.parse(stdout) as { data: Record<string, unknown>; warnings: { code: string }[] };
  return { status, data: envelope.data, codes: envelope.warnings.map(({ code }) => code) };
}

test('what commands do to a session is in the audit log, which tells when it was changed', (t) => {
  const at = place(t);
  assert.equal(roo(at, ['session', 'save', 'a secret name']).status, 0);
  roo(at, ['session', 'list']);
  roo(at, ['session', 'show', '@last']);
  roo(at, ['session', 'export', '@last', '-o', 'out.json']);
  roo(at, ['session', 'delete', '@last', '--purge', '--yes']);
  const entries = json(at, 'session', 'audit').data['entries'] as { op: string; session: string; pid: number }[];
  const ops = entries.map(({ op }) => op).filter((op) => op !== 'edit');
  assert.deepEqual(ops, ['create', 'read', 'export', 'delete', 'purge']);
  assert.ok(new Set(entries.map(({ pid }) => pid)).size > 2);
  const one = json(at, 'session', 'audit', entries[0]!.session.slice(0, 8));
  assert.equal((one.data['entries'] as unknown[]).length, entries.length);
  assert.deepEqual(json(at, 'session', 'audit', '--verify').data['ok'], true);

  const path = join(at.home, 'state', 'audit', 'audit-000000000001.jsonl');
  const text = readFileSync(path, 'utf8');
  assert.doesNotMatch(text, /secret/);
  writeFileSync(path, text.replace('"op":"purge"', '"op":"read"'));
  const bad = json(at, 'session', 'audit', '--verify');
  assert.deepEqual([bad.status, bad.data['ok'], bad.codes], [5, false, ['AUDIT_CHANGED']]);
});

test('an audit log that cannot be written is a warning, and the command does its work', (t) => {
  const at = place(t);
  roo(at, ['session', 'save', 'one']);
  const audit = join(at.home, 'state', 'audit');
  rmSync(audit, { recursive: true });
  symlinkSync(at.cwd, audit);
  for (const words of [
    ['edit', '@last', '--name', 'two'],
    ['show', '@last'],
  ]) {
    const { status, codes } = json(at, 'session', ...words);
    assert.deepEqual([status, codes], [0, ['AUDIT_UNUSABLE']], words[0]);
  }
});

test('a folder that others may write to is refused with the command that puts it right', (t) => {
  const at = place(t);
  roo(at, ['session', 'save', 'one']);
  chmodSync(at.sessions, 0o777);
  const { status, stderr } = roo(at, ['session', 'list']);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`chmod 700 '${at.sessions}'`));
  assert.match(roo(at, ['doctor']).stdout, /fail\s+sessions folder/);
  chmodSync(at.sessions, 0o700);
  assert.equal(roo(at, ['session', 'list']).status, 0);
});

for (const umask of ['000', '022', '077']) {
  test(`all that commands leave is their owner’s alone under umask ${umask}`, (t) => {
    const at = place(t);
    const run = (...words: string[]): void => {
      const line = `umask ${umask}; exec "$0" "$@"`;
      const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, ROO, ...words], {
        env: at.env,
        cwd: at.cwd,
        input: '!echo x\n',
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
    };
    run();
    run('session', 'save', 'name');
    run('session', 'list');
    run('session', 'checkpoint', 'text');
    run('config', 'set', 'autoSave', 'true');
    run('session', 'export', '@last', '-o', 'out.json');
    run('session', 'import', 'out.json');
    run('session', 'fork', '@last');
    run('session', 'delete', '@last');
    const entries = readdirSync(at.home, { recursive: true, withFileTypes: true });
    const checkpoints = join(at.home, 'state', 'checkpoints');
    const open = entries.filter((entry) => {
      // Below a folder that is private git sets the modes.
      if (entry.parentPath.startsWith(checkpoints)) return false;
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      return (mode & 0o077) !== 0;
    });
    assert.ok(entries.length > 20);
    assert.deepEqual(
      open.map((entry) => join(entry.parentPath, entry.name)),
      [],
    );
  });
}

test('a session that is read-only refuses a line, and says how to go on', (t) => {
  const at = place(t);
  roo(at, [], 'hello\n');
  const { stdout } = roo(at, ['session', 'edit', '@last', '--read-only']);
  assert.ok(stdout !== '');
  const { status, stderr } = roo(at, ['-c'], 'more\n');
  assert.notEqual(status, 0);
  assert.match(stderr, /read-only[\s\S]*--writable/);
  assert.equal(roo(at, ['session', 'edit', '@last', '--writable']).status, 0);
  assert.equal(roo(at, ['-c'], 'more\n').status, 0);
});
