// docs/cli-json.md against what the commands answer, both ways: no field without a word about it, no word about a field
// that never comes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackgroundProcess, State } from '../src/core/record.ts';
import { ROOT_COMMANDS } from '../src/cli/commands/root-commands.ts';
import { SESSION_COMMANDS } from '../src/cli/commands/session-commands.ts';
import { assertShape, documentedColumns, documentedShapes } from './helpers/documented-shapes.ts';
import { fakeSession, fakeState, fakeVerify, ID_A, ID_B } from './helpers/fake-sessions.ts';
import type { FakeState } from './helpers/fake-sessions.ts';
import { envelopeOf, runRoo } from './helpers/run-roo.ts';
import { tempFolder } from './helpers/temp-folder.ts';

/** Heading of the document → words that make the command answer it. */
const COMMANDS: Readonly<Record<string, string>> = {
  'roo session list': 'session list',
  'roo session find': 'session find login',
  'roo session show': `session show ${ID_A}`,
  'roo session show --raw': `session show ${ID_A} --raw`,
  'roo session info': `session info ${ID_A}`,
  'roo session stats': `session stats ${ID_A}`,
  'roo session usage': 'session usage',
  'roo session processes': `session processes ${ID_A}`,
  'roo session logs': `session logs ${ID_A} p1`,
  'roo session save': 'session save name',
  'roo session load': `session load ${ID_A} --dry-run`,
  'roo session load --no-interactive': `session load ${ID_A} --no-interactive`,
  'roo session fork': `session fork ${ID_A}`,
  'roo session checkpoint': 'session checkpoint text',
  'roo session checkpoints': `session checkpoints ${ID_A}`,
  'roo session rewind': `session rewind ${ID_A} c1`,
  'roo session edit': `session edit ${ID_A} --name x`,
  'roo session link': `session link ${ID_A} ${ID_B}`,
  'roo session unlink': `session unlink ${ID_A} ${ID_B}`,
  'roo session config': `session config ${ID_A} autoSave true`,
  'roo session export -o': `session export ${ID_A} -o out.json`,
  'roo session import': 'session import x',
  'roo session discover': 'session discover',
  'roo session discover --import': 'session discover --import',
  'roo session delete': `session delete ${ID_A}`,
  'roo session delete --purge': `session delete ${ID_A} --purge --yes`,
  'roo session undelete': `session undelete ${ID_A}`,
  'roo session archive': `session archive ${ID_A}`,
  'roo session unarchive': `session unarchive ${ID_A}`,
  'roo session cleanup': 'session cleanup --dry-run',
  'roo session prune': 'session prune --dry-run',
  'roo session verify': `session verify ${ID_A}`,
  'roo session audit': 'session audit',
  'roo session audit --verify': 'session audit --verify',
  'roo session repair': `session repair ${ID_A}`,
  'roo session migrate': 'session migrate',
  'roo session reindex': 'session reindex',
  'roo config': 'config',
  'roo config get': 'config get autoSave',
  'roo config add': 'config add redaction.allow 0f3a9c1e',
  'roo config set': 'config set autoSave true',
  'roo config unset': 'config unset autoSave',
  'roo doctor': 'doctor',
  'roo --version': '--version',
};

const ended: BackgroundProcess = {
  id: 'p1',
  command: 'npm start',
  workingDirectory: '/p',
  environment: {},
  pid: 1,
  identity: null,
  status: 'exited',
  exitCode: 0,
  startedAt: '2026-01-02T10:00:00.000Z',
  endedAt: '2026-01-02T11:00:00.000Z',
  logBytes: 5,
};

