// The sessions of other agents on this machine, and what of them is new here. An agent whose folder cannot be read is a
// warning; the others are found all the same.

import { homedir } from 'node:os';
import type { Adapter, ForeignSession } from '../../../adapters/adapter.ts';
import { loadAdapters } from '../../../adapters/registry.ts';
import type { Warning } from '../../../core/errors.ts';
import { systemError, warningOf } from '../../../core/errors.ts';
import type { DiscoveredSession, Reported } from '../../types/service-types.ts';
import { lastImport } from './import-known.ts';
import type { SerializerStore } from '../serializer-store.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of this process say where agents keep things only for its own user's home. */
export function discover(store: SerializerStore, home: string, environment: Environment): Reported<DiscoveredSession> {
  const warnings: Warning[] = [];
  const variables = home === homedir() ? environment : {};
  return {
    warnings,
    async *[Symbol.asyncIterator]() {
      for await (const adapter of loadAdapters()) yield* sessionsOf(adapter, store, home, variables, warnings);
    },
  };
}

async function* sessionsOf(
  adapter: Adapter,
  store: SerializerStore,
  home: string,
  environment: Environment,
  warnings: Warning[],
): AsyncGenerator<DiscoveredSession> {
  const sessions = adapter.list(home, environment)[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<ForeignSession>;
    try {
      next = await sessions.next();
    } catch (error) {
      const trouble = warningOf(systemError(error, 'look for sessions in', home));
      warnings.push({ ...trouble, message: `${adapter.title}: ${trouble.message}` });
      return;
    }
    if (next.done) return;
    yield found(next.value, store, warnings);
  }
}

function found(session: ForeignSession, store: SerializerStore, warnings: Warning[]): DiscoveredSession {
  const { agent, id, paths, title = '', projectPath = '', updatedAtMs, sizeBytes } = session;
  const importedAs = store.importedAs(agent, id);
  return {
    agent,
    id,
    path: paths[0] ?? '',
    paths,
    title,
    project: projectPath,
    updatedAt: new Date(updatedAtMs).toISOString(),
    sizeBytes,
    importedAs,
    status: importedAs === null ? 'new' : statusOf(session, importedAs, store, warnings),
  };
}

/** As told by the last import; where that is far back in the log, or cannot be read, the next import finds out. */
function statusOf(
  { sizeBytes, updatedAtMs }: ForeignSession,
  id: string,
  store: SerializerStore,
  warnings: Warning[],
): 'unchanged' | 'updated' {
  try {
    const reader = store.openReader(id);
    try {
      const source = lastImport(reader);
      return source?.sizeBytes === sizeBytes && source.mtimeMs === updatedAtMs ? 'unchanged' : 'updated';
    } finally {
      reader.close();
    }
  } catch (error) {
    warnings.push(warningOf(systemError(error, 'read', `session ${id}`)));
    return 'updated';
  }
}
