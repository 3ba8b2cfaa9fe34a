// What roo asks of another agent's session format. An adapter finds that agent's sessions, tells its files from those of
// others, and turns one session into our records. It never sees our store: it pushes into a sink.

import type { NewRecord, Project } from '../core/record.ts';

/** One session of another agent as found on disk, cheap to make: nothing but names, stats and a file's beginning is read. */
export interface ForeignSession {
  /** Adapter that reads it. */
  agent: string;
  /** The agent's own id of the session. */
  id: string;
  /** Files that hold it, in reading order; most agents have one. */
  paths: string[];
  title?: string;
  projectPath?: string;
  /** Id of the session that started this one, where the place or beginning of the file tells it. */
  parent?: string;
  /** Newest modification of its files, milliseconds since 1970. */
  updatedAtMs: number;
  sizeBytes: number;
}

/** What is known of a session before its records; may be said again when more is found, later fields win. */
export interface ForeignHeader {
  id: string;
  title?: string;
  project?: Project;
  /** Version of the client. */
  version?: string;
  createdAt?: string;
  model?: string;
  /** Session that started this one. */
  parent?: string;
}

/**
 * A record as an adapter makes it. `id`, `parentId`, `messageId` and the other references are the agent's own ids, or
 * any text unique in the session and equal at every reading; the importer turns them into record ids. Without `at` the
 * record takes the time of the one before it. While the agent is still writing, its last message may come longer at the
 * next reading, under the same id.
 */
export type ForeignRecord = NewRecord & { id: string };
export type ForeignMessage = Extract<ForeignRecord, { type: 'message' }>;
export type ForeignToolEnd = Extract<ForeignRecord, { type: 'tool-end' }>;

export interface Sink {
  /** Comes before the first record, and again whenever more is known. */
  header(header: ForeignHeader): void | Promise<void>;
  /** Parents come before their children; a `tool-end` after the message that holds its call. */
  record(record: ForeignRecord): void | Promise<void>;
  /** An entry that could not be understood. It is kept as it is and reported; it does not end the import. */
  unreadable(entry: UnreadableEntry): void | Promise<void>;
}

export interface UnreadableEntry {
  /** Stable key, as the id of a record. */
  id: string;
  reason: string;
  path: string;
  /** Counted from 1. */
  line?: number;
  offsetBytes: number;
  lengthBytes: number;
  /** The entry itself; absent when it is too long or no valid text: then the importer copies the bytes from the file. */
  text?: string;
}

export interface Adapter {
  /** Word used on the command line and in `origin.agent`: `claude-code`, `codex`, `gemini-cli`. */
  name: string;
  /** Name for people. */
  title: string;
  /** True when a file with this name and these first bytes (up to 64 KiB) is a session of this agent. */
  detect(path: string, head: string): boolean;
  /**
   * The agent's sessions under a home folder, in no order. An agent that is not there yields nothing; a folder that
   * cannot be read throws STORE_UNREADABLE.
   */
  list(home: string, environment: Readonly<Record<string, string | undefined>>): AsyncIterable<ForeignSession>;
  /** Streams one session, memory bounded by its longest line. Throws FORMAT_UNKNOWN when it is none of this agent's. */
  read(paths: readonly string[], sink: Sink): Promise<void>;
}
