import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionCommands } from '../../../src/cli/commands/session-commands.ts';
import { fakeState, ID_A } from '../../helpers/fake-sessions.ts';
import { runRoo } from '../../helpers/run-roo.ts';
import type { RunResult } from '../../helpers/run-roo.ts';

test("the story's commands are the verbs of roo session", async () => {
  const state = fakeState();
  let last: RunResult | undefined;
  const commands = sessionCommands(async (words) => {
    state.calls.length = 0;
    last = await runRoo(words, { state });
  });
  const result = async (running: Promise<void>): Promise<RunResult> => {
    await running;
    return last!;
  };
  assert.match((await result(commands.listSessions())).stdout, /login fix/);
  assert.deepEqual((await result(commands.saveCurrentSession('-x'))).calls, [
    ['change', ID_A, [{ type: 'meta', name: '-x' }]],
  ]);
  assert.equal((await result(commands.loadSession(ID_A))).interactive?.ref, ID_A);
  assert.deepEqual((await result(commands.deleteSession(ID_A))).calls, [['trash', ID_A, 'deleted by the user']]);
  assert.equal((await result(commands.exportSession(ID_A))).stdout, `<json of ${ID_A}>\n`);
  assert.equal((await result(commands.exportSession(ID_A, 'markdown'))).stdout, `<markdown of ${ID_A}>\n`);
  assert.equal((await result(commands.cleanupSessions())).exitCode, 2);
});
