// The agents whose sessions roo reads. Each adapter is loaded only when it is asked for: most commands never need one.

import type { Adapter } from './adapter.ts';

/** Name on the command line → adapter. A new adapter is one line here; docs/adding-an-adapter.md says the rest. */
const ADAPTERS: Readonly<Record<string, () => Promise<Adapter>>> = {
  'claude-code': async () => (await import('./claude-code.ts')).claudeCode,
  codex: async () => (await import('./codex.ts')).codex,
  'gemini-cli': async () => (await import('./gemini-cli.ts')).geminiCli,
};

export const ADAPTER_NAMES: readonly string[] = Object.keys(ADAPTERS);

/** The adapter of this name; undefined when there is none. */
export async function loadAdapter(name: string): Promise<Adapter | undefined> {
  return Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name]!() : undefined;
}

export async function* loadAdapters(): AsyncGenerator<Adapter> {
  for (const load of Object.values(ADAPTERS)) yield await load();
}

/** The adapter that knows a file by its name and first bytes (up to 64 KiB); undefined when none does. */
export async function detectAdapter(path: string, head: string): Promise<Adapter | undefined> {
  for await (const adapter of loadAdapters()) if (adapter.detect(path, head)) return adapter;
  return undefined;
}
