// A store that a stranger has filled: texts that steer a terminal in its logs, its notes, its settings, its processes
// and the names of its files. What the built command prints on a pipe and on a terminal holds none of them raw.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import type { NewRecord } from '../../src/core/record.ts';
import { place, ROO, roo } from '../helpers/built-roo.ts';
import type { Place } from '../helpers/built-roo.ts';
import { SLOW } from '../helpers/slow.ts';
import { attackText, steeringIn, withoutOwnSequences } from '../helpers/terminal-attacks.ts';

const AT = '2026-01-02T10:00:00.000Z';
/** Short enough for a file's name. */
const IN_NAMES = 'x\u001b]0;owned\u0007\u001b[2J\u202e\n\u007f';

/** Every field that a verb can print, each beginning with another attack. */
function hostileRecords(number: number): NewRecord[] {
  const text = (more: number): string => `needle ${attackText(number + more)}`;
  return [
    {
      type: 'meta',
      name: text(0),
      description: text(1),
      outcome: text(2),
      addTags: [text(3)],
      status: text(4) as never,
    },
    { type: 'meta', addLinks: [{ sessionId: text(5), kind: text(6) as never }], project: { path: text(7) } },
    { type: 'config', patch: { model: text(8), theirs: text(9) } },
    {
      type: 'state',
      patch: {
        workingDirectory: `/${text(10)}`,
        environment: { LANG: text(11) },
        openFiles: [text(12)],
        watchedFiles: [text(13)],
        mcpConnections: [{ name: text(14), transport: 'stdio', target: text(15), status: text(16) }],
        activeProcesses: [
          {
            id: 'p9',
            command: text(17),
            pid: 1,
            status: text(18),
            startedAt: text(19),
            workingDirectory: text(20),
          } as never,
        ],
      },
    },
    { type: 'message', role: 'user', parts: [{ type: 'text', text: text(21) }] },
    {
      type: 'message',
      id: 'call',
      role: text(22) as never,
      model: text(23),
      parts: [
        { type: 'thinking', text: text(24) },
        { type: 'file', path: text(25), text: text(26) },
        { type: 'other', kind: text(27), value: text(28) },
        { type: 'tool-call', callId: 'c', name: text(29), input: JSON.stringify({ command: text(30), [text(31)]: 1 }) },
        { type: 'tool-call', callId: 'open', name: text(32), input: text(33) },
      ],
    },
    { type: 'tool-end', callId: 'c', status: text(34) as never, output: text(35), exitCode: 1 },
    { type: 'checkpoint', description: text(36), messageId: 'call' },
    { type: 'custom', kind: text(37), value: text(38) },
  ];
}

/** Two sessions, one in trash, a copy with a name that steers, a note, a holder, settings, and a process. */
async function fill(at: Place): Promise<string> {
  const storage = new SessionStorage({ home: at.home, version: '0.0.0' });
  const ids: string[] = [];
  for (const number of [0, 17, 34]) {
    const origin = { kind: attackText(number) as never, agent: attackText(number + 1), path: attackText(number + 2) };
    const session = storage.newSessionRecord({ project: { path: at.cwd }, origin });
    const writer = storage.writers.create(session);
    await writer.append(hostileRecords(number));
    await storage.writers.close(writer);
    ids.push(session.sessionId);
  }
  const [first, copied, gone] = ids as [string, string, string];
  await storage.trash(gone, attackText(3));
  await storage.close();
  const note = { id: gone, name: attackText(5), deletedAt: AT, reason: attackText(6) };
  writeFileSync(join(at.sessions, 'trash', gone, 'trash.json'), `${JSON.stringify(note)}\n`);
  renameSync(
    join(at.sessions, `session-${copied}.json.gz`),
    join(at.sessions, `session-${copied} (${IN_NAMES}).json.gz`),
  );
  writeFileSync(join(at.home, 'config.json'), JSON.stringify({ [attackText(7)]: 1, model: attackText(8) }), {
    mode: 0o600,
  });
  mkdirSync(join(at.cwd, '.roo'));
  writeFileSync(join(at.cwd, IN_NAMES), `{"type":"nothing ${attackText(9)}`);
  const processes = join(at.home, 'state', 'processes', first);
  mkdirSync(join(processes, 'output'), { recursive: true, mode: 0o700 });
  const machine = { bootId: 'b', pidNamespace: 'n' };
  const start = { id: 'p1', command: attackText(10), workingDirectory: '/', environment: {}, startedAt: AT, machine };
  writeFileSync(join(processes, 'p1.json'), JSON.stringify(start), { mode: 0o600 });
  writeFileSync(join(processes, 'output', 'p1.0.log'), attackText(11), { mode: 0o600 });
  return first;
}

