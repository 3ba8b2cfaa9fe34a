// Every text that a service hands to a command is one that steers a terminal: names, words of models, paths, reasons,
// messages of errors. No verb prints it as it is, in no format, on a pipe or on a terminal.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { Services, System } from '../../src/cli/commands/context.ts';
import { SESSION_COMMANDS } from '../../src/cli/commands/session-commands.ts';
import { run } from '../../src/cli/run.ts';
import { SessionError } from '../../src/core/errors.ts';
import { fakeSession, fakeState, ID_A, ID_B } from '../helpers/fake-sessions.ts';
import type { FakeState } from '../helpers/fake-sessions.ts';
import { fakeServices } from '../helpers/run-roo.ts';
import { attackText, ATTACKS, steeringIn, withoutOwnSequences } from '../helpers/terminal-attacks.ts';

const FORMATS = ['table', 'plain', 'json', 'jsonl', 'yaml', 'csv', 'markdown'] as const;
const AT = '2026-01-02T10:00:00.000Z';

/** One run or more of each verb, so that all that it can print is printed. */
const VERBS: Readonly<Record<keyof typeof SESSION_COMMANDS, readonly string[][]>> = {
  list: [['--all'], ['--trash'], ['--limit', '1']],
  find: [['login']],
  show: [[ID_A], [ID_A, '--tools'], [ID_A, '--raw'], [ID_A, '--last', '1']],
  info: [[ID_A]],
  stats: [[ID_A], []],
  usage: [[]],
  processes: [[ID_A]],
  logs: [[ID_A, 'p1']],
  save: [['a name']],
  load: [
    [ID_A, '--dry-run'],
    [ID_A, '--no-interactive', '--yes'],
    ...['bash', 'zsh', 'fish', 'pwsh'].map((shell) => [ID_A, '--shell', shell]),
  ],
  fork: [[ID_A]],
  checkpoint: [['a point']],
  checkpoints: [[ID_A]],
  rewind: [
    [ID_A, 'm1'],
    [ID_A, 'm1', '--dry-run'],
  ],
  edit: [[ID_A, '--name', 'x']],
  link: [[ID_A, ID_B]],
  unlink: [[ID_A, ID_B]],
  config: [[ID_A], [ID_A, 'model', 'm']],
  export: [[ID_A, 'json', '-o', '/nowhere/at/all']],
  import: [['file']],
  discover: [[], ['--import']],
  delete: [[ID_A], [ID_A, '--purge', '--yes']],
  undelete: [[ID_A]],
  archive: [[ID_A]],
  unarchive: [[ID_A]],
  cleanup: [['--dry-run'], ['--yes']],
  prune: [['--all', '--yes']],
  encrypt: [[ID_A]],
  decrypt: [[ID_A, '--yes']],
  share: [[ID_A, '--with', 'age1bob']],
  rekey: [[ID_A]],
  keys: [[], ['export'], ['rotate'], ['add', 'age1bob', '--name', 'bob']],
  scrub: [
    [ID_A, '--yes'],
    ['--all', '--dry-run'],
  ],
  verify: [[ID_A], ['--all']],
  audit: [[], ['--verify']],
  repair: [[ID_A]],
  migrate: [[]],
  reindex: [[]],
};

let number = 0;
/** Fields by which commands find things again. */
const KEPT: ReadonlySet<string> = new Set(['id', 'sessionId', 'type', 'version', 'nextCursor']);

/** The same answer with an attack in front of every text in it. */
function attacked<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (KEPT.has(key) || value === ID_A ? value : attackText(number++) + value) as T;
  if (typeof value === 'function') {
    return ((...args: unknown[]) => attacked((value as (...args: unknown[]) => unknown)(...args))) as T;
  }
  if (typeof value !== 'object' || value === null || value instanceof SessionError) return value;
  if (value instanceof Promise) return value.then((answer: unknown) => attacked(answer)) as T;
  if (Array.isArray(value)) return value.map((item) => attacked(item as unknown, key)) as T;
  const entries = Object.entries(value).map(([each, one]) => [each, attacked(one as unknown, each)]);
  const copy = Object.fromEntries(entries) as T & object;
  if (Symbol.asyncIterator in value)
    Object.assign(copy, { [Symbol.asyncIterator]: () => attackedItems(value as never) });
  return copy;
}

