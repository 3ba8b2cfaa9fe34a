// What commands and library callers see: the story's interfaces, and the `--format json` contract of docs/cli-json.md.
// What is written to disk stands in core/record.ts.

import type { Warning } from '../../core/errors.ts';
import type { SessionConfig } from '../../core/session-config.ts';
import type {
  BlobRef,
  Link,
  LinkKind,
  McpTransport,
  Part,
  Project,
  Role,
  Status,
  ToolStatus,
  Usage,
} from '../../core/record.ts';

export type SessionStatus = Status;
export type Health = 'ok' | 'torn' | 'damaged' | 'unreadable';
export type ExportFormat = 'json' | 'jsonl' | 'yaml' | 'markdown';

/** One row of a list. Dates are ISO 8601, durations milliseconds, sizes bytes, cost US dollars. */
export interface SessionInfo {
  id: string;
  name: string;
  description: string;
  status: SessionStatus;
  outcome: string | null;
  tags: string[];
  project: string;
  workingDirectory: string;
  createdAt: string;
  updatedAt: string;
  lastAccessedAt: string;
  duration: number;
  commandCount: number;
  messageCount: number;
  toolCallCount: number;
  tokens: { input: number; output: number; total: number };
  cost: number;
  size: number;
  agent: string;
  origin: string;
  encrypted: boolean;
  archived: boolean;
  health: Health;
  links: Link[];
}

export type SessionSort = 'updated' | 'created' | 'name' | 'size' | 'messages';

/** Everything is optional; fields narrow together. Dates are inclusive ISO 8601. */
export interface SessionFilter {
  /** Path of a project; absent means all projects. */
  project?: string;
  tags?: string[];
  status?: SessionStatus[];
  since?: string;
  until?: string;
  origin?: string[];
  /** `only`: nothing else; `include`: also; default: not. */
  archived?: 'only' | 'include';
  trash?: 'only';
  damaged?: 'only';
  sort?: SessionSort;
  limit?: number;
  /** From an earlier answer's `nextCursor`. */
  cursor?: string;
}

export interface SessionPage {
  sessions: SessionInfo[];
  nextCursor: string | null;
  warnings: Warning[];
}

/** One hit of `find`: the session and the best places in it. */
export interface FoundSession extends SessionInfo {
  score: number;
  hits: FoundMessage[];
}
export interface FoundMessage {
  /** Null for the name of a session, and for a result whose call is not known. */
  messageId: string | null;
  role: string;
  at: string;
  /** Text around the hit; the matched words stand between U+0001 and U+0002. */
  snippet: string;
}
export interface FoundPage {
  sessions: FoundSession[];
  nextCursor: string | null;
  /** True when only the newest hits were ranked. */
  truncated: boolean;
  warnings: Warning[];
}

/** A message as `show` prints it: tool results stand behind their calls. */
export interface ShownMessage {
  id: string;
  parentId: string | null;
  role: Role;
  at: string;
  parts: ShownPart[];
  model: string | null;
  usage: Usage | null;
}
export type ShownPart = Part | ToolResultPart;
export interface ToolResultPart {
  type: 'tool-result';
  callId: string;
  name: string;
  /** `interrupted` also where the log holds no end of the call: derived, never written. */
  status: ToolStatus | 'running';
  output: string;
  /** Set when the output is a file of its own; `output` then holds its beginning and end. */
  blob?: BlobRef;
  parts?: Part[];
  exitCode?: number;
  durationMs?: number;
}

// The story's interfaces -------------------------------------------------------------------------------------------

export interface Session {
  id: string;
  name: string;
  description?: string;
  metadata: SessionMetadata;
  state: SessionState;
  history: ConversationHistory;
  tools: ToolState[];
  files: FileSystemState;
  config: SessionConfig;
}

export interface SessionMetadata {
  createdAt: Date;
  updatedAt: Date;
  lastAccessedAt: Date;
  /** Version of the log format. */
  version: string;
  tags: string[];
  /** Working time in milliseconds; pauses over five minutes do not count. */
  duration: number;
  /** Prompts and commands typed. */
  commandCount: number;
  status: SessionStatus;
  outcome?: string;
  links: Link[];
  project: Project;
}

export interface SessionState {
  workingDirectory: string;
  environment: Record<string, string>;
  activeProcesses: ProcessInfo[];
  openFiles: string[];
  watchedFiles: string[];
  mcpConnections: MCPConnectionInfo[];
}

export interface ProcessInfo {
  id: string;
  command: string;
  pid: number;
  status: 'running' | 'exited' | 'lost';
  exitCode: number | null;
  startedAt: string;
  endedAt: string | null;
  workingDirectory?: string;
}

export interface MCPConnectionInfo {
  name: string;
  transport: 'stdio' | 'http';
  /** Command line or address, with secrets as `${env:NAME}`. */
  target: string;
  status: 'connecting' | 'connected' | 'disconnected' | 'failed';
  reason?: string;
  /** The configuration file that names it; absent for one that was added to the session. */
  source?: string;
  /** How it is reached, with secrets as `${env:NAME}`. */
  config?: McpTransport;
  /** What it offered when it was last reached, by name. */
  tools?: string[];
  resources?: string[];
  resourceCount?: number;
}

export interface ConversationHistory {
  /** The active window: the newest `maxHistoryLength` messages of the active branch, oldest first. */
  messages: ConversationMessage[];
  context: ContextInfo;
  checkpoints: Checkpoint[];
}

export interface ConversationMessage {
  /** Given by the store when absent. */
  id?: string;
  parentId?: string | null;
  role: Role;
  /** The words of the message; made from `parts` on loading, and made into a text part when `parts` is absent. */
  content: string;
  timestamp?: Date;
  parts?: ShownPart[];
  model?: string;
  usage?: Usage;
  raw?: unknown;
}

export interface ContextInfo {
  systemPrompt?: string;
  tools?: unknown[];
  model?: string;
  openFiles?: string[];
  gitBranch?: string;
  gitCommit?: string;
  [other: string]: unknown;
}

export interface Checkpoint {
  id: string;
  description: string;
  timestamp: Date;
  messageId: string | null;
  commit?: string;
}

export interface ToolState {
  toolName: string;
  configuration: unknown;
  cache: unknown;
  lastUsed: Date;
  usageCount: number;
}

export interface FileSystemState {
  workingDirectory: string;
  watchedDirectories: string[];
  ignorePatterns: string[];
  lastScanTime: Date | null;
  fingerprints: Record<string, { size: number; mtimeMs: number; hash?: string }>;
  gitHead?: string;
  gitBranch?: string;
  gitDirty?: boolean;
}

export type { SessionConfig };

export interface NewLink {
  from: string;
  to: string;
  kind: LinkKind;
}
