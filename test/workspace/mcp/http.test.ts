import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { callTool, freePort, newHub, startHttpServer, until } from './servers.ts';

describe('a server over streamable HTTP', () => {
  it('answers calls, is found lost when it is killed, and goes on when it is back', async (t) => {
    const port = await freePort();
    const server = await startHttpServer(t, port);
    const hub = newHub(t, { retryDelaysMs: [1] });
    await hub.connectAll([
      { name: 'web', transport: { type: 'http', url: `http://127.0.0.1:${port}/mcp` }, trust: 'user' },
    ]);
    assert.equal((await callTool(hub, 'mcp__web__echo', { message: 'over HTTP' })).output, 'Echo: over HTTP');
    const input = { duration: 0.04, steps: 2 };
    assert.match((await callTool(hub, 'mcp__web__trigger-long-running-operation', input)).told, /^1\/2\n/);

    server.kill('SIGKILL');
    await until(() => hub.snapshot()[0]?.status === 'failed');
    const lost = await callTool(hub, 'mcp__web__echo', { message: 'x' });
    assert.equal(lost.status, 'error');
    assert.match(lost.output!, /"web" cannot be reached: nothing answers at its address/);

    await startHttpServer(t, port);
    assert.equal((await callTool(hub, 'mcp__web__echo', { message: 'again' })).output, 'Echo: again');
    assert.equal(hub.snapshot()[0]?.status, 'connected');
  });

  it('says that a call may have run when it is killed during it', async (t) => {
    const port = await freePort();
    const server = await startHttpServer(t, port);
    const hub = newHub(t);
    await hub.connectAll([
      { name: 'web', transport: { type: 'http', url: `http://127.0.0.1:${port}/mcp` }, trust: 'user' },
    ]);
    const input = { duration: 30, steps: 300 };
    const outcome = await callTool(hub, 'mcp__web__trigger-long-running-operation', input, {
      output: async () => server.kill('SIGKILL'),
    });
    assert.equal(outcome.status, 'error');
    assert.match(outcome.output!, /may have run or not/);
  });

  it('is given its headers with the values of the variables they name', async (t) => {
    const seen: IncomingMessage['headers'][] = [];
    const door = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(401, { 'content-type': 'text/plain' }).end(`no entry for ${request.headers.authorization}`);
    }).listen(0, '127.0.0.1');
    t.after(() => door.close());
    await once(door, 'listening');
    const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/mcp`;
    const hub = newHub(t, { environment: { DOOR_TOKEN: 'sesame-sesame' } });
    const headers = { Authorization: 'Bearer ${env:DOOR_TOKEN}' };
    await hub.connectAll([{ name: 'door', transport: { type: 'http', url, headers }, trust: 'user' }]);
    assert.equal(seen[0]?.authorization, 'Bearer sesame-sesame');
    const [info] = hub.snapshot();
    assert.equal(info?.reason, 'it refused the credentials (HTTP 401)');
    assert.ok(!JSON.stringify(info).includes('sesame-sesame'));
  });
});
