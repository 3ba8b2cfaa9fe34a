// A Session with something in every field, nasty values among it, as an embedding program would fill it in.

import { parseJson } from '../../src/core/json.ts';
import type { Session } from '../../src/cli/types/session-types.ts';

/** Text that breaks naive formats: line separators, half characters, keys that every object inherits. */
export const NASTY_TEXT = 'a\nb\r\n\u2028c\u0000d 店 🎉 \ud800 "quoted" \\ __proto__';

/** Fills a new session in; what it already is (id, created) stays. */
export function fillSession(session: Session): void {
  session.name = 'every field';
  session.description = NASTY_TEXT;
  Object.assign(session.metadata, {
    tags: ['one', 'two'],
    status: 'paused',
    outcome: 'half done',
    links: [{ sessionId: 'a1b2c3d4-0000-4000-8000-000000000009', kind: 'depends-on' }],
    project: { path: '/home/dev/project', gitRoot: '/home/dev/project', gitRemote: 'https://example.test/p.git' },
  });
  session.state = {
    workingDirectory: '/home/dev/project/src dir',
    environment: { EDITOR: 'vi', LANG: 'C.UTF-8' },
    activeProcesses: [
      {
        id: 'p1',
        command: 'npm run dev',
        pid: 4242,
        status: 'running',
        exitCode: null,
        startedAt: '2026-01-01T00:00:00.000Z',
        endedAt: null,
        workingDirectory: '/work',
      },
    ],
    openFiles: ['src/a.ts', `odd\u2028name`],
    watchedFiles: ['src', 'test/**'],
    mcpConnections: [{ name: 'files', transport: 'stdio', target: 'files ${env:TOKEN}', status: 'connected' }],
  };
  session.history.context = {
    systemPrompt: NASTY_TEXT,
    tools: [{ name: 'bash', schema: { ['__proto__']: 1 } }],
    model: 'provider/model',
    openFiles: ['src/a.ts'],
    gitBranch: 'main',
    gitCommit: 'c0ffee',
    extra: parseJson('{"big":12345678901234567890}'),
  };
  session.history.messages.push(
    { role: 'user', content: NASTY_TEXT },
    {
      role: 'assistant',
      content: '',
      parts: [
        { type: 'thinking', text: 'hm', signature: 'sig==' },
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', callId: 'c1', name: 'bash', input: '{"command":"ls"}' },
        {
          type: 'tool-result',
          callId: 'c1',
          name: 'bash',
          status: 'ok',
          output: 'a\nb\n',
          exitCode: 0,
          durationMs: 12,
        },
        { type: 'tool-call', callId: 'c2', name: 'bash', input: '{malformed' },
        { type: 'tool-result', callId: 'c2', name: 'bash', status: 'denied', output: '' },
        { type: 'image', mediaType: 'image/png', data: 'aGVsbG8=' },
        { type: 'file', path: 'doc.md', text: 'text' },
      ],
      model: 'provider/model',
      usage: { inputTokens: 10, outputTokens: 5, cost: 0.25 },
      raw: parseJson('{"id":98765432109876543210,"n":1.5}'),
    },
    { role: 'user', content: 'and now?', timestamp: new Date('2026-01-02T03:04:05.678Z') },
  );
  session.history.checkpoints.push({
    id: 'cp-1',
    description: 'before the change',
    timestamp: new Date('2026-01-02T03:00:00.000Z'),
    messageId: null,
    commit: 'c0ffee',
  });
  session.tools = [
    {
      toolName: '__proto__',
      configuration: { nested: [1, { two: 2 }], big: parseJson('12345678901234567890') },
      cache: ['x', null, true],
      lastUsed: new Date('2026-01-02T03:04:00.000Z'),
      usageCount: 41,
    },
    {
      toolName: 'bash',
      configuration: null,
      cache: null,
      lastUsed: new Date('2026-01-02T03:05:00.000Z'),
      usageCount: 3,
    },
  ];
  session.files = {
    workingDirectory: '/home/dev/project/src dir',
    watchedDirectories: ['src'],
    ignorePatterns: ['dist', 'node_modules'],
    lastScanTime: new Date('2026-01-02T03:04:05.000Z'),
    fingerprints: { 'src/a.ts': { size: 10, mtimeMs: 1234.5, hash: 'ab' } },
    gitHead: 'c0ffee',
    gitBranch: 'main',
    gitDirty: true,
  };
  session.config = {
    autoSave: true,
    autoSaveInterval: 7,
    maxHistoryLength: 500,
    compressionEnabled: false,
    encryptionEnabled: false,
    retentionDays: 90,
    maxSessionSize: 12,
  };
}

/** What must come back of a session, whoever reads it: without what the act of saving and loading changes. */
export function lasting(session: Session): unknown {
  const { metadata, tools, ...rest } = session;
  const {
    updatedAt: _updated,
    lastAccessedAt: _accessed,
    duration: _duration,
    commandCount: _count,
    ...kept
  } = metadata;
  const byName = tools.toSorted((a, b) => (a.toolName < b.toolName ? -1 : 1));
  return JSON.parse(JSON.stringify({ ...rest, tools: byName, metadata: kept })) as unknown;
}
