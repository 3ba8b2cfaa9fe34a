// What is written to disk: one JSON object a line, each with `type`, `id` and `at`. docs/format.md describes them for
// readers without this code. Messages form a tree by `parentId`; every other record stands beside the tree and is
// never a parent. Fields that a reader does not know are kept, and so are records of unknown types.

/** A place in a session's log. Offsets are bytes in the part's file; `seq` counts frames over all parts. */
export interface Pointer {
  part: number;
  offset: number;
  seq: number;
}

/** A file of its own for content that does not belong into a line. `hash` is the hex SHA-256 of the bytes. */
export interface BlobRef {
  hash: string;
  bytes: number;
}

export interface RecordBase {
  type: string;
  /** UUIDv7, unique in the session. */
  id: string;
  /** ISO 8601 with milliseconds, UTC. */
  at: string;
  /** The record was too large for a line: this blob holds it whole as JSON, the line has its long values cut. */
  spilled?: BlobRef;
}

/** Which project a session belongs to. `path` is a hint that may change; the git fields are the identity. */
export interface Project {
  path: string;
  /** Folder that holds `.git`, if any. */
  gitRoot?: string;
  /** URL of the remote `origin`, without credentials. */
  gitRemote?: string;
}

export interface Origin {
  kind: 'human' | 'headless' | 'subagent' | 'import' | 'fork';
  /** Who made it: `roo`, or the other agent's adapter name. */
  agent: string;
  /** Version of that client. */
  version?: string;
  /** The session's id in the agent it was imported from. */
  sessionId?: string;
  /** File it was imported from. */
  path?: string;
  /** Session that started this one, for subagents. */
  parent?: string;
}

/** Where a fork's past is: the frame of `messageId` in the log of another session, as of one generation of that log. */
export interface ForkBase {
  sessionId: string;
  generation: string;
  messageId: string;
  at: Pointer;
}

/** First record of every part of a log. */
export interface SessionRecord extends RecordBase {
  type: 'session';
  format: 2;
  sessionId: string;
  /** New whenever the file is rewritten, so that a place held from outside is known to be stale. */
  generation: string;
  /** 1 for the session's first file; the log goes on in `.part2`, `.part3` … when it grows past `maxSessionSize`. */
  part: number;
  /** First session of the fork family: names the blob folder that the family shares. */
  family: string;
  project: Project;
  origin: Origin;
  base?: ForkBase;
  /** How often the log was written anew, of an encrypted one: an older one that is put in its place is known by it. */
  rewrites?: number;
  /** `beginning` when not one byte of the session was ever written in plain; else when it was encrypted, ISO 8601. */
  encryptedSince?: 'beginning' | string;
}

export interface TextPart {
  type: 'text';
  text: string;
}
export interface ThinkingPart {
  type: 'thinking';
  text: string;
  /** Opaque to us; goes back to the provider byte for byte. */
  signature?: string;
}
export interface ImagePart {
  type: 'image';
  mediaType: string;
  /** Base64, or `blob`. */
  data?: string;
  blob?: BlobRef;
  path?: string;
}
export interface FilePart {
  type: 'file';
  path: string;
  mediaType?: string;
  text?: string;
}
export interface ToolCallPart {
  type: 'tool-call';
  callId: string;
  name: string;
  /** The arguments exactly as they came (JSON text for most tools; may be malformed). */
  input: string;
}
/** What another client keeps and we have no word for: kept whole, shown as its `kind`. */
export interface OtherPart {
  type: 'other';
  kind: string;
  value: unknown;
}
export type Part = TextPart | ThinkingPart | ImagePart | FilePart | ToolCallPart | OtherPart;

/** Tokens and money of one model answer. `cost` is in US dollars. */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  reasoningTokens?: number;
  cost?: number;
}

export type Role = 'user' | 'assistant' | 'system';

/**
 * A node of the conversation. A tool's result is not a message: it is the `tool-end` record of the call, which is
 * always written after the message that holds the call and before the next message of the path.
 */
export interface MessageRecord extends RecordBase {
  type: 'message';
  parentId: string | null;
  role: Role;
  parts: Part[];
  model?: string;
  usage?: Usage;
  durationMs?: number;
  /** Why an answer ended before its end; absent where the model was done. */
  stop?: StopReason;
  /** Opaque provider data, kept byte for byte. */
  raw?: unknown;
}

/** The user interrupted (or the process died), the limit of tokens was reached, the provider refused or failed. */
export type StopReason = 'interrupted' | 'length' | 'refused' | 'failed';

/**
 * The next piece of an answer that is still coming. The message `messageId` holds the whole when it is done; where a
 * crash came first, the pieces are what is known of it.
 */
export interface PartialRecord extends RecordBase {
  type: 'partial';
  messageId: string;
  parentId: string | null;
  kind: 'text' | 'thinking';
  text: string;
}

