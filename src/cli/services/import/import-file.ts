// What is imported and how: the file a session comes from, and what the user wants of it.

import type { ForeignHeader } from '../../../adapters/adapter.ts';
import type { Origin } from '../../../core/record.ts';
import type { IdPolicy } from './import-ids.ts';

/** The file a session comes from. */
export interface ImportFile {
  /** Adapter, or `roo` for a document of ours. */
  agent: string;
  policy: IdPolicy;
  /** As the user knows it; recorded with the session. */
  path: string;
  /** Where its bytes are, which for a packed file or standard input is somewhere else. */
  plainPath: string;
  sizeBytes: number;
  /** Newest modification, milliseconds since 1970. */
  mtimeMs: number;
}

export interface ImportWish {
  name?: string;
  dryRun?: 'dry-run';
  /** Says where the session came from also when nothing in it was new. */
  noteSource?: 'always';
}

/** What is known of a session before its records; a document of ours knows more than another agent. */
export interface OwnHeader extends ForeignHeader {
  origin?: Origin;
  /** Id of its first record. */
  recordId?: string;
}