const VERBS: readonly ((id: string) => string[])[] = [
  () => ['session', 'list', '--all'],
  () => ['session', 'list', '--trash'],
  () => ['session', 'find', 'needle', '--all'],
  (id) => ['session', 'show', id, '--tools'],
  (id) => ['session', 'info', id],
  (id) => ['session', 'load', id, '--dry-run'],
  (id) => ['session', 'processes', id],
  (id) => ['session', 'logs', id, 'p1'],
  (id) => ['session', 'checkpoints', id],
  (id) => ['session', 'config', id],
  () => ['session', 'import', IN_NAMES],
  () => ['session', 'verify', '--all'],
  () => ['config'],
  () => ['doctor'],
  () => ['__complete', '--', 'session', 'show', ''],
  () => ['session', 'cleanup', '--dry-run', '--older-than', '1d'],
  () => ['session', 'show', IN_NAMES],
  ...['jsonl', 'yaml', 'markdown'].map((format) => (id: string) => ['session', 'export', id, format]),
];
const FORMATS = SLOW ? ['table', 'plain', 'json', 'jsonl', 'yaml', 'csv', 'markdown'] : ['plain', 'json'];

async function prepared(t: TestContext): Promise<{ at: Place; id: string }> {
  const at = place(t);
  const id = await fill(at);
  chmodSync(at.home, 0o700);
  return { at, id };
}

test('nothing that steers a terminal comes out of a pipe', async (t) => {
  const { at, id } = await prepared(t);
  let printed = 0;
  for (const [index, words] of VERBS.entries()) {
    const formats = SLOW ? FORMATS : [FORMATS[index % FORMATS.length]!];
    for (const format of formats) {
      const line = [...words(id), ...(words(id)[0] === '__complete' ? [] : ['-f', format])];
      const { stdout, stderr } = roo(at, line);
      assert.equal(steeringIn(stdout), null, `stdout of roo ${line.join(' ')}`);
      assert.equal(steeringIn(stderr), null, `stderr of roo ${line.join(' ')}`);
      printed += `${stdout}${stderr}`.includes('owned') ? 1 : 0;
    }
  }
  assert.ok(printed > VERBS.length / 2, `${printed} of ${VERBS.length} printed one`);
});

const NO_SCRIPT = spawnSync('script', ['--version']).status === 0 ? false : 'script (util-linux) is not installed';

/** What the built command sends to a terminal, keys typed at it included. */
function onTerminal({ env, cwd }: Place, words: readonly string[], typed = ''): string {
  const quoted = [process.execPath, ROO, ...words].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  const world = { ...env, TERM: 'xterm-256color', COLUMNS: '300' };
  const options = { env: world, cwd, input: typed, encoding: 'utf8' as const, timeout: 60_000 };
  return spawnSync('script', ['-qec', quoted.join(' '), '/dev/null'], options).stdout.replaceAll('\r\n', '\n');
}

/** Everything but the sequences of a cursor: a session of another can send no title, no clipboard, nothing hidden. */
const OF_STRANGERS =
  /\u001b[\]P_^X(#c]|[\u0080-\u009f\u202a-\u202e\u2066-\u2069\u061c]|\u001b\[(?:8|31;5;7)m|\u001b\[\?1000h/;

test('nor of a terminal, in verbs and in the interactive command line', { skip: NO_SCRIPT }, async (t) => {
  const { at, id } = await prepared(t);
  for (const words of VERBS.filter((_, index) => SLOW || index % 4 === 0)) {
    const text = onTerminal(at, words(id));
    assert.equal(steeringIn(withoutOwnSequences(text)), null, words(id).join(' '));
    assert.ok(text.length > 10);
  }
  const text = onTerminal(
    at,
    ['session', 'load', id, '--yes'],
    '/status\r/checkpoints\r/session show --tools\r/exit\r',
  );
  assert.doesNotMatch(text, OF_STRANGERS);
  assert.match(text, /owned/);
});
