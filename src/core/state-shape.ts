// The state of a session is patched key by key by whoever wrote the log, and others read it without asking. What was
// taken away, or is of another kind than it should be, is as if it had never been there.

import { isLooseObject } from './loose-values.ts';
import type { SessionRecord, State } from './record.ts';

const isText = (value: unknown): boolean => typeof value === 'string';
const listOf = (check: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(check);

const KINDS: Readonly<Record<keyof ReturnType<typeof emptyState>, (value: unknown) => boolean>> = {
  workingDirectory: isText,
  environment: (value) => isLooseObject(value) && Object.values(value).every(isText),
  activeProcesses: listOf(isLooseObject),
  openFiles: listOf(isText),
  watchedFiles: listOf(isText),
  mcpConnections: listOf(isLooseObject),
};

export function emptyState({ project }: Pick<SessionRecord, 'project'>) {
  return {
    workingDirectory: project.path,
    environment: {},
    activeProcesses: [],
    openFiles: [],
    watchedFiles: [],
    mcpConnections: [],
  } satisfies State;
}

/** Puts what is empty in the place of what is missing or of another kind. */
export function settleState(state: State, session: Pick<SessionRecord, 'project'>): void {
  for (const [key, empty] of Object.entries(emptyState(session))) {
    if (!KINDS[key as keyof typeof KINDS](state[key])) state[key] = empty;
  }
}
