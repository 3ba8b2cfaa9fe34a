// One live connection to one server, from the handshake to its end. When it ends it is over: `connection.ts` opens the
// next one.

import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Client,
  ListChangedHandlers,
  Resource,
  StreamableHTTPClientTransport,
  Tool,
} from '@modelcontextprotocol/client';
import { SessionError } from '../../core/errors.ts';
import type { McpServer } from '../../core/record.ts';
import type { ToolInput, ToolOutcome } from '../../core/tool.ts';
import { isConnectionClosed, isTimeout, reasonOf } from './failure-reason.ts';
import { resolveReferences } from './references.ts';
import type { Environment } from './references.ts';
import { StdioTransport } from './stdio-transport.ts';
import { outcomeOf } from './tool-result.ts';

/** Several changes in a row are one. */
const LIST_CHANGE_MS = 50;
const PING_TIMEOUT_MS = 3_000;
const GIVE_UP_MS = 500;
const SILENT = 'it no longer answers';

type LinkTransport = StdioTransport | StreamableHTTPClientTransport;

export interface LinkSettings {
  environment: Environment;
  /** Where servers start, unless they say otherwise. Absolute. */
  workingDirectory: string;
  clientVersion: string;
  connectTimeoutMs: number;
  /** Of one call; counted anew whenever the server tells progress. */
  callTimeoutMs: number;
}

/** Whole new lists, of which one may be absent: unchanged. */
export interface Lists {
  tools?: readonly Tool[];
  resources?: readonly Resource[];
}
export interface LinkEvents {
  listed(lists: Lists): void;
  /** What is amiss although it is connected, in a line that is safe to print. */
  noted(reason: string): void;
  /** An end that takes its time, and that nobody should have to wait for before he leaves. */
  closing(work: Promise<void>): void;
}

export class Link {
  readonly #client: Client;
  readonly #transport: LinkTransport;
  readonly #settings: LinkSettings;
  readonly mask: (text: string) => string;
  #isAsking = false;
  #isClosing = false;

  private constructor(
    client: Client,
    transport: LinkTransport,
    settings: LinkSettings,
    mask: (text: string) => string,
  ) {
    this.#client = client;
    this.#transport = transport;
    this.#settings = settings;
    this.mask = mask;
  }

  /** Rejects with MCP_FAILED, the reason in a line in `data.reason`; what was started is closing then. */
  static async open(server: McpServer, settings: LinkSettings, events: LinkEvents, signal: AbortSignal): Promise<Link> {
    const { connectTimeoutMs: timeout } = settings;
    let mask = (text: string): string => text;
    let transport: LinkTransport | undefined;
    try {
      signal.throwIfAborted();
      const resolved = resolveReferences(server, settings.environment);
      mask = resolved.mask;
      transport = await transportOf(resolved.transport, settings);
      const { Client } = await import('@modelcontextprotocol/client');
      const client = new Client({ name: 'roo', version: settings.clientVersion }, { listChanged: listChanged(events) });
      const link = new Link(client, transport, settings, mask);
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
      const options = { signal: deadline, timeout };
      await client.connect(transport, options);
      events.listed({ tools: (await client.listTools(undefined, options)).tools });
      if (client.getServerCapabilities()?.resources) await link.#listResources(events, options);
      return link;
    } catch (error) {
      const reason = signal.aborted ? 'it was not waited for' : reasonOf(error, timeout, mask);
      const whole = transport instanceof StdioTransport ? stdioReason(transport, reason, mask) : reason;
      if (transport) events.closing(transport.close());
      // Without its cause, whose texts nobody has masked.
      throw new SessionError('MCP_FAILED', `the MCP server ${server.name} cannot be reached: ${whole}`, {
        op: 'connect',
        data: { reason: whole },
      });
    }
  }

