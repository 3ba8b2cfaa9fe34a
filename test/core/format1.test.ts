import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsOfSession, recordsOfState } from '../../src/core/format1.ts';
import { recordsOfMessage } from '../../src/core/format1-message.ts';
import { Format1Parser } from '../../src/core/format1-parser.ts';
import type { Format1Header } from '../../src/core/format1-parser.ts';
import { SessionError } from '../../src/core/errors.ts';
import { parseJson, stringifyJson } from '../../src/core/json.ts';
import { checkRecord } from '../../src/core/foreign-record-check.ts';
import type { NewRecord } from '../../src/core/record.ts';

const at = '2026-03-01T10:00:00.000Z';

interface Read {
  header: Format1Header;
  messages: unknown[];
  unreadable: { index: number; reason: string; text?: string }[];
  sessionBytes: string;
}

function read(text: string, chunkBytes = text.length + 1): Read {
  const bytes = Buffer.from(text);
  const messages: unknown[] = [];
  const unreadable: Read['unreadable'] = [];
  const session: Buffer[] = [];
  const parser = new Format1Parser({
    message: (value) => messages.push(value),
    unreadable: (entry) => unreadable.push(entry),
    sessionBytes: (piece) => session.push(Buffer.from(piece)),
  });
  for (let i = 0; i < bytes.length; i += chunkBytes) parser.write(bytes.subarray(i, i + chunkBytes));
  return { header: parser.end(), messages, unreadable, sessionBytes: Buffer.concat(session).toString() };
}

function errorOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof SessionError) return error.code;
    throw error;
  }
  return 'none';
}

test('a document gives its messages, its header and the exact bytes of the session, in chunks of any size', () => {
  const session =
    '{ "id": "s", "history" : {"messages":[{"n":1},\n {"n":12345678901234567890}], "context": {}},"x":"é" }';
  const text = `{"version":"1.0","session": ${session} ,"checksum":"abc","compressed":true}`;
  for (const chunkBytes of [1, 2, 7, 64, 4096]) {
    const { header, messages, sessionBytes } = read(text, chunkBytes);
    assert.equal(sessionBytes, session);
    assert.equal(stringifyJson(messages), '[{"n":1},{"n":12345678901234567890}]');
    assert.deepEqual(header, {
      version: '1.0',
      checksum: 'abc',
      session: { id: 's', x: 'é', history: { context: {} } },
    });
  }
});

test('a bare session without the envelope is read too', () => {
  const { header, messages } = read('{"id":"s","metadata":{},"state":{},"history":{"messages":[1]}}');
  assert.deepEqual(messages, [1]);
  assert.equal(header.version, undefined);
  assert.equal(header.session['id'], 's');
});

test('a message that is no JSON is set aside and those around it are read', () => {
  const deep = '['.repeat(600) + ']'.repeat(600);
  const { messages, unreadable } = read(`{"session":{"history":{"messages":[1,{bad},${deep},2]}}}`);
  assert.deepEqual(messages, [1, 2]);
  assert.deepEqual(
    unreadable.map(({ index, text }) => [index, text]),
    [
      [1, '{bad}'],
      [2, deep],
    ],
  );
});

for (const [what, text, code] of [
  ['cut short', '{"session":{"id":"s","history":{"messages":[{}', 'LOG_UNREADABLE'],
  ['of another kind', '{"messages":[]}', 'FORMAT_UNKNOWN'],
  ['no object', '[1,2]', 'FORMAT_UNKNOWN'],
  ['holding two sessions', '{"session":{},"session":{}}', 'RECORD_INVALID'],
  ['holding two histories', '{"session":{"history":{},"history":{}}}', 'RECORD_INVALID'],
  ['no JSON beside the messages', '{"session":{"id":oops}}', 'LOG_UNREADABLE'],
] as const) {
  test(`a document that is ${what} is refused`, () => assert.equal(errorOf(text), code));
}