/** A store with something of everything. */
function fullState(): FakeState {
  const state: State = {
    workingDirectory: '/p',
    environment: {},
    activeProcesses: [ended],
    openFiles: [],
    watchedFiles: [],
    mcpConnections: [],
  };
  const links = [{ sessionId: ID_B, kind: 'related' as const }];
  const blob = { hash: 'h', bytes: 1 };
  const base = { parentId: null, at: '2026-01-02T10:00:00.000Z', model: null, usage: null };
  return fakeState({
    sessions: [fakeSession({ id: ID_A, tags: ['a'], links }), fakeSession({ id: ID_B, name: 'other' })],
    messages: [
      ...fakeState().messages,
      {
        ...base,
        id: 'm3',
        role: 'assistant',
        usage: {
          inputTokens: 1,
          outputTokens: 1,
          cacheReadTokens: 1,
          cacheWriteTokens: 1,
          reasoningTokens: 1,
          cost: 1,
        },
        parts: [
          { type: 'thinking', text: 't', signature: 's' },
          { type: 'image', mediaType: 'image/png', data: 'x', blob, path: '/p' },
          { type: 'file', path: '/p', mediaType: 'text/plain', text: 't' },
          { type: 'other', kind: 'k', value: {} },
          { type: 'tool-result', callId: 'c', name: 'n', status: 'ok', output: '', blob, parts: [], durationMs: 1 },
        ],
      },
    ],
    trash: [{ id: 'dddd1111', name: 'old', deletedAt: '2025-11-01', expiresAt: '2025-12-01', bytes: 5 }],
    discovered: [
      {
        agent: 'codex',
        id: 'c1',
        path: '/x',
        paths: ['/x'],
        title: 't',
        project: '/p',
        updatedAt: '2026-01-01',
        sizeBytes: 1,
        importedAs: ID_A,
        status: 'updated',
      },
    ],
    imported: [{ id: ID_A, name: 'n', agent: 'codex', messages: 4, toolCalls: 1, status: 'new', quarantined: 0 }],
    verify: [
      fakeVerify({ health: 'damaged', spans: [{ part: 1, offsetBytes: 1, lengthBytes: 2, reason: 'checksum' }] }),
    ],
    auditProblems: [{ file: 'audit-000000000001.jsonl', line: 3, reason: 'r' }],
    holder: { pid: 1, host: 'h', since: '2026-01-01' },
    fold: {
      openCalls: {
        c1: { name: 'bash', input: '{}', at: '2026-01-01', process: { pid: 7, identity: null } },
        c2: { name: 'bash', input: '{}', at: '2026-01-01' },
      },
      tools: { bash: { usageCount: 2, lastUsed: '2026-01-01' } },
      config: { autoSave: true },
      state,
    },
    warnings: [{ code: 'LOG_DAMAGED', message: 'm', path: '/p', offsetBytes: 1, hint: 'h' }],
  });
}

const shapes = documentedShapes();
const seen = new Set<string>();

for (const [heading, line] of Object.entries(COMMANDS)) {
  test(`${heading} answers what docs/cli-json.md says`, async (t) => {
    const cwd = tempFolder(t);
    const result = await runRoo([...line.split(' '), '-f', 'json'], { state: fullState(), cwd, userFolder: cwd });
    const envelope = envelopeOf(result);
    assert.deepEqual(envelope.errors, []);
    assertShape(shapes, 'Envelope', envelope, seen);
    assertShape(shapes, heading.replace(' --purge', ''), envelope.data, seen);
  });
}

test('an error has the documented fields', async () => {
  const state = fullState();
  for (const session of state.sessions) session.name = 'same';
  assertShape(shapes, 'Envelope', envelopeOf(await runRoo(['session', 'info', 'same', '-f', 'json'], { state })), seen);
});

test('every documented field comes in some answer', () => {
  // Error has all fields of Warning; those that no fake error carries are seen there.
  const never = [...shapes].flatMap(([name, fields]) =>
    [...fields.keys()]
      .filter((key) => !seen.has(`${name}.${key}`) && !(name === 'Error' && seen.has(`Warning.${key}`)))
      .map((key) => `${name}.${key}`),
  );
  assert.deepEqual(never, []);
});

test('every command that answers in JSON has its section', () => {
  const rawOnly = new Set(['completion']);
  const words = [
    ...Object.keys(SESSION_COMMANDS).map((name) => `roo session ${name}`),
    ...Object.keys(ROOT_COMMANDS)
      .filter((name) => !rawOnly.has(name))
      .map((name) => `roo ${name}`),
  ];
  const documented = [...shapes.keys()];
  assert.deepEqual(
    words.filter((name) => !documented.some((heading) => heading === name || heading.startsWith(`${name} `))),
    [],
  );
});

for (const [name, columns] of documentedColumns()) {
  test(`${name} has the documented columns`, async (t) => {
    const cwd = tempFolder(t);
    const { stdout } = await runRoo([...COMMANDS[name]!.split(' '), '-f', 'csv'], {
      state: fullState(),
      cwd,
      userFolder: cwd,
    });
    assert.equal(stdout.split('\n')[0], columns.replaceAll(' ', ','));
  });
}
