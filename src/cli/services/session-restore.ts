// Brings a session's world back: looks at what is there, plans, carries the plan out. Every action ends as done, skipped
// or failed, and one that fails keeps no other from being tried.

import { statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { keptEnvironment } from '../../core/environment.ts';
import { SessionError, systemError, warningOf } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import type { NewRecord } from '../../core/record.ts';
import { PLACEHOLDER_START } from '../../core/redaction/placeholder.ts';
import { planRestore } from '../../core/restore-plan.ts';
import type {
  FilesObserved,
  FolderObserved,
  Observed,
  ProcessObserved,
  RestoreAction,
  RestoreKind,
  Saved,
  ServerObserved,
  WatchObserved,
} from '../../core/restore-plan.ts';
import { savedFolder } from '../../core/restore-place.ts';
import { FileTracker } from '../../workspace/files/file-tracker.ts';
import { observeFolder } from '../../workspace/moved-project.ts';
import type { SessionDetails } from '../types/service-types.ts';
import type { SessionInfo } from '../types/session-types.ts';
import { projectOf } from './project.ts';
import type { RedactionDoor } from './RedactionDoor.ts';

export type { RestoreAction, RestoreKind };
export { needsYes, onlyKinds, RESTORE_KINDS } from '../../core/restore-plan.ts';

/** What became of an action; `detail` says what was done, or why not. */
export interface RestoreResult {
  kind: RestoreKind;
  action: RestoreAction['action'];
  target: string;
  status: 'done' | 'skipped' | 'failed';
  detail: string;
}
export type Outcome = Pick<RestoreResult, 'status' | 'detail'>;

/** Carries out one action. What it throws is the reason of a failure. */
export type Hand = (action: RestoreAction) => Promise<Outcome> | Outcome;

export interface World {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** ROO_HOME. */
  home: string;
  /** Keeps secrets out of what is remembered of the files; absent where nothing does. */
  door?: RedactionDoor | null;
  nowMs: () => number;
  /** Names of tools, and what observers of the other parts found; null where nobody looked. */
  tools: readonly string[] | null;
  processes: readonly ProcessObserved[] | null;
  /** The servers that the settings of a folder and the session name. */
  mcpServers: ((folder: string) => Promise<readonly ServerObserved[]>) | null;
}

export interface PreparedRestore {
  plan: RestoreAction[];
  /** What could not be looked at; nothing is planned for it. */
  warnings: Warning[];
  /** Values of the variables that the plan sets, by name. */
  environment: Readonly<Record<string, string>>;
  /** Where the session's files are now; null where that is not known. */
  root: string | null;
  /** Goes on with the files as they were looked at; null where the session has no folder here. */
  files: FileTracker | null;
  /** All changes of files, where the plan lists only the first of them. */
  fileChanges: FilesObserved['changes'];
}

/** Looks and plans; changes nothing. */
export async function prepareRestore(given: SessionDetails, world: World): Promise<PreparedRestore> {
  const details = await withSecrets(given, world.door ?? null);
  const saved = savedOf(details);
  const warnings: Warning[] = [];
  const look = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SessionError) || error.code === 'INTERRUPTED') throw error;
      warnings.push(warningOf(error));
      return otherwise;
    }
  };
  const folder = await look(() => folderNow(saved, world.cwd), { state: 'missing', moved: [] });
  const root = rootOf(saved, folder);
  const files = root === null ? null : trackFiles(details, root, world);
  const openFiles = texts(details.fold.state.openFiles);
  // A session that never looked at its files has nothing to compare them with.
  const hasLook = details.fold.files.value !== undefined || openFiles.length > 0;
  const seen = files && hasLook ? await look(() => files.changes(openFiles), null) : null;
  const watched = await look(
    async () => texts(details.fold.state.watchedFiles).map((path) => watchNow(path, root)),
    null,
  );
  const { mcpServers: serversIn } = world;
  const mcpServers = serversIn && (await look(() => serversIn(root ?? world.cwd), null));
  const observed: Observed = { ...world, folder, files: seen, watched, mcpServers };
  const environment = keptEnvironment(objectOf(details.fold.state.environment));
  return { plan: planRestore(saved, observed), warnings, environment, root, files, fileChanges: seen?.changes ?? [] };
}