test('keys named __proto__ stay data', () => {
  const { header, messages } = read('{"session":{"__proto__":{"x":1},"history":{"messages":[{"__proto__":{"x":1}}]}}}');
  assert.equal(({} as { x?: unknown }).x, undefined);
  assert.equal((header.session as { x?: unknown }).x, undefined);
  assert.equal(stringifyJson(messages), '[{"__proto__":{"x":1}}]');
  const [strange] = recordsOfState(header.session, undefined);
  assert.equal(stringifyJson((strange as { value: unknown }).value), '{"session":{"__proto__":{"x":1}}}');
});

const CASES: [string, unknown, NewRecord[]][] = [
  [
    'text as content',
    { id: 'm', role: 'user', content: 'hello', timestamp: at },
    [{ id: 'm', at, type: 'message', role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  ],
  ['no content at all', { role: 'assistant' }, [{ type: 'message', role: 'assistant', parts: [] }]],
  [
    'a time in milliseconds, tokens under other names, and fields nobody knows',
    { role: 'model', content: 'x', timestamp: Date.parse(at), usage: { input_tokens: 3, total: 4 }, mood: 'good' },
    [
      {
        at,
        type: 'message',
        role: 'assistant',
        parts: [{ type: 'text', text: 'x' }],
        usage: { inputTokens: 3 },
        raw: { mood: 'good', usage: { input_tokens: 3, total: 4 } },
      },
    ],
  ],
  [
    'content blocks with a call',
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'text', text: 'look' },
        { type: 'tool_use', id: 'c1', name: 'bash', input: { command: 'ls' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
        { type: 'server_thing', x: 1 },
      ],
    },
    [
      {
        type: 'message',
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'hm', signature: 'sig' },
          { type: 'text', text: 'look' },
          { type: 'tool-call', callId: 'c1', name: 'bash', input: '{"command":"ls"}' },
          { type: 'image', mediaType: 'image/png', data: 'AA==' },
          { type: 'other', kind: 'format1:server_thing', value: { type: 'server_thing', x: 1 } },
        ],
      },
    ],
  ],
  [
    'the result of a call in a message of its own',
    {
      role: 'user',
      timestamp: at,
      content: [
        { type: 'tool_result', tool_use_id: 'known', content: [{ type: 'text', text: 'out' }], is_error: true },
      ],
    },
    [{ type: 'tool-end', callId: 'known', status: 'error', output: 'out', at }],
  ],
  [
    'the result of a call that is not there',
    { role: 'tool', tool_call_id: 'unknown', content: 'out' },
    [
      {
        type: 'custom',
        kind: 'format1:tool-result',
        value: { role: 'tool', tool_call_id: 'unknown', content: 'out', type: 'tool_result', tool_use_id: 'unknown' },
      },
    ],
  ],
  [
    'calls beside the content',
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c2', type: 'function', function: { name: 'f', arguments: '{bad' } }],
    },
    [
      {
        type: 'message',
        role: 'assistant',
        parts: [{ type: 'tool-call', callId: 'c2', name: 'f', input: '{bad' }],
        raw: { tool_calls: [{ id: 'c2', type: 'function', function: { name: 'f', arguments: '{bad' } }] },
      },
    ],
  ],
  ['no message', 7, [{ type: 'custom', kind: 'format1:message', value: 7 }]],
];
for (const [what, message, records] of CASES) {
  test(`a message with ${what} becomes records`, () => {
    assert.deepEqual(recordsOfMessage(message, new Set(['known'])), records);
  });
}

test('our own parts come back as they were, with the ends of their calls', () => {
  const parts = [
    { type: 'text', text: 'a', extra: 1 },
    { type: 'tool-call', callId: 'c', name: 'bash', input: '{}' },
    {
      type: 'tool-result',
      id: 'end',
      at,
      callId: 'c',
      name: 'bash',
      status: 'denied',
      output: 'o',
      exitCode: 1,
      raw: { x: 1 },
    },
    { type: 'tool-call', callId: 'd', name: 'bash', input: '{}' },
    { type: 'tool-result', callId: 'd', name: 'bash', status: 'interrupted', output: 'half' },
  ];
  const message = { id: 'm', parentId: 'p', role: 'assistant', content: 'a', timestamp: at, parts, raw: [1] };
  assert.deepEqual(recordsOfMessage(message, new Set()), [
    { id: 'm', at, type: 'message', role: 'assistant', parts: [parts[0], parts[1], parts[3]], raw: [1] },
    { raw: { x: 1 }, id: 'end', at, type: 'tool-end', callId: 'c', status: 'denied', output: 'o', exitCode: 1 },
    { type: 'tool-output', callId: 'd', text: 'half', at },
  ]);
});