async function* attackedItems(items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const item of items) yield attacked(item);
}

/** The methods of a service of a class, too. */
function service<T extends object>(made: T): T {
  return new Proxy(made, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value === 'function') return attacked(value.bind(target));
      return typeof value === 'object' && value !== null ? service(value) : value;
    },
  });
}

function state(): FakeState {
  const details = { links: [{ sessionId: ID_B, kind: 'related' as const }], tags: ['a', 'b'], outcome: 'o' };
  const base = { id: 'm3', parentId: null, at: AT, model: 'm', usage: null };
  const warning = { code: 'LOG_DAMAGED' as const, message: 'w', path: '/p', offsetBytes: 1, hint: 'h' };
  return fakeState({
    sessions: [fakeSession({ ...details, description: 'd' }), fakeSession({ ...details, id: ID_B, name: 'other' })],
    messages: [
      {
        ...base,
        role: 'assistant',
        parts: [
          { type: 'text', text: 't' },
          { type: 'thinking', text: 't' },
          { type: 'file', path: 'f' },
          { type: 'image', mediaType: 'i' },
          { type: 'other', kind: 'k', value: 'v' },
          { type: 'tool-call', callId: 'c', name: 'bash', input: attackText(3) },
          {
            type: 'tool-call',
            callId: 'd',
            name: 'bash',
            input: JSON.stringify({ command: attackText(9), [attackText(4)]: 1 }),
          },
          { type: 'tool-result', callId: 'c', name: 'bash', status: 'error', output: 'o', exitCode: 1 },
        ],
      },
    ],
    trash: [{ id: ID_A, name: 'n', deletedAt: AT, expiresAt: AT, bytes: 1 }],
    discovered: [
      {
        agent: 'a',
        id: 'x',
        path: '/p',
        paths: [],
        title: 't',
        project: 'p',
        updatedAt: AT,
        sizeBytes: 1,
        importedAs: null,
        status: 'new',
      },
    ],
    imported: [{ id: ID_A, name: 'n', agent: 'a', messages: 1, toolCalls: 0, quarantined: 1, status: 'new' }],
    holder: { pid: 1, host: 'h', since: AT },
    warnings: [warning],
    lateWarnings: [warning],
    auditProblems: [{ path: '/p', line: 1, problem: 'x' } as never],
    verify: [
      {
        id: ID_A,
        health: 'damaged',
        recordsOk: 1,
        recordsDamaged: 1,
        bytesKept: 1,
        spans: [{ part: 1, offsetBytes: 1, lengthBytes: 1, reason: 'r' }],
      },
    ] as never,
    fold: {
      config: { model: 'm', theirs: { deep: 'x' } },
      openCalls: { c: { name: 'n', input: 'i', at: AT } },
      firstPrompt: 'f',
      state: {
        workingDirectory: '/nowhere',
        environment: { LANG: 'C', PS1: 'x' },
        activeProcesses: [{ id: 'p1', command: 'c', status: 'running', pid: 1, startedAt: AT }] as never,
        openFiles: ['f'],
        watchedFiles: ['w'],
        mcpConnections: [{ name: 'files', transport: 'stdio', target: 't', status: 's' }],
      },
    },
  });
}

interface Said {
  stdout: string;
  stderr: string;
}

