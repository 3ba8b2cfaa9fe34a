import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { emptyFold } from '../../src/core/fold.ts';
import type { Fold } from '../../src/core/fold.ts';
import type { BackgroundProcess, FileChange } from '../../src/core/record.ts';
import { needsYes, onlyKinds, planRestore, RESTORE_KINDS, RESTORE_VERBS } from '../../src/core/restore-plan.ts';
import type { FilesObserved, Observed, RestoreAction, Saved } from '../../src/core/restore-plan.ts';

function savedWith(changes: Partial<Fold> = {}, more: Partial<Saved> = {}): Saved {
  const fold = emptyFold({
    type: 'session',
    id: 'r1',
    at: '2026-01-01T00:00:00.000Z',
    format: 2,
    sessionId: 's',
    generation: 'g',
    part: 1,
    family: 's',
    project: { path: '/p' },
    origin: { kind: 'human', agent: 'roo' },
  });
  return {
    fold: { ...fold, ...changes },
    messageCount: 4,
    maxHistoryLength: 1000,
    workingDirectory: '/p',
    holder: null,
    ...more,
  };
}

function state(changes: Record<string, unknown>): Fold['state'] {
  return { ...savedWith().fold.state, ...changes } as Fold['state'];
}

const HERE: Observed = {
  cwd: '/p',
  folder: { state: 'there' },
  environment: {},
  tools: null,
  files: null,
  watched: null,
  processes: null,
  mcpServers: null,
};

const FILES: FilesObserved = { changes: [], touchedCount: 0, sinceAt: 'T', partly: null, git: null, open: [] };

function planned(saved: Saved, observed: Partial<Observed> = {}): [string, string, string][] {
  return planRestore(saved, { ...HERE, ...observed })
    .filter(({ kind }) => kind !== 'conversation')
    .map(({ kind, action, target }) => [kind, action, target]);
}

function process(id: string): BackgroundProcess {
  return {
    id,
    command: 'npm run dev',
    workingDirectory: '/p',
    environment: {},
    pid: 7,
    identity: null,
    status: 'running',
    exitCode: null,
    startedAt: '',
    endedAt: null,
    logBytes: 0,
  };
}

describe('the conversation', () => {
  it('comes whole, or as much as is brought into memory; interrupted calls and a holder are said', () => {
    const openCalls = { c1: { name: 'bash', input: '', at: '' } };
    const holder = { pid: 5, host: 'h', since: 'T' };
    const saved = savedWith({ openCalls }, { messageCount: 5, maxHistoryLength: 2, holder });
    const plan = planRestore(saved, HERE).filter(({ kind }) => kind === 'conversation');
    assert.deepEqual(
      plan.map(({ action, target }) => [action, target]),
      [
        ['blocked', 'process 5 on h'],
        ['load', '2 messages'],
        ['mark-interrupted', 'bash (c1)'],
      ],
    );
    assert.match(plan[1]!.reason, /the newest of 5/);
  });
});

describe('the folder', () => {
  const moved = [
    { path: '/q/sub', root: '/q', evidence: 'same remote' },
    { path: '/z', root: '/z', evidence: 'same commit' },
  ];
  for (const [what, observed, action, target, asks] of [
    ['is stayed in', {}, 'stay', '/p', false],
    ['is entered', { cwd: '/other' }, 'enter', '/p', false],
    ['that is gone is asked about', { folder: { state: 'missing', moved: [] } }, 'missing', '/p', true],
    ['that moved is asked about', { folder: { state: 'missing', moved } }, 'move', '/q/sub', true],
    [
      'that holds another project is asked about',
      { folder: { state: 'other', evidence: 'another remote', moved: [] } },
      'other',
      '/p',
      true,
    ],
    [
      'whose project moved away for another one is asked about',
      { folder: { state: 'other', evidence: 'another remote', moved } },
      'move',
      '/q/sub',
      true,
    ],
  ] as [string, Partial<Observed>, string, string, boolean][]) {
    it(what, () => {
      const first = planRestore(savedWith(), { ...HERE, ...observed }).find(({ kind }) => kind === 'cwd');
      assert.deepEqual([first!.action, first!.target, needsYes(first!)], [action, target, asks]);
    });
  }

  it('names the evidence, the trouble and the other candidates', () => {
    const folder = { state: 'other', evidence: 'another remote', moved } as const;
    const plan = planRestore(savedWith(), { ...HERE, folder: { ...folder, moved: [...moved] } });
    const { reason } = plan.find(({ kind }) => kind === 'cwd')!;
    assert.match(reason, /was in \/p: another remote; same remote; it may also be \/z/);
  });
});

