// Turns in a real terminal: what is asked, what interrupts, what is kept, and what goes on.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startModelServer } from '../helpers/model-server/model-server.ts';
import type { ModelServer } from '../helpers/model-server/model-server.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { NO_TERMINAL, openTerminal } from '../helpers/terminal.ts';
import type { Terminal } from '../helpers/terminal.ts';

const options = { skip: NO_TERMINAL };
const TURNS: Turn[] = [
  { prompt: 'Run it.', steps: [{ calls: [{ shell: 'echo done >> ran' }] }, { text: 'That is that.' }] },
  {
    prompt: 'Talk.',
    steps: [{ text: Array.from({ length: 200 }, (_, i) => `word${i}`).join(' '), eventDelayMs: 150 }],
  },
  { prompt: 'Wait.', steps: [{ calls: [{ shell: 'echo waiting; sleep 300' }] }, { text: 'Waited.' }] },
];

interface Seat {
  terminal: Terminal;
  server: ModelServer;
}

async function seat(t: TestContext, columns = 80, rows = 24): Promise<Seat> {
  const server = await startModelServer({ scenario: { turns: TURNS } });
  const env = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'key', ROO_MODEL: 'openai/scripted' };
  t.after(() => server.close());
  const terminal = openTerminal(t, columns, rows, env);
  return { terminal, server };
}

/** Records of all sessions of the terminal. */
function recorded({ folder }: Terminal): Record<string, unknown>[] {
  const sessions = join(folder, 'home', 'sessions');
  const logs = readdirSync(sessions).filter((name) => name.endsWith('.json.gz'));
  return logs.flatMap((name) => {
    const lines = gunzipSync(readFileSync(join(sessions, name)))
      .toString()
      .trimEnd()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  });
}

const ran = (terminal: Terminal): number => readFileSync(join(terminal.folder, 'ran'), 'utf8').split('\n').length - 1;

for (const [columns, rows] of [
  [80, 24],
  [40, 10],
] as const) {
  test(`a call is allowed once, for the session, or denied (${columns}×${rows})`, options, async (t) => {
    const { terminal } = await seat(t, columns, rows);
    const asked = /May execute_command run this\?\n {2}echo done >> ran\n.*never( in this session)?:\s*$/;
    const again = async (): Promise<void> => {
      terminal.literally('\u000cRun it.\r');
      await terminal.shows(asked);
    };
    terminal.roo();
    await terminal.shows(/roo>\s*$/);
    await again();
    terminal.literally('y');
    await terminal.shows(/That is that\.\n[^]*roo>\s*$/);
    assert.equal(ran(terminal), 1);
    await again();
    terminal.literally('n');
    await terminal.shows(/denied[^]*That is that\.\n[^]*roo>\s*$/);
    assert.equal(ran(terminal), 1);
    await again();
    terminal.literally('a');
    await terminal.shows(/That is that\.\n[^]*roo>\s*$/);
    assert.equal(ran(terminal), 2);
    terminal.literally('/exit\r');
    await terminal.shows(/come back with/);
    // What was allowed for the session is allowed when it is gone on with …
    terminal.literally('clear\n');
    terminal.roo('-c');
    await terminal.shows(/roo>\s*$/);
    terminal.literally('Run it.\r');
    await terminal.shows(/That is that\.\n[^]*roo>\s*$/);
    assert.equal(ran(terminal), 3);
    terminal.literally('/exit\r');
    await terminal.shows(/come back with/);
    // … and not in a copy of its log that came from elsewhere.
    terminal.literally('clear; mkdir other; cp -r home/sessions other; export ROO_HOME=$PWD/other\n');
    terminal.roo('-c');
    await terminal.shows(/roo>\s*$/);
    await again();
    terminal.literally('d');
    await terminal.shows(/denied[^]*That is that\.\n[^]*roo>\s*$/);
    assert.equal(ran(terminal), 3);
  });
}

for (const key of ['Escape', 'C-c']) {
  test(`${key} ends an answer; what was typed meanwhile waits; /continue goes on`, options, async (t) => {
    const { terminal, server } = await seat(t);
    terminal.roo();
    await terminal.shows(/roo>\s*$/);
    terminal.literally('Talk.\r');
    await terminal.shows(/word2/);
    terminal.literally('what I typed');
    terminal.type(key);
    await terminal.shows(/interrupted; \/continue goes on\n[^]*roo> what I typed\s*$/);
    const answer = recorded(terminal).findLast(({ type }) => type === 'message')!;
    assert.equal(answer['stop'], 'interrupted');
    assert.match(JSON.stringify(answer['parts']), /word0 .*word2/);
    terminal.type('C-u');
    terminal.literally('/continue\r');
    await terminal.shows(/\/continue\n[^]*\S/);
    await terminal.shows(/roo>\s*$/);
    assert.match(server.requests.at(-1)!.text, /word2/);
    assert.equal(server.requests.length, 2);
  });

  test(`${key} ends a command with all it started, and the turn`, options, async (t) => {
    const { terminal } = await seat(t);
    terminal.roo('--allow', 'execute_command');
    await terminal.shows(/roo>\s*$/);
    terminal.literally('Wait.\r');
    await terminal.shows(/\| waiting/);
    terminal.type(key);
    await terminal.shows(/interrupted; \/continue goes on\n[^]*roo>\s*$/);
    const end = recorded(terminal).find(({ type }) => type === 'tool-end')!;
    assert.deepEqual([end['status'], /waiting/.test(JSON.stringify(end))], ['interrupted', true]);
    const { pid } = recorded(terminal).find((record) => record['process'] !== undefined)!['process'] as { pid: number };
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
}

test('Esc at a question denies the call and ends the turn', options, async (t) => {
  const { terminal, server } = await seat(t);
  terminal.roo();
  await terminal.shows(/roo>\s*$/);
  terminal.literally('Run it.\r');
  await terminal.shows(/never in this session:\s*$/);
  terminal.type('Escape');
  await terminal.shows(/interrupted; \/continue goes on\n[^]*roo>\s*$/);
  assert.equal(server.requests.length, 1);
  assert.equal(recorded(terminal).find(({ type }) => type === 'tool-end')!['status'], 'interrupted');
});
