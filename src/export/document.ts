// A session as the exporters get it: one value in which what may be large is not there yet but streams in.

import type { BlobRef, Part, Project, Role, Status, ToolStatus, Usage } from '../core/record.ts';

/** A text of any length, in pieces of whole characters. */
export class StreamedText {
  readonly pieces: () => AsyncIterable<string>;

  constructor(pieces: () => AsyncIterable<string>) {
    this.pieces = pieces;
  }
}

/** A list of any length, item by item. Can be read once. */
export class StreamedList {
  readonly items: AsyncIterable<unknown>;

  constructor(items: AsyncIterable<unknown>) {
    this.items = items;
  }
}

/** The story's Session, its messages streaming. What is not named here goes through as it is. */
export interface ExportedSession {
  readonly [field: string]: unknown;
  id: string;
  name: string;
  description?: string;
  metadata: {
    readonly [field: string]: unknown;
    createdAt: Date;
    updatedAt: Date;
    status: Status;
    tags: readonly string[];
    project: Project;
  };
  history: { readonly [field: string]: unknown; messages: StreamedList };
}

export interface ExportedMessage {
  id: string;
  parentId: string | null;
  role: Role;
  content: string;
  timestamp: Date;
  /** Absent where they are just `content` as one text. */
  parts?: (Part | ExportedResult)[];
  model?: string;
  usage?: Usage;
  durationMs?: number;
  raw?: unknown;
}

/** The result of a call, behind it. Without an id it was derived: the log holds no end of the call. */
export interface ExportedResult {
  type: 'tool-result';
  id?: string;
  at?: string;
  callId: string;
  name: string;
  status: ToolStatus | 'running';
  output: string | StreamedText;
  /** Only where the output could not be read; `output` then holds its beginning and end. */
  blob?: BlobRef;
  parts?: Part[];
  exitCode?: number;
  durationMs?: number;
}

/** Objects and arrays of JSON values, with StreamedText and StreamedList among them. */
export type StreamedValue = unknown;

export function isStreamed(value: unknown): value is StreamedText | StreamedList {
  return value instanceof StreamedText || value instanceof StreamedList;
}

/** True when something in the value streams. */
export function holdsStreamed(value: StreamedValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isStreamed(value) || Object.values(value).some(holdsStreamed);
}

const CHUNK_CHARACTERS = 64 * 1024;

/** Small pieces joined, so that whoever writes them is not called for every comma. */
export async function* joined(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held: string[] = [];
  let characters = 0;
  for await (const piece of pieces) {
    held.push(piece);
    characters += piece.length;
    if (characters < CHUNK_CHARACTERS) continue;
    yield held.join('');
    held = [];
    characters = 0;
  }
  if (characters > 0) yield held.join('');
}
