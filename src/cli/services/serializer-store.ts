// What the serializer asks of the store. SessionStorage answers it; a test can with a folder and a clock.

import type { Clock } from '../../core/clock.ts';
import type { LogRecord, SessionRecord } from '../../core/record.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import type { LogReader } from '../../store/log-reader.ts';
import type { LogWriter } from '../../store/log-writer.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import type { SessionDetails } from '../types/service-types.ts';
import type { RedactionDoor } from './RedactionDoor.ts';
import type { Audit } from './session-audit.ts';

export interface SerializerStore {
  readonly audit: Audit;
  readonly clock: Clock;
  /** What everything that is written passes; null where secrets are not kept out. */
  readonly door: RedactionDoor | null;
  /** Throws SESSION_NOT_FOUND. The caller closes. */
  openReader(id: string): LogReader;
  readonly openBase: OpenBase;
  details(id: string): SessionDetails;
  exists(id: string): boolean;
  /** Changes of a session that wait until its holder takes them into the log. */
  waiting(id: string): LogRecord[];
  /** Where the large parts of a session go, of the family's or its own. */
  blobs(family: string, id?: string): BlobStore;
  /** Has a session's key at hand from here on. Throws SESSION_ENCRYPTED. */
  unlock(id: string): Promise<unknown>;
  /** A writer for many records at once: large frames, no end of a part. No file until its first append. */
  createWriter(session: SessionRecord): LogWriter;
  /** The same for a session that is there. Throws SESSION_IN_USE. */
  openWriter(id: string): Promise<LogWriter>;
  /** Closes the log and tells the index. */
  closeWriter(writer: LogWriter): Promise<void>;
  /** Id here of another agent's session; null when it was never imported. */
  importedAs(agent: string, foreignId: string): string | null;
}
