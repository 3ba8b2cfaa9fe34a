// A scripted model server on loopback that speaks the real wire formats, with the faults of real ones. Tests use it in
// their own process, or start `main.ts` as another.

import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOfStream } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario, Step } from './scenario.ts';
import { placeOf } from './scenario.ts';
import { spoken } from './spoken.ts';
import { ANTHROPIC } from './wire-anthropic.ts';
import { CHAT } from './wire-chat.ts';
import type { Wire } from './wire.ts';

export interface RecordedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  /** Place in the scenario, `turn.step`. */
  step: string;
  /** The bytes of the body as text. */
  text: string;
  /** `text`, parsed. */
  body: Record<string, unknown>;
}

export interface ModelServer {
  /** `http://127.0.0.1:PORT/v1`: OPENAI_BASE_URL, and ANTHROPIC_BASE_URL too. */
  url: string;
  port: number;
  requests: RecordedRequest[];
  /** Breaks what is still open; may be called again. */
  close(): Promise<void>;
}

export interface ModelServerOptions {
  scenario: Scenario;
  /** Of the paths and commands in the script. */
  cwd?: string;
  port?: number;
  onRequest?(request: RecordedRequest): void;
}

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const requests: RecordedRequest[] = [];
  const failures = new Map<string, number>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // A client that went away is part of many tests; anything else must be seen.
      if (!response.destroyed) response.destroy(error as Error);
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOfStream(request);
    const path = request.url ?? '';
    const wire = [CHAT, ANTHROPIC].find((candidate) => candidate.path.test(path));
    if (request.method !== 'POST' || wire === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such path"}}');
      return;
    }
    const body = JSON.parse(text) as Record<string, unknown>;
    const conversation = wire.understand(body);
    const { step, key } = placeOf(conversation, options.scenario);
    const recorded = { path, headers: request.headers, step: key, text, body };
    requests.push(recorded);
    options.onRequest?.(recorded);
    const failed = failures.get(key) ?? 0;
    failures.set(key, failed + 1);
    const mustFail = failed < (step.times ?? 1);
    if (step.delayMs !== undefined) await sleep(step.delayMs);
    const events = wire.events(spoken(step, options.cwd ?? '/', conversation.items.length), body);
    if (mustFail && step.status !== undefined) refuse(response, wire, step);
    else await stream(response, wire, events, mustFail ? step : withoutFault(step));
  }

  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function withoutFault({ fault: _fault, ...step }: Step): Step {
  return step;
}

function refuse(response: ServerResponse, wire: Wire, step: Step): void {
  const retryAfter = step.retryAfterS === undefined ? {} : { 'retry-after': String(step.retryAfterS) };
  response.writeHead(step.status!, { 'content-type': 'application/json', ...retryAfter, ...step.headers });
  response.end(JSON.stringify(wire.error(step.message ?? `scripted ${step.status}`, step.status!)));
}

async function stream(response: ServerResponse, wire: Wire, events: object[], step: Step): Promise<void> {
  if (step.fault === 'silence') return;
  if (step.fault === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in.</body></html>');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const middle = step.fault === undefined ? events.length : Math.max(1, Math.floor(events.length / 2));
  for (const event of events.slice(0, middle)) {
    if (response.destroyed) return;
    if (!response.write(wire.frame(event))) await drained(response);
    if (step.eventDelayMs !== undefined) await sleep(step.eventDelayMs);
  }
  switch (step.fault) {
    case undefined:
      response.end(wire.end);
      return;
    case 'stall':
      return;
    case 'cut':
      // What was written must arrive, or the break comes before the first event.
      await sleep(20);
      response.destroy();
      return;
    case 'garbage':
      response.end('data: {"half": \n\n');
      return;
    case 'error':
      response.end(wire.frame(wire.error(step.message ?? 'scripted error', step.status ?? 500)));
      return;
    default:
      response.end();
  }
}

/** Also when the client went away. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
