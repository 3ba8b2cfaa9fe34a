// What bringing a session's world back would do, decided before anything is done: what was saved and what is there now
// become actions with reasons. `--dry-run` prints exactly the value that `load` carries out.

import type { Fold } from './fold.ts';
import { oneLine } from './message-text.ts';
import type { BackgroundProcess, FileChange, McpServer } from './record.ts';
import { planEnvironment, planFolder } from './restore-place.ts';
import type { FolderObserved } from './restore-place.ts';
import { planFiles, planWatchers } from './restore-files.ts';
import type { FilesObserved, WatchObserved } from './restore-files.ts';

/** In the order in which they are carried out. */
export const RESTORE_KINDS = [
  'conversation',
  'cwd',
  'env',
  'config',
  'tools',
  'files',
  'watchers',
  'processes',
  'mcp',
] as const;
export type RestoreKind = (typeof RESTORE_KINDS)[number];

/** docs/cli-json.md says what each one does. */
export const RESTORE_VERBS = [
  'load',
  'mark-interrupted',
  'blocked',
  'stay',
  'enter',
  'move',
  'other',
  'missing',
  'set',
  'keep',
  'apply',
  'report',
  'reopen',
  'scan',
  'arm',
  'await',
  'attach',
  'show-exit',
  'offer',
  'reconnect',
] as const;
export type RestoreVerb = (typeof RESTORE_VERBS)[number];

export interface RestoreAction {
  kind: RestoreKind;
  action: RestoreVerb;
  /** What it is done to: a path, a variable, the id of a process, the name of a server. */
  target: string;
  reason: string;
}

/** What is known of a session from its log alone. */
export interface Saved {
  fold: Fold;
  messageCount: number;
  /** Messages that are brought into memory. */
  maxHistoryLength: number;
  /** Where the log says nothing of a folder. */
  workingDirectory: string;
  holder: { pid: number; host: string; since: string } | null;
}

/** What became of a process of the session, as whoever can tell found out. */
export interface ProcessObserved {
  process: BackgroundProcess;
  observed: {
    status: BackgroundProcess['status'];
    exitCode: number | null;
    reason: string;
    /** The newest lines that it printed, where they are kept on this machine. */
    lastLines?: readonly string[];
  };
}

/** A server that a session can use now. `known`: the session knew it before. */
export interface ServerObserved extends McpServer {
  known?: unknown;
}

/** What is there now. A list that is null was not looked at, and nothing is planned for it. */
export interface Observed {
  /** Folder roo runs in. */
  cwd: string;
  folder: FolderObserved;
  environment: Readonly<Record<string, string | undefined>>;
  /** Names of the tools that a session can use now. */
  tools: readonly string[] | null;
  files: FilesObserved | null;
  watched: readonly WatchObserved[] | null;
  processes: readonly ProcessObserved[] | null;
  mcpServers: readonly ServerObserved[] | null;
}

export type { FileChange, FilesObserved, FolderObserved, WatchObserved };

/** The same plan for the same input; never throws, whatever a log from elsewhere holds. */
export function planRestore(saved: Saved, observed: Observed): RestoreAction[] {
  return [
    ...planConversation(saved),
    planFolder(saved, observed),
    ...planEnvironment(saved.fold.state.environment, observed.environment),
    ...planConfig(saved),
    ...planTools(saved, observed.tools),
    ...(observed.files === null ? [] : planFiles(observed.files)),
    ...(observed.watched ?? []).map(planWatchers),
    ...(observed.processes ?? []).flatMap(planProcess),
    ...(observed.mcpServers ?? []).map(planServer),
  ];
}

/** The conversation is what the rest is for: it stays, whatever is asked for. An empty list asks for everything. */
export function onlyKinds(plan: readonly RestoreAction[], kinds: readonly RestoreKind[]): RestoreAction[] {
  return plan.filter(({ kind }) => kinds.length === 0 || kind === 'conversation' || kinds.includes(kind));
}

/** The actions that nobody may take without a yes: they would go on in a folder that may not be the session's. */
export function needsYes({ kind, action }: RestoreAction): boolean {
  return kind === 'cwd' && (action === 'move' || action === 'other' || action === 'missing');
}

function planConversation({ fold, holder, messageCount, maxHistoryLength }: Saved): RestoreAction[] {
  const kind = 'conversation';
  const shown = Math.min(messageCount, maxHistoryLength);
  const plan: RestoreAction[] = [];
  if (holder !== null) {
    const reason = `it has the session open since ${holder.since}`;
    plan.push({ kind, action: 'blocked', target: `process ${holder.pid} on ${holder.host}`, reason });
  }
  plan.push({
    kind,
    action: 'load',
    target: `${shown} ${shown === 1 ? 'message' : 'messages'}`,
    reason:
      shown === messageCount
        ? 'the whole conversation'
        : `the newest of ${messageCount}; maxHistoryLength is ${maxHistoryLength}, older ones page in`,
  });
  for (const [callId, call] of Object.entries(fold.openCalls)) {
    const reason = 'the call has no end in the log; it is shown as interrupted and not run again';
    plan.push({ kind, action: 'mark-interrupted', target: `${call.name} (${callId})`, reason });
  }
  return plan;
}

function planConfig({ fold }: Saved): RestoreAction[] {
  return Object.entries(fold.config).map(([key, value]) => ({
    kind: 'config',
    action: 'apply',
    target: `${key} = ${JSON.stringify(value)}`,
    reason: 'set for this session',
  }));
}

/** A tool without a configuration of its own needs nothing; one that is gone is said. */
function planTools({ fold }: Saved, tools: readonly string[] | null): RestoreAction[] {
  return Object.entries(fold.tools).flatMap(([target, { configuration }]): RestoreAction[] => {
    const isThere = tools === null || tools.includes(target);
    if (!isThere) {
      const reason = 'the session used it and no tool has this name now; its past calls stay readable';
      return [{ kind: 'tools', action: 'missing', target, reason }];
    }
    if (configuration === undefined || configuration === null) return [];
    return [{ kind: 'tools', action: 'apply', target, reason: 'configured in this session' }];
  });
}

/**
 * A process is never started again by itself: what it did once it might do twice. One whose end the session saw is done
 * with.
 */
function planProcess({ process: saved, observed }: ProcessObserved): RestoreAction[] {
  const { id: target, command } = saved;
  const kind = 'processes';
  const { status, exitCode, reason, lastLines = [] } = observed;
  if (saved.status === 'exited') return [];
  if (status === 'running') return [{ kind, action: 'attach', target, reason: `${command}: ${reason}` }];
  const printed = lastLines.length === 0 ? '' : `; it printed last: ${lastLines.join(' ⏎ ')}`;
  if (status === 'exited') {
    const code = exitCode === null ? 'its exit code is not known' : `exit code ${exitCode}`;
    return [{ kind, action: 'show-exit', target, reason: `${command}: ${code}; ${reason}${printed}` }];
  }
  const again = `to run it again: /processes restart ${target}`;
  return [{ kind, action: 'offer', target, reason: `${command}: ${reason}${printed}; ${again}` }];
}

/** Of a command line. */
const WHERE_CHARACTERS_MAX = 200;

function planServer({ name, transport, known }: ServerObserved): RestoreAction {
  const where = transport.type === 'http' ? transport.url : [transport.command, ...transport.args].join(' ');
  const whose = known === undefined ? 'the settings name it' : 'the session used it';
  return {
    kind: 'mcp',
    action: 'reconnect',
    target: name,
    reason: `${whose}: ${oneLine(where, WHERE_CHARACTERS_MAX)}`,
  };
}