export type ToolStatus = 'ok' | 'error' | 'interrupted' | 'denied';

export interface ToolStartRecord extends RecordBase {
  type: 'tool-start';
  callId: string;
  name: string;
  input: string;
  messageId?: string;
  /** In a second record of the call, written once its process is there. */
  process?: StartedProcess;
}
export interface ToolOutputRecord extends RecordBase {
  type: 'tool-output';
  callId: string;
  text: string;
}
export interface ToolEndRecord extends RecordBase {
  type: 'tool-end';
  callId: string;
  status: ToolStatus;
  /** Absent when the output's bytes went to `blob`; then `head` and `tail` hold its first and last 2 KiB. */
  output?: string;
  /** Images and files a tool returned beside its text. */
  parts?: Part[];
  blob?: BlobRef;
  head?: string;
  tail?: string;
  exitCode?: number;
  durationMs?: number;
  raw?: unknown;
}

/** Whole new value of one tool's state. Uses are counted from the calls, unless an embedding program counts them itself. */
export interface ToolStateRecord extends RecordBase {
  type: 'tool-state';
  toolName: string;
  configuration?: unknown;
  cache?: unknown;
  lastUsed?: string;
  usageCount?: number;
}

/** What a request is made of, whole: system prompt, tool list, open files, git state. */
export interface ContextRecord extends RecordBase {
  type: 'context';
  context: Context;
}
export interface Context {
  systemPrompt?: string;
  tools?: unknown[];
  model?: string;
  openFiles?: string[];
  gitBranch?: string;
  gitCommit?: string;
  [other: string]: unknown;
}

/** Patch of the session's state: each key replaces the one before, null removes it. */
export interface StateRecord extends RecordBase {
  type: 'state';
  patch: { [Key in keyof State]?: State[Key] | null };
}
export interface State {
  workingDirectory: string;
  environment: Record<string, string>;
  activeProcesses: BackgroundProcess[];
  openFiles: string[];
  watchedFiles: string[];
  mcpConnections: unknown[];
  [other: string]: unknown;
}

/** Whole new value of one background process, when it starts, ends, or is found lost. */
export interface ProcessRecord extends RecordBase {
  type: 'process';
  process: BackgroundProcess;
}
export interface BackgroundProcess {
  /** Ours, unique in the session: `p1`, `p2` … */
  id: string;
  command: string;
  workingDirectory: string;
  /** Variables of the allow-list that it was started with. */
  environment: Record<string, string>;
  pid: number;
  /** What tells a process from a later one with the same pid; null where the system does not say. */
  identity: ProcessIdentity | null;
  status: 'running' | 'exited' | 'lost';
  /** Null while it runs, and where nobody saw it end. */
  exitCode: number | null;
  startedAt: string;
  endedAt: string | null;
  /** Bytes of output so far. */
  logBytes: number;
}
/** A process that a call waits for; who looks later can tell whether it still runs. */
export interface StartedProcess {
  pid: number;
  /** Null where the system does not say, and for a process that was gone before it could be looked at. */
  identity: ProcessIdentity | null;
}
export interface ProcessIdentity {
  bootId: string;
  pidNamespace: string;
  /** Start in the kernel's clock ticks since boot (field 22 of /proc/PID/stat), as text. */
  startTicks: string;
}

/** Changes of watched files. `missed`: they happened while nobody watched. */
export interface WatchRecord extends RecordBase {
  type: 'watch';
  changes: FileChange[];
  missed?: boolean;
}
export interface FileChange {
  /** Relative to the working directory where it lies in it; else absolute. */
  path: string;
  kind: 'added' | 'changed' | 'deleted' | 'renamed';
  /** Where a renamed file was before. */
  from?: string;
}

/** A server of tools that the session uses. Secrets stand as `${env:NAME}` and are looked up when it is reached. */
export interface McpServer {
  name: string;
  transport: McpTransport;
}
export type McpTransport =
  | { type: 'stdio'; command: string; args: string[]; environment?: Record<string, string>; workingDirectory?: string }
  | { type: 'http'; url: string; headers?: Record<string, string> };

/** Whole new value of the file fingerprints. */
export interface FilesRecord extends RecordBase {
  type: 'files';
  files: Files;
}
export interface Files {
  watchedDirectories?: string[];
  ignorePatterns?: string[];
  lastScanTime?: string;
  fingerprints?: Record<string, { size: number; mtimeMs: number; hash?: string }>;
  gitHead?: string;
  gitBranch?: string;
  gitDirty?: boolean;
  [other: string]: unknown;
}

