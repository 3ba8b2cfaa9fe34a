import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectionInfo, offerDifferences, offerOf, serversOf } from '../../../src/workspace/mcp/connection-info.ts';
import type { HubServer, McpConnectionInfo } from '../../../src/workspace/mcp/connection-info.ts';
import type { McpStatus } from '../../../src/workspace/mcp/connection.ts';

const server = (name: string, command: string, source?: string): HubServer => ({
  name,
  transport: { type: 'stdio', command, args: [] },
  ...(source !== undefined && { source }),
});

function info(
  given: HubServer,
  tools: string[],
  resources: string[] = [],
  status: McpStatus = 'connected',
): McpConnectionInfo {
  const offer = offerOf(
    tools.map((name) => ({ name })),
    resources.map((uri) => ({ uri })),
  );
  return connectionInfo(given, status, null, offer);
}

const commands = (servers: HubServer[]): unknown[] =>
  servers.map(({ name, transport, status }) => [name, transport.type === 'stdio' && transport.command, status ?? 'on']);

describe('the servers of a resumed session', () => {
  it("are its own and the config files', whose word on how to reach one is the newer", () => {
    const saved = [info(server('own', 'o'), ['t']), info(server('both', 'old', 'f'), ['t'])];
    const servers = serversOf(saved, [server('both', 'new', 'f'), server('configured', 'c', 'f')]);
    assert.deepEqual(commands(servers), [
      ['both', 'new', 'on'],
      ['configured', 'c', 'on'],
      ['own', 'o', 'on'],
    ]);
    assert.deepEqual(servers[0]?.known?.tools, ['t']);
  });

  it('stay off when the user turned them off, and go with the config file that named them', () => {
    const saved = [info(server('off', 'o', 'f'), [], [], 'disconnected'), info(server('gone', 'g', 'f'), [])];
    assert.deepEqual(commands(serversOf(saved, [server('off', 'o', 'f')])), [['off', 'o', 'disconnected']]);
  });

  it('are not read out of what is no record of ours', () => {
    const saved = [null, 'text', { name: 'x' }, { name: 'y', config: { type: 'stdio', command: 5 } }];
    assert.deepEqual(serversOf(saved, []), []);
  });
});

describe('the differences since a session was saved', () => {
  const s = server('s', 'x');
  const lost: McpConnectionInfo = { ...info(s, ['a']), status: 'failed' };
  const many = Array.from({ length: 1500 }, (_, i) => `r:${i}`);
  const cases: [string, McpConnectionInfo, McpConnectionInfo, string[]][] = [
    ['are none for the same', info(s, ['a'], ['r']), info(s, ['a'], ['r']), []],
    [
      'name what is new and what is gone',
      info(s, ['a', 'b'], ['r']),
      info(s, ['b', 'c', 'd'], []),
      ['s has new tools c, d', 's no longer has tool a', 's no longer has resource r'],
    ],
    ['are not told of a server that is not connected', info(s, ['a']), lost, []],
    ['are not told of a server that was never seen before', info(s, []), info(s, ['a']), []],
    [
      'are counted where there are too many to keep',
      info(s, ['a'], many),
      info(s, ['a'], ['r']),
      ['resources of s: 1, before 1500'],
    ],
  ];
  for (const [what, before, now, sentences] of cases) {
    it(what, () => assert.deepEqual(offerDifferences([before], [now]), sentences));
  }
});
