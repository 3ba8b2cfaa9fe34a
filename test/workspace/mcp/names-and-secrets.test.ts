import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { McpTransport } from '../../../src/core/record.ts';
import { literalSecrets, looksSecret, withoutLiteralSecrets } from '../../../src/workspace/mcp/literal-secrets.ts';
import { resolveReferences } from '../../../src/workspace/mcp/references.ts';
import { toolName } from '../../../src/workspace/mcp/tool-name.ts';

describe('the name of a tool', () => {
  it('is plain where that is allowed', () => {
    assert.equal(toolName('files', 'read_file'), 'mcp__files__read_file');
  });

  it('is allowed and unique for every pair of names, and never changes', () => {
    const pairs = [
      ['a', 'b'],
      ['a', '_b'],
      ['a_', 'b'],
      ['a__b', 'c'],
      ['a', 'b__c'],
      ['a.b', 'c'],
      ['a_b', 'c'],
      ['a', 'ünïcode'],
      ['a', 'x'.repeat(100)],
      ['a', `${'x'.repeat(100)}y`],
    ] as const;
    const names = pairs.map(([server, tool]) => toolName(server, tool));
    assert.equal(new Set(names).size, pairs.length);
    for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
    assert.equal(toolName('a.b', 'c'), 'mcp__a_b__c_8b745bb4');
  });
});

describe('a value that looks like a secret', () => {
  const secrets: [string, string][] = [
    ['API_KEY', 'x'],
    ['apiKey', 'x'],
    ['Authorization', 'Bearer abc'],
    ['DB_PASSWORD', '1234'],
    ['X', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['X', 'Bearer eyJhbGciOiJIUzI1NiJ9.e30'],
    ['X', 'sk-abc'],
    ['X', 'a8Kd93jfLq02mZx7Pw5TnB4v'],
  ];
  for (const [name, value] of secrets) it(`is ${name}=${value}`, () => assert.ok(looksSecret(name, value)));

  const others: [string, string][] = [
    ['API_KEY', '${env:API_KEY}'],
    ['Authorization', 'Bearer ${env:TOKEN}'],
    ['KEY_FILE', '/home/me/key.pem'],
    ['MONKEY', 'x'],
    ['X', '@modelcontextprotocol/server-everything@2026.8.31'],
    ['X', '/tmp/folder-0123456789abcdefghijklmnopqrstuvwxyz'],
    ['X', 'postgresql://localhost:5432/some_database_name'],
    ['PORT', '8080'],
  ];
  for (const [name, value] of others) it(`is not ${name}=${value}`, () => assert.ok(!looksSecret(name, value)));

  it('is found wherever it stands, and left out of what is recorded', () => {
    const stdio: McpTransport = {
      type: 'stdio',
      command: 'x',
      args: ['--token', 'abc', '--key=def', '--verbose', 'plain', 'postgres://me:pass@host/db', '--token', '${env:T}'],
      environment: { SECRET: 'v', LEVEL: '3' },
    };
    assert.deepEqual(literalSecrets(stdio), ['argument 2', 'argument 3', 'password of the address', 'variable SECRET']);
    assert.deepEqual(withoutLiteralSecrets(stdio), {
      ...stdio,
      args: [
        '--token',
        '${not-kept}',
        '--key=${not-kept}',
        '--verbose',
        'plain',
        'postgres://me:${not-kept}@host/db',
        '--token',
        '${env:T}',
      ],
      environment: { SECRET: '${not-kept}', LEVEL: '3' },
    });
    const http: McpTransport = {
      type: 'http',
      url: 'https://h/mcp?api_key=abc&page=2',
      headers: { 'X-Api-Key': 'k', Accept: 'text/plain' },
    };
    assert.deepEqual(literalSecrets(http), ['parameter api_key of the address', 'header X-Api-Key']);
    assert.deepEqual(withoutLiteralSecrets(http), {
      type: 'http',
      url: 'https://h/mcp?api_key=${not-kept}&page=2',
      headers: { 'X-Api-Key': '${not-kept}', Accept: 'text/plain' },
    });
  });
});

describe('references to variables', () => {
  const server = (args: string[]): { name: string; transport: McpTransport } => ({
    name: 's',
    transport: { type: 'stdio', command: 'x', args },
  });

  it('become values, or what stands in for them', () => {
    const { transport } = resolveReferences(server(['${env:A}/${env:B:-else}', '${env:C:-}']), { A: 'one' });
    assert.deepEqual(transport.type === 'stdio' && transport.args, ['one/else', '']);
  });

  it('take the place of their values in texts, the longest first, and in the forms texts have', () => {
    const environment = { A: 'secret-1', B: 'secret-1-and-more', C: 'with "quotes" &' };
    const { mask } = resolveReferences(server(['${env:A}', '${env:B}', '${env:C}']), environment);
    assert.equal(mask('x secret-1-and-more y secret-1'), 'x ${env:B} y ${env:A}');
    assert.equal(mask(`${JSON.stringify(environment.C)} ${encodeURIComponent(environment.C)}`), '"${env:C}" ${env:C}');
  });

  it('leave paths and short words as they are, which results are full of', () => {
    const { mask } = resolveReferences(server(['${env:HOME}', '${env:N}']), { HOME: '/home/me', N: '1' });
    assert.equal(mask('/home/me/1'), '/home/me/1');
  });

  it('to a secret that the session did not keep are a failure that says so', () => {
    assert.throws(() => resolveReferences(server(['${not-kept}']), {}), {
      code: 'MCP_FAILED',
      message: /did not keep/,
    });
  });
});