async function say(words: readonly string[], made: FakeState, isTTY: boolean): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof Said): System['stdout'] => ({
    write(text, done) {
      said[name] += text;
      queueMicrotask(() => done?.(null));
      return true;
    },
    ...(isTTY && { isTTY, columns: 400 }),
  });
  const system: System = {
    env: {},
    cwd: '/home/dev/shop',
    userFolder: '/nowhere/me',
    stdin: Readable.from(['']),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    nowMs: () => Date.parse(AT),
    chdir: (folder) => folder,
    signal: new AbortController().signal,
    takeInterrupts: () => () => {},
  };
  await run(words, system, {
    makeServices: () => {
      const services = fakeServices(made);
      const wrapped = (make: () => Promise<object>) => async () => service(await make());
      const { storage, serializer, cleanup, checkpoints } = services;
      const hostile = { storage, serializer, cleanup, checkpoints };
      const process = { id: 'p1', command: 'c', pid: 1, status: 'lost', startedAt: AT };
      const processes = async () => [
        { process, observed: { status: 'lost', exitCode: null, reason: 'r', lastLines: ['l'] } },
      ];
      const servers = async () => [{ name: 'n', transport: { type: 'stdio', command: 'c', args: ['a'] } }];
      return {
        ...services,
        ...Object.fromEntries(Object.entries(hostile).map(([name, make]) => [name, wrapped(make)])),
        observedProcesses: attacked(processes),
        toolServers: attacked(servers),
        noticed: attacked(async () => [{ code: 'STORE_UNSAFE', message: 'm', path: 'p', hint: 'h' }]),
      } as unknown as Services;
    },
    startInteractive: async () => {},
  });
  return said;
}

function assertTame({ stdout, stderr }: Said, isTTY: boolean, words: readonly string[]): void {
  for (const [name, text] of Object.entries({ stdout, stderr })) {
    const left = isTTY ? withoutOwnSequences(text) : text;
    assert.equal(steeringIn(left), null, `${name} of roo ${words.join(' ')}`);
  }
}

describe('texts that steer a terminal', () => {
  it('are many, and are found where they are printed', () => {
    assert.ok(Object.keys(ATTACKS).length >= 40);
    const harmless = Object.entries(ATTACKS).filter(([, text]) => steeringIn(text) === null);
    assert.deepEqual(
      harmless.map(([name]) => name),
      ['marks on top of each other'],
    );
  });

  for (const [verb, runs] of Object.entries(VERBS)) {
    it(`do not come out of roo session ${verb}`, async () => {
      let printed = 0;
      let last: Said | null = null;
      for (const words of runs) {
        for (const format of FORMATS) {
          for (const isTTY of [false, true]) {
            const line = ['session', verb, ...words, '-f', format];
            const said = await say(line, state(), isTTY);
            // What goes to a shell's eval is data, every byte of it.
            last = said;
            const isForShell = words.includes('--shell') && !isTTY;
            assertTame(isForShell ? { ...said, stdout: '' } : said, isTTY, line);
            printed += (said.stdout + said.stderr).includes('owned') ? 1 : 0;
          }
        }
      }
      // They were there to be printed.
      assert.ok(printed > 0, `${verb}: ${JSON.stringify(last)}`);
    });
  }

  it('do not come out of an error, its place, its hint, its cause or its candidates', async () => {
    const hostile = attackText(5);
    const data = { candidates: [{ id: hostile, name: hostile }, hostile] };
    const failure = new SessionError('STORE_UNREADABLE', hostile, {
      op: hostile,
      path: hostile,
      hint: `${hostile}\n${hostile}`,
      cause: new Error(hostile),
      data,
    });
    const failures = { list: failure, importFile: new Error(hostile), messages: failure };
    for (const format of FORMATS) {
      for (const words of [
        ['list'],
        ['import', hostile],
        ['show', ID_A],
        ['show', hostile],
        ['find', hostile],
        [hostile],
      ]) {
        for (const isTTY of [false, true]) {
          const line = ['session', ...words, '-f', format];
          assertTame(await say(line, fakeState({ failures }), isTTY), isTTY, line);
        }
      }
    }
    for (const words of [
      [hostile],
      [`--${hostile}`],
      ['config', hostile],
      ['completion', hostile],
      ['help', hostile],
      ['-C', hostile, 'doctor'],
      ['__complete', '--', 'session', 'show', ''],
    ]) {
      assertTame(await say(words, state(), false), false, words);
    }
  });
});