export interface CheckpointRecord extends RecordBase {
  type: 'checkpoint';
  description: string;
  /** Message the conversation stood at. */
  messageId: string | null;
  /** Of the shadow repository; absent where no files were to be kept. */
  commit?: string;
  /** Absent when it was asked for. `automatic`: before a tool wrote. `safety`: before a rewind, which it undoes. */
  kind?: 'automatic' | 'safety';
  /** Of a safety checkpoint: what the rewind brought back, and undoing it will. */
  rewound?: RewindScope;
}
export type RewindScope = 'files' | 'conversation' | 'both';

/** The active leaf, whenever it is not simply the message just written. `at` in the name would clash with the time. */
export interface HeadRecord extends RecordBase {
  type: 'head';
  messageId: string | null;
  /** Frame that holds that message; null when there is none. */
  pointer: Pointer | null;
  reason?: string;
}

export type Status = 'active' | 'paused' | 'completed' | 'aborted';
export type LinkKind = 'continues' | 'depends-on' | 'related' | 'parent';
export interface Link {
  sessionId: string;
  kind: LinkKind;
}

/** Patch of what a list shows. Tags and links are changed one by one, so that two writers' changes add up. */
export interface MetaRecord extends RecordBase {
  type: 'meta';
  name?: string;
  description?: string;
  status?: Status;
  outcome?: string;
  addTags?: string[];
  removeTags?: string[];
  addLinks?: Link[];
  removeLinks?: Link[];
  archived?: boolean;
  project?: Project;
}

/** Patch of the session's preferences; null brings the default back. */
export interface ConfigRecord extends RecordBase {
  type: 'config';
  patch: Record<string, unknown>;
}

/** From here on a request holds `summary` instead of what lies before `firstKeptId`. The originals stay. */
export interface CompactionRecord extends RecordBase {
  type: 'compaction';
  summary: string;
  messageId: string;
  firstKeptId: string | null;
  tokensBefore?: number;
  /** Of writing the summary. */
  usage?: Usage;
}

/** The fold of all before it, without messages: where an opening starts. Derived, and never the only copy. */
export interface SnapshotRecord extends RecordBase {
  type: 'snapshot';
  fold: unknown;
}

/** State of an extension, or an entry of another client that is no message. Never sent to a model. */
export interface CustomRecord extends RecordBase {
  type: 'custom';
  kind: string;
  value?: unknown;
}

/** One entry that could not be understood, with its bytes; or a record set aside by the user (`recordId`). */
export interface QuarantineRecord extends RecordBase {
  type: 'quarantine';
  reason: string;
  recordId?: string;
  text?: string;
  /** The bytes, where they are too many for `text` or no UTF-8. */
  blob?: BlobRef;
  /** Place in the file it came from. */
  source?: { path?: string; line?: number; offsetBytes?: number };
}

/** A writer begins. Readers ignore frames of a lower epoch after one of a higher. */
export interface EpochRecord extends RecordBase {
  type: 'epoch';
  epoch: number;
  writer: { pid: number; host: string; version: string };
}
export interface CloseRecord extends RecordBase {
  type: 'close';
}

export type KnownRecord =
  | SessionRecord
  | MessageRecord
  | ToolStartRecord
  | ToolOutputRecord
  | ToolEndRecord
  | ToolStateRecord
  | PartialRecord
  | ContextRecord
  | StateRecord
  | ProcessRecord
  | WatchRecord
  | FilesRecord
  | CheckpointRecord
  | HeadRecord
  | MetaRecord
  | ConfigRecord
  | CompactionRecord
  | SnapshotRecord
  | CustomRecord
  | QuarantineRecord
  | EpochRecord
  | CloseRecord;

/** A record of a type this version does not know; goes through unchanged. */
export interface UnknownRecord extends RecordBase {
  [field: string]: unknown;
}

/** Any line of a log. Narrow with `isKnown`, then by `type`. */
export type LogRecord = KnownRecord | UnknownRecord;

type Unstamped<T> = T extends MessageRecord
  ? Omit<T, 'id' | 'at' | 'parentId'> & { parentId?: string | null }
  : T extends unknown
    ? Omit<T, 'id' | 'at'>
    : never;
/**
 * A record to be written: `id` and `at` are given by the writer unless set (imports set them). A message without
 * `parentId` goes under the active leaf.
 */
export type NewRecord = Unstamped<KnownRecord> & { id?: string; at?: string };

const KNOWN: ReadonlySet<string> = new Set<KnownRecord['type']>([
  'session',
  'message',
  'tool-start',
  'tool-output',
  'tool-end',
  'tool-state',
  'partial',
  'context',
  'state',
  'process',
  'watch',
  'files',
  'checkpoint',
  'head',
  'meta',
  'config',
  'compaction',
  'snapshot',
  'custom',
  'quarantine',
  'epoch',
  'close',
]);

export function isKnown(record: LogRecord): record is KnownRecord {
  return KNOWN.has(record.type);
}
