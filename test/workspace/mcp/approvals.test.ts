import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { approveServers, unapprovedServers } from '../../../src/workspace/mcp/approvals.ts';
import { serversOf } from '../../../src/workspace/mcp/connection-info.ts';
import type { HubServer } from '../../../src/workspace/mcp/connection-info.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { newHub, scriptedServer, wellBehaved } from './servers.ts';

const server = (name: string, command: string): HubServer => ({
  name,
  transport: { type: 'stdio', command, args: [] },
  source: '/project/.mcp.json',
});

describe('agreements to the servers of a project', () => {
  it('hold for the same program only', (t) => {
    const path = join(tempFolder(t), 'home', 'mcp-approved.json');
    const [a, b] = [server('a', 'x'), server('b', 'y')];
    assert.deepEqual(unapprovedServers(path, [a, b]), [a, b]);
    approveServers(path, [a]);
    assert.deepEqual(unapprovedServers(path, [a, b]), [b]);
    approveServers(path, [b]);
    assert.deepEqual(unapprovedServers(path, [a, b]), []);
    const changed = server('a', 'something else');
    const elsewhere = { ...a, source: '/other/.mcp.json' };
    assert.deepEqual(unapprovedServers(path, [changed, elsewhere]), [changed, elsewhere]);
    assert.ok(!readFileSync(path, 'utf8').includes('.mcp.json'));
  });

  it('are not made up or overwritten where their file cannot be understood', (t) => {
    const path = join(tempFolder(t), 'mcp-approved.json');
    writeFileSync(path, '{"all": true}');
    assert.throws(() => unapprovedServers(path, [server('a', 'x')]), { code: 'CONFIG_INVALID' });
    assert.throws(() => approveServers(path, [server('a', 'x')]), { code: 'CONFIG_INVALID' });
    assert.equal(readFileSync(path, 'utf8'), '{"all": true}');
  });
});

describe('a server that came with a project or a session', () => {
  it('starts when the user has agreed to it, and then always', async (t) => {
    const approvalsPath = join(tempFolder(t), 'mcp-approved.json');
    const { transport } = scriptedServer('s', wellBehaved(['t']));
    const server = { name: 's', transport, source: '/project/.mcp.json' };
    const hub = newHub(t, { approvalsPath });
    await hub.connectAll([server]);
    const [info] = hub.snapshot();
    assert.equal(info?.status, 'failed');
    assert.match(info!.reason!, /from \/project\/\.mcp\.json and needs your agreement/);
    assert.equal((await hub.reconnect('s')).status, 'connected');

    const next = newHub(t, { approvalsPath });
    await next.connectAll([server, { name: 'own', transport }]);
    assert.deepEqual(
      next.snapshot().map(({ name, status }) => [name, status]),
      [
        ['own', 'failed'],
        ['s', 'connected'],
      ],
    );
  });

  it('does not start where nobody can tell what was agreed to', async (t) => {
    const approvalsPath = join(tempFolder(t), 'mcp-approved.json');
    writeFileSync(approvalsPath, 'broken');
    const hub = newHub(t, { approvalsPath });
    const { transport } = scriptedServer('s', wellBehaved(['t']));
    await hub.connectAll([{ name: 's', transport }]);
    assert.match(hub.snapshot()[0]!.reason!, /is not the list of agreements/);
  });

  it('needs no other agreement when it is added by hand, nor when the session is resumed', async (t) => {
    const approvalsPath = join(tempFolder(t), 'mcp-approved.json');
    const { transport } = scriptedServer('s', wellBehaved(['t']));
    const hub = newHub(t, { approvalsPath });
    await hub.add({ name: 's', transport });
    const saved = JSON.parse(JSON.stringify(hub.snapshot())) as unknown[];
    const resumed = newHub(t, { approvalsPath });
    await resumed.connectAll(serversOf(saved, []));
    assert.equal(resumed.snapshot()[0]?.status, 'connected');
    assert.deepEqual(resumed.differences(saved), []);
  });
});
