import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { approveServers, unapprovedServers } from '../../../src/workspace/mcp/approvals.ts';
import type { HubServer } from '../../../src/workspace/mcp/connection-info.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

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
