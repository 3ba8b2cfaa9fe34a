// Secrets around a background process: in what is written down of it, and in what it prints.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RedactionDoor } from '../../../src/cli/services/RedactionDoor.ts';
import type { RedactionRules } from '../../../src/workspace/secrets/machine-redactor.ts';
import { ProcessKeeper } from '../../../src/workspace/processes/process-keeper.ts';
import { ended, SESSION_ID, tempProcesses, textOf } from './temp-processes.ts';
import type { TempProcesses } from './temp-processes.ts';

const TOKEN = `ghp${'_'}${'16C7e42F292c6912E7710c838347Ae178B4a'}`;
const KNOWN = ['one', 'Qx7', 'mV2kP9', 'wLz4'].join('-');

function withDoor(processes: TempProcesses, rules: RedactionRules = {}): TempProcesses {
  const { home } = processes;
  const door = new RedactionDoor({
    home,
    environment: {},
    folders: [],
    userFolder: null,
    allow: [],
    patterns: [],
    ...rules,
  });
  const keeper = new ProcessKeeper({ home, sessionId: SESSION_ID, door, nowMs: Date.now });
  const start: TempProcesses['start'] = (command, environment = {}) =>
    keeper.start({
      command,
      shell: ['/bin/sh', '-c'],
      workingDirectory: home,
      environment: { PATH: process.env['PATH'], ...environment },
    });
  return { ...processes, keeper, start };
}

test('command and variables are written down without their secrets, and the command runs with them', async (t) => {
  const processes = withDoor(tempProcesses(t));
  const started = await processes.start(`test ${TOKEN} = ${TOKEN} && test "$LC_NOTE" = ${TOKEN}`, { LC_NOTE: TOKEN });
  assert.match(started.command, /^test \[REDACTED:github-token:[0-9a-f]{8}\]/);
  assert.match(started.environment['LC_NOTE']!, /^\[REDACTED:github-token:/);
  assert.equal((await ended(processes, 'p1')).exitCode, 0);
  assert.ok(!readFileSync(join(processes.folder, 'p1.json'), 'utf8').includes(TOKEN));
});

test('the secrets of a later environment are taken out by the supervisor of an earlier one', async (t) => {
  if (process.platform !== 'linux')
    return t.skip('the system does not tell with which variables a process was started');
  const processes = withDoor(tempProcesses(t));
  await processes.start('echo up; exec sleep 60', { SERVICE_TOKEN: 'another-value-1' });
  await processes.start('echo "it is $SERVICE_TOKEN"', { SERVICE_TOKEN: KNOWN });
  await ended(processes, 'p2');
  assert.match(await textOf(processes.keeper.output('p2')), /^it is \[REDACTED:/);
});

test('patterns and values that the user added hold for output too', async (t) => {
  const patterns = [{ name: 'ticket', source: 'TICKET-[0-9]{6}' }];
  const processes = withDoor(tempProcesses(t), { patterns, allow: [TOKEN] });
  await processes.start(`echo TICKET-123456 ${TOKEN}`);
  await ended(processes, 'p1');
  assert.match(
    await textOf(processes.keeper.output('p1')),
    new RegExp(`^\\[REDACTED:ticket:[0-9a-f]{8}\\] ${TOKEN}$`, 'm'),
  );
});