/** The tracker of a session's files in their folder, which may have moved. */
export function trackFiles(
  { session, fold }: { session: Pick<SessionInfo, 'id' | 'encrypted'>; fold: Fold },
  root: string,
  { home, door, nowMs }: Pick<World, 'home' | 'door' | 'nowMs'>,
): FileTracker {
  // An encrypted session leaves no names of files on this machine.
  const snapshotPath = session.encrypted ? null : join(home, 'state', 'files', session.id);
  const watched = (): string[] => texts(fold.state.watchedFiles).map((path) => resolve(root, path));
  const saved = fold.files.value ?? null;
  const redact = door && ((text: string) => door.text(text));
  return new FileTracker({ root, snapshotPath, nowMs, saved, watched, ...(redact && { redact }) });
}

/** Kinds whose actions change what the later ones stand on; the rest is carried out all at once. */
const FIRST: ReadonlySet<RestoreKind> = new Set(['conversation', 'cwd', 'env', 'config', 'tools']);

/**
 * Carries a plan out and answers a result for each action, in the plan's order. A kind without a hand is skipped with
 * `otherwise` as its reason.
 */
export async function carryOut(
  plan: readonly RestoreAction[],
  hands: Partial<Record<RestoreKind, Hand>>,
  otherwise: string,
): Promise<RestoreResult[]> {
  const one = async (action: RestoreAction): Promise<RestoreResult> => {
    const { kind, target } = action;
    const hand = hands[kind];
    const outcome = hand ? await tried(hand, action) : { status: 'skipped' as const, detail: otherwise };
    return { kind, action: action.action, target, ...outcome };
  };
  const results = new Map<RestoreAction, RestoreResult>();
  for (const action of plan) if (FIRST.has(action.kind)) results.set(action, await one(action));
  const rest = plan.filter(({ kind }) => !FIRST.has(kind));
  await Promise.all(rest.map(async (action) => results.set(action, await one(action))));
  return plan.map((action) => results.get(action)!);
}

async function tried(hand: Hand, action: RestoreAction): Promise<Outcome> {
  try {
    return await hand(action);
  } catch (error) {
    // Also what is no SessionError: the server that broke must not take the session with it.
    return { status: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** The records by which a session remembers the folder that its project moved to. */
export function movedTo(folder: string): NewRecord[] {
  return [
    { type: 'meta', project: projectOf(folder) },
    { type: 'state', patch: { workingDirectory: folder } },
  ];
}

/** With the secrets back in names of folders and in variables, as far as this machine knows them. */
async function withSecrets(details: SessionDetails, door: RedactionDoor | null): Promise<SessionDetails> {
  const { session, fold } = details;
  const { workingDirectory, environment } = fold.state;
  const names = { saved: session.workingDirectory, project: fold.project, state: { workingDirectory, environment } };
  if (!door || !JSON.stringify(names).includes(PLACEHOLDER_START)) return details;
  const { saved, project, state } = (await door.revealIn(names)) as typeof names;
  return {
    ...details,
    session: { ...session, workingDirectory: saved },
    fold: { ...fold, project, state: { ...fold.state, ...state } },
  };
}

function savedOf({ session, fold, config, holder }: SessionDetails): Saved {
  const { messageCount, workingDirectory } = session;
  return { fold, messageCount, maxHistoryLength: config.maxHistoryLength, workingDirectory, holder };
}

async function folderNow(saved: Saved, cwd: string): Promise<FolderObserved> {
  const { fold } = saved;
  return observeFolder(
    { folder: savedFolder(saved), project: fold.project, gitHead: fold.files.value?.gitHead ?? null },
    cwd,
  );
}

/** Where the session's files are now; null where nobody knows. Another project's files are not compared. */
function rootOf(saved: Saved, folder: FolderObserved): string | null {
  if (folder.state === 'there') return savedFolder(saved);
  return folder.moved[0]?.path ?? null;
}

function watchNow(path: string, root: string | null): WatchObserved {
  if (root === null && !isAbsolute(path)) return { path, state: 'gone' };
  const absolute = resolve(root ?? '/', path);
  try {
    return { path, state: statSync(absolute, { throwIfNoEntry: false }) === undefined ? 'gone' : 'there' };
  } catch (error) {
    throw systemError(error, 'look at', absolute);
  }
}

/** State comes from logs that others wrote. */
function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function objectOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