test('whatever a message is, its records can be written', () => {
  const junk = [null, 'x', 1, [], {}, { role: 5 }, { content: 5 }, { content: [5, null, 'x', {}] }, { parts: {} }];
  const blocks = [
    { type: 'tool_use' },
    { type: 'tool-call', callId: 5 },
    { type: 'tool-result' },
    { type: 'tool_result', tool_use_id: 'known', content: 5 },
    { type: 'tool-result', callId: 'known', status: 'strange', output: 5, parts: 5, blob: { hash: '../x', bytes: 1 } },
    { type: 'image', source: 5 },
    { type: 'text', text: 5 },
  ];
  for (const message of [...junk, ...blocks.map((block) => ({ parts: [block] }))]) {
    for (const record of recordsOfMessage(parseJson(JSON.stringify(message)), new Set(['known']))) {
      assert.equal(checkRecord(record), null);
    }
  }
});

const SESSION = {
  id: 's',
  name: 'A name',
  description: 'words',
  metadata: {
    createdAt: '2026-03-01T09:00:00Z',
    updatedAt: at,
    tags: ['one', 2, 'three'],
    status: 'completed',
    outcome: 'good',
    links: [{ sessionId: 'o', kind: 'related' }, { kind: 'odd' }],
    project: { path: '/p', gitRemote: 'r' },
    colour: 'blue',
  },
  state: { workingDirectory: '/p', environment: { A: '1' }, openFiles: 'not a list', own: [1] },
  history: { context: { model: 'm' }, checkpoints: [{ id: 'k', description: 'd', timestamp: at, messageId: 'm' }] },
  tools: [{ toolName: 'bash', configuration: null, cache: { x: 1 }, usageCount: 3 }, { nothing: true }],
  files: { workingDirectory: '/p', watchedDirectories: ['/p'], lastScanTime: null },
  config: { autoSave: false },
};

test('all that is beside the messages becomes records, and what has no place is kept', () => {
  const records = recordsOfState(SESSION, 'first prompt');
  assert.deepEqual(
    records.map((record) => [record.type, record.type === 'custom' ? record.kind : '']),
    [
      ['context', ''],
      ['checkpoint', ''],
      ['tool-state', ''],
      ['state', ''],
      ['custom', 'format1:state'],
      ['files', ''],
      ['config', ''],
      ['meta', ''],
      ['custom', 'format1:fields'],
    ],
  );
  for (const record of records) assert.equal(record.at, at);
  const by = (type: string): Record<string, unknown> => records.find((record) => record.type === type) as never;
  assert.deepEqual(by('state')['patch'], { workingDirectory: '/p', environment: { A: '1' }, own: [1] });
  assert.deepEqual(by('meta'), {
    type: 'meta',
    name: 'A name',
    description: 'words',
    status: 'completed',
    outcome: 'good',
    addTags: ['one', 'three'],
    addLinks: [{ sessionId: 'o', kind: 'related' }],
    at,
  });
  assert.deepEqual((records.at(-1) as { value: unknown }).value, { metadata: { colour: 'blue' } });
});

test('a name that only repeats the first prompt is not taken for a given one', () => {
  assert.deepEqual(recordsOfState({ name: 'first prompt' }, 'first prompt'), []);
  assert.deepEqual(recordsOfState({ name: 'session 0123abcd' }, 'first prompt'), []);
  assert.deepEqual(recordsOfState({ name: 'other' }, 'first prompt'), [{ type: 'meta', name: 'other' }]);
});

test('a session without anything has facts without anything', () => {
  assert.deepEqual(factsOfSession({}), {
    id: undefined,
    name: undefined,
    createdAt: undefined,
    updatedAt: undefined,
    project: { path: '' },
    origin: undefined,
  });
});