  /** Some servers say they have resources and cannot list them: no reason to do without their tools. */
  async #listResources(events: LinkEvents, options: { signal: AbortSignal; timeout: number }): Promise<void> {
    try {
      events.listed({ resources: (await this.#client.listResources(undefined, options)).resources });
    } catch (error) {
      if (isConnectionClosed(error) || isTimeout(error)) throw error;
      events.noted(`its resources could not be listed: ${reasonOf(error, options.timeout, this.mask)}`);
    }
  }

  /**
   * `tell` gets the server's progress, a line each. Rejects when there is no answer to be had: the connection's failure,
   * the server's refusal, the time or the signal.
   */
  async call(
    name: string,
    input: ToolInput,
    signal: AbortSignal,
    tell: (progress: string) => unknown,
  ): Promise<ToolOutcome> {
    const result = await this.#client.callTool(
      { name, arguments: { ...input } },
      {
        signal,
        timeout: this.#settings.callTimeoutMs,
        resetTimeoutOnProgress: true,
        onprogress: ({ progress, total, message }) => {
          const share = total === undefined ? `${progress}` : `${progress}/${total}`;
          tell(this.mask(message === undefined ? `${share}\n` : `${share} ${message}\n`));
        },
      },
    );
    return outcomeOf(result, this.mask);
  }

  /** Rejects as `call` does. */
  async read(uri: string, signal: AbortSignal): Promise<ToolOutcome> {
    const { contents } = await this.#client.readResource({ uri }, { signal, timeout: this.#settings.callTimeoutMs });
    return outcomeOf({ content: contents.map((resource) => ({ type: 'resource', resource })) }, this.mask);
  }

  /** Resolves when the server's processes have ended, or its HTTP session is given up. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (!(this.#transport instanceof StdioTransport)) await this.#giveUpSession(this.#transport);
    await this.#client.close();
    // The client forgets a transport that has closed; its processes may still be about to end.
    await this.#transport.close();
  }

  /** A courtesy to the server, which may be gone: nothing hangs on it, and nobody waits for it long. */
  async #giveUpSession(transport: StreamableHTTPClientTransport): Promise<void> {
    const given = transport.terminateSession().catch(() => {});
    await Promise.race([given, sleep(GIVE_UP_MS, undefined, { ref: false })]);
  }

  /** `lost` gets the reason in a line, safe to print, once; not for a link that was closed from this side. */
  onLost(lost: (reason: string) => void): void {
    const transport = this.#transport;
    const tell = (): void => {
      if (this.#isClosing) return;
      this.#isClosing = true;
      lost(transport instanceof StdioTransport ? stdioReason(transport, 'the connection ended', this.mask) : SILENT);
    };
    // HTTP has no connection that could end: a broken stream may be a pause or the server's death, and asking tells.
    const onerror = transport instanceof StdioTransport ? undefined : (): void => void this.#askOrClose();
    Object.assign(this.#client, { onclose: tell, onerror });
    // It may have ended between its last answer and this line.
    if (transport instanceof StdioTransport && transport.ending(this.mask) !== null) tell();
  }

  async #askOrClose(): Promise<void> {
    if (this.#isAsking || this.#isClosing) return;
    this.#isAsking = true;
    try {
      await this.#client.ping({ timeout: PING_TIMEOUT_MS });
    } catch {
      // Whatever it was, there is no answer: closing the client ends the calls that wait, and tells `onLost`.
      await this.#client.close();
    } finally {
      this.#isAsking = false;
    }
  }
}

async function transportOf(
  transport: ReturnType<typeof resolveReferences>['transport'],
  { environment, workingDirectory }: LinkSettings,
): Promise<LinkTransport> {
  if (transport.type === 'stdio') return new StdioTransport(transport, environment, workingDirectory);
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  return new StreamableHTTPClientTransport(new URL(transport.url), {
    ...(transport.headers && { requestInit: { headers: transport.headers } }),
  });
}

function stdioReason(transport: StdioTransport, reason: string, mask: (text: string) => string): string {
  const ending = transport.ending(mask);
  if (ending !== null) return reasonOf(new Error(ending), 0, mask);
  return reasonOf(new Error([reason, ...transport.complaints(mask)].join('; ')), 0, mask);
}

/** A list that cannot be read again stays as it was: the calls will tell what is wrong. */
function listChanged({ listed }: Pick<LinkEvents, 'listed'>): ListChangedHandlers {
  return {
    tools: {
      debounceMs: LIST_CHANGE_MS,
      onChanged: (_error, tools) => {
        if (tools) listed({ tools });
      },
    },
    resources: {
      debounceMs: LIST_CHANGE_MS,
      onChanged: (_error, resources) => {
        if (resources) listed({ resources });
      },
    },
  };
}
