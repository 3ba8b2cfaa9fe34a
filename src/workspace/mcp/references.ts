// Secrets of servers stand in records and config files as `${env:NAME}`. Here they become values, at the moment a
// server is reached, together with the way back: a text that goes anywhere else gets the reference in place of the value.

import { SessionError } from '../../core/errors.ts';
import type { McpServer, McpTransport } from '../../core/record.ts';
import { looksSecret, NOT_KEPT } from './literal-secrets.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Resolved {
  transport: McpTransport;
  /** Puts the references back wherever a value shows: for errors, records and results. */
  mask(text: string): string;
}

/** `${env:NAME}`, or `${env:NAME:-what stands in where it is not set}`. */
const REFERENCE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Throws MCP_FAILED that names every variable which is not set, and every value the session did not keep. */
export function resolveReferences({ name, transport }: McpServer, environment: Environment): Resolved {
  const missing = new Set<string>();
  const values = new Map<string, string>();
  const resolve = (text: string): string =>
    text.replaceAll(REFERENCE, (reference, variable: string, standIn: string | undefined) => {
      const value = environment[variable];
      if (value === undefined || value === '') {
        if (standIn === undefined) missing.add(variable);
        return standIn ?? '';
      }
      if (isWorthHiding(variable, value)) values.set(value, reference);
      return value;
    });
  const all = (record: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, resolve(value)]));

  if (JSON.stringify(transport).includes(NOT_KEPT)) {
    throw unreachable(name, 'it needs a secret that the session did not keep', 'give it again with ${env:NAME}');
  }
  const resolved: McpTransport =
    transport.type === 'stdio'
      ? {
          ...transport,
          command: resolve(transport.command),
          args: transport.args.map(resolve),
          ...(transport.environment && { environment: all(transport.environment) }),
        }
      : { ...transport, url: resolve(transport.url), ...(transport.headers && { headers: all(transport.headers) }) };
  if (missing.size > 0) {
    const names = [...missing].join(', ');
    throw unreachable(name, `the environment variable ${names} is not set`, `set ${names} and start roo again`);
  }
  return { transport: resolved, mask: maskOf(values) };
}

/** Paths and short words are not hidden, unless they look like secrets: a model needs them in results as they are. */
function isWorthHiding(variable: string, value: string): boolean {
  return looksSecret(variable, value) || (value.length >= 6 && !/^(~?\/|[A-Za-z]:\\|\.)/.test(value));
}

function maskOf(values: ReadonlyMap<string, string>): (text: string) => string {
  const forms = new Map<string, string>();
  for (const [value, reference] of values) {
    for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
      forms.set(form, reference);
  }
  // A value may hold another one: the longest goes first.
  const ordered = [...forms].toSorted(([a], [b]) => b.length - a.length);
  return (text) => ordered.reduce((masked, [form, reference]) => masked.replaceAll(form, () => reference), text);
}

function unreachable(name: string, why: string, hint: string): SessionError {
  return new SessionError('MCP_FAILED', `the MCP server ${name} was not started: ${why}`, {
    op: 'connect',
    hint,
    data: { reason: why },
  });
}