describe('the environment', () => {
  it('is only what differs and may be kept; its values are shown before they are set', () => {
    const environment = { LANG: 'de', TZ: 'UTC', NODE_ENV: 'test', LD_PRELOAD: '/evil.so', AWS_SECRET: 'x' };
    const saved = savedWith({ state: state({ environment }) });
    const here = { LANG: 'en', TZ: 'UTC' };
    assert.deepEqual(planned(saved, { environment: here }).slice(1), [
      ['env', 'set', 'LANG'],
      ['env', 'set', 'NODE_ENV'],
    ]);
    const plan = planRestore(saved, { ...HERE, environment: here });
    assert.equal(plan.find(({ target }) => target === 'LANG')!.reason, 'it was "de", here it is "en"');
    assert.equal(plan.find(({ target }) => target === 'NODE_ENV')!.reason, 'it was "test", here it is not set');
  });

  it('never sets what names a program or describes the terminal', () => {
    const environment = { PAGER: 'sh -c evil', EDITOR: 'evil', VISUAL: 'evil', SHELL: '/evil', TERM: 'x', PWD: '/q' };
    const saved = savedWith({ state: state({ environment }) });
    const plan = planned(saved, { environment: { PAGER: 'less', TERM: 'xterm' } }).slice(1);
    assert.deepEqual(plan, [
      ['env', 'keep', 'PAGER'],
      ['env', 'keep', 'TERM'],
    ]);
  });
});

it('configured tools come back, and one that is gone is said', () => {
  const use = { lastUsed: '', usageCount: 1 };
  const tools = { bash: { ...use, configuration: { a: 1 } }, gone: use, plain: use };
  assert.deepEqual(planned(savedWith({ tools }), { tools: ['bash', 'plain'] }).slice(1), [
    ['tools', 'apply', 'bash'],
    ['tools', 'missing', 'gone'],
  ]);
});

describe('files', () => {
  it('that changed are listed, the touched first, and of many the number is said', () => {
    const changes = Array.from({ length: 30 }, (_, i): FileChange => ({
      path: `f${i}`,
      kind: i < 25 ? 'changed' : 'added',
    }));
    const plan = planRestore(savedWith(), { ...HERE, files: { ...FILES, changes, touchedCount: 1 } });
    const files = plan.filter(({ kind }) => kind === 'files');
    assert.equal(files.length, 21);
    assert.match(files[0]!.reason, /^changed since T; the session read or wrote it$/);
    assert.equal(files[1]!.reason, 'changed since T');
    assert.deepEqual([files[20]!.target, files[20]!.reason], ['10 more files', '5 added, 5 changed']);
  });

  it('in view are read again, a rename says from where, git says what moved', () => {
    const git = { before: { head: 'a'.repeat(40), branch: 'main' }, now: { head: 'b'.repeat(40), branch: null } };
    const changes: FileChange[] = [{ path: 'new', kind: 'renamed', from: 'old' }];
    const open: FilesObserved['open'] = [
      { path: 'a', state: 'changed' },
      { path: 'b', state: 'gone' },
    ];
    const plan = planRestore(savedWith(), { ...HERE, files: { ...FILES, changes, git, open } });
    const files = plan.filter(({ kind }) => kind === 'files');
    assert.deepEqual(
      files.map(({ action, target }) => [action, target]),
      [
        ['report', 'git'],
        ['report', 'new'],
        ['reopen', 'a'],
        ['missing', 'b'],
      ],
    );
    assert.equal(files[0]!.reason, 'branch main → (none), commit aaaaaaaa → bbbbbbbb');
    assert.match(files[1]!.reason, /^renamed from old since/);
  });
});

it('watchers are armed, or waited for; servers are reconnected', () => {
  const watched = [
    { path: '/p/src', state: 'there' },
    { path: '/p/gone', state: 'gone' },
  ] as const;
  const mcpServers = [
    { name: 'fs', transport: { type: 'stdio', command: 'npx', args: ['x'] } },
    { name: 'web', transport: { type: 'http', url: 'https://example.test' } },
  ] as const;
  const plan = planned(savedWith(), { watched, mcpServers: mcpServers as unknown as Observed['mcpServers'] }).slice(1);
  assert.deepEqual(plan, [
    ['watchers', 'arm', '/p/src'],
    ['watchers', 'await', '/p/gone'],
    ['mcp', 'reconnect', 'fs'],
    ['mcp', 'reconnect', 'web'],
  ]);
});

it('a process is attached to, its exit shown, or offered: never started', () => {
  const processes = [
    { process: process('p1'), observed: { status: 'running', exitCode: null, reason: 'same boot, pid and start' } },
    { process: process('p2'), observed: { status: 'exited', exitCode: 3, reason: 'it ended at T' } },
    { process: process('p3'), observed: { status: 'lost', exitCode: null, reason: 'the machine was started again' } },
  ] as const;
  const plan = planRestore(savedWith(), { ...HERE, processes });
  assert.deepEqual(
    plan.filter(({ kind }) => kind === 'processes').map(({ action, target, reason }) => [action, target, reason]),
    [
      ['attach', 'p1', 'npm run dev: same boot, pid and start'],
      ['show-exit', 'p2', 'npm run dev: exit code 3; it ended at T'],
      ['offer', 'p3', 'npm run dev: the machine was started again; to run it again: /processes restart p3'],
    ],
  );
});

it('a process whose end the session saw is done with; of one that ended since, the last words are said', () => {
  const observed = { status: 'exited', exitCode: 3, reason: 'it has ended', lastLines: ['one', 'two'] } as const;
  const seen = { process: { ...process('p1'), status: 'exited' as const, exitCode: 3 }, observed };
  const news = { process: process('p2'), observed };
  const plan = planRestore(savedWith(), { ...HERE, processes: [seen, news] }).filter(
    ({ kind }) => kind === 'processes',
  );
  assert.deepEqual(
    plan.map(({ action, target, reason }) => [action, target, reason]),
    [['show-exit', 'p2', 'npm run dev: exit code 3; it has ended; it printed last: one ⏎ two']],
  );
});

it("a server that only the settings name is not said to be the session's", () => {
  const transport = { type: 'http', url: 'https://example.test/mcp' } as const;
  const servers = [
    { name: 'new', transport },
    { name: 'old', transport, known: {} },
  ];
  const plan = planRestore(savedWith(), { ...HERE, mcpServers: servers }).filter(({ kind }) => kind === 'mcp');
  assert.deepEqual(
    plan.map(({ reason }) => reason.split(':')[0]),
    ['the settings name it', 'the session used it'],
  );
});

it('--only keeps what was asked for, and always the conversation', () => {
  const saved = savedWith({ state: state({ environment: { TZ: 'UTC' } }), config: { autoSave: false } });
  const plan = planRestore(saved, HERE);
  const kinds = (only: RestoreAction[]): string[] => only.map(({ kind }) => kind);
  assert.deepEqual(kinds(onlyKinds(plan, [])), ['conversation', 'cwd', 'env', 'config']);
  assert.deepEqual(kinds(onlyKinds(plan, ['env'])), ['conversation', 'env']);
});

it('whatever a log from elsewhere holds, the plan is made, the same each time, of documented words', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything()),
      fc.dictionary(fc.string(), fc.string()),
      (odd, environment) => {
        const saved = savedWith({ state: state({ ...odd, workingDirectory: odd['a'], environment: odd }) });
        const plan = planRestore(saved, { ...HERE, environment });
        assert.deepEqual(plan, planRestore(saved, { ...HERE, environment }));
        for (const { kind, action, target, reason } of plan) {
          assert.ok(RESTORE_KINDS.includes(kind) && RESTORE_VERBS.includes(action));
          assert.ok(typeof target === 'string' && reason !== '');
        }
      },
    ),
    { numRuns: 200 },
  );
});
