// Reading sessions: state, messages, records. Takes no lock; what waits in an inbox counts as written.

import { statSync, utimesSync } from 'node:fs';
import { systemError } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import type { LogRecord } from '../../core/record.ts';
import type { SessionConfig } from '../../core/session-config.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import { assertSessionId } from '../../core/session-file-name.ts';
import { readInbox } from '../../store/inbox.ts';
import { foldWithInbox } from '../../store/log-source.ts';
import type { LogReader } from '../../store/log-reader.ts';
import type { WalkedMessage } from '../../store/branch-cursor.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import { walkMessages } from '../../store/message-walk.ts';
import type { OpenOptions } from '../../store/open-log.ts';
import { openLog, openPast } from '../../store/open-log.ts';
import { isLocked, readHolder } from '../../store/session-lock.ts';
import { foreignHolder } from '../../store/shared-lock.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import type { SessionDetails, ShownSession, ShowRange } from '../types/service-types.ts';
import type { ConversationMessage, Session, SessionInfo, ShownMessage } from '../types/session-types.ts';
import { interruptedAnswer } from './agent/interrupted-answer.ts';
import { followMessages } from './session-follow.ts';
import { shownRange } from './session-range.ts';
import { conversationMessage, sessionOf, shownMessage } from './session-view.ts';
import type { OpenCalls } from './session-view.ts';

/** A session as loaded, and the active message of its log. */
export interface Loaded {
  session: Session;
  leaf: string | null;
}

interface Opened {
  reader: LogReader;
  fold: Fold;
}

export class SessionReads {
  readonly #layout: StoreLayout;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #options: OpenOptions;
  readonly #infoOf: (id: string) => SessionInfo;

  constructor(
    layout: StoreLayout,
    settings: Readonly<Record<string, unknown>>,
    options: OpenOptions,
    infoOf: (id: string) => SessionInfo,
  ) {
    this.#layout = layout;
    this.#settings = settings;
    this.#options = options;
    this.#infoOf = infoOf;
  }

  /** Opens a log, bringing a format 1 file over first. The caller closes. */
  openReader(id: string): LogReader {
    assertSessionId(id, 'open');
    return openLog(this.#layout, id, this.#options);
  }

  /** The log that holds a fork's past, in the store or in trash. */
  get openBase(): OpenBase {
    return (id) => openPast(this.#layout, id, this.#options);
  }

  details(id: string): Omit<SessionDetails, 'recipients'> {
    const { reader, fold } = this.#open(id);
    try {
      const holder = isLocked(this.#layout, id) ? readHolder(this.#layout, id) : this.#foreignHolder(id);
      const config = this.#configOf(fold);
      return { session: this.#infoOf(id), fold, config, holder, warnings: reader.warnings };
    } finally {
      reader.close();
    }
  }

  show(id: string, range: ShowRange): ShownSession {
    const { reader, fold } = this.#open(id);
    const { warnings } = reader;
    reader.close();
    const openCalls = this.#openCalls(id);
    const { openBase } = this;
    // Opened again when the messages are asked for: a caller who asks for none leaves nothing open.
    const open = (): LogReader => this.openReader(id);
    const messages = (async function* (): AsyncGenerator<ShownMessage> {
      const again = open();
      try {
        for (const walked of shownRange(again, fold.head.messageId, openBase, range)) {
          yield shownMessage(walked, again.blobs, openCalls);
        }
        // An answer in the making, or one that a crash cut short and nobody took up yet.
        const answer = range.to === undefined ? interruptedAnswer(again, fold) : null;
        if (answer) yield shownMessage({ message: answer, results: new Map() }, again.blobs, openCalls);
        // Damage deeper in the log shows only while its messages are read.
        for (const warning of again.warnings) {
          if (!warnings.some(({ message }) => message === warning.message)) warnings.push(warning);
        }
      } finally {
        again.close();
      }
    })();
    return { session: this.#infoOf(id), messages, warnings };
  }

  follow(id: string, signal: AbortSignal): AsyncIterable<ShownMessage> {
    return followMessages(() => this.openReader(id), this.openBase, signal);
  }

  async *records(id: string): AsyncIterable<LogRecord> {
    const reader = this.openReader(id);
    try {
      for (const item of reader.forwards()) {
        if ('damage' in item) continue;
        for (const record of reader.records(item)) yield reader.blobs.unspill(record);
      }
    } finally {
      reader.close();
    }
  }

  /** The session with its newest messages, `maxHistoryLength` of them. Notes the access; reads no more than it returns. */
  load(id: string): Loaded {
    return this.#load(id, ({ maxHistoryLength }, messages) => messages.length >= maxHistoryLength);
  }

  /** The session with its messages back to one of them; with all of them where that is not on its active branch. */
  loadBackTo(id: string, messageId: string | undefined): Session {
    return this.#load(id, (_config, messages) => messageId === undefined || messages.at(-1)?.id === messageId).session;
  }

  /** Messages older than the given one on its branch, newest first; the way past the loaded window. */
  async *olderMessages(id: string, messageId: string): AsyncIterable<ConversationMessage> {
    const reader = this.openReader(id);
    const openCalls = this.#openCalls(id);
    const older = function* (walk: Iterable<WalkedMessage>): Generator<WalkedMessage, boolean> {
      let isOlder = false;
      for (const walked of walk) {
        if (isOlder) yield walked;
        isOlder ||= walked.message.id === messageId;
      }
      return isOlder;
    };
    const { openBase } = this;
    const onEitherBranch = function* (): Generator<WalkedMessage> {
      const wasActive = yield* older(walkMessages(reader, reader.fold().head.messageId, openBase));
      // Somebody went back to before it since the window was loaded.
      if (!wasActive) yield* older(walkMessages(reader, messageId, openBase));
    };
    try {
      for (const walked of onEitherBranch()) yield conversationMessage(walked, reader.blobs, openCalls);
    } finally {
      reader.close();
    }
  }

  sessionOfFold(id: string, fold: Fold): Session {
    const lastAccessedAtMs = this.#options.clock.now();
    return sessionOf({ id, fold, config: this.#configOf(fold), lastAccessedAtMs, messages: [] });
  }

  #load(id: string, isEnough: (config: SessionConfig, newestFirst: ConversationMessage[]) => boolean): Loaded {
    const { reader, fold } = this.#open(id);
    try {
      const config = this.#configOf(fold);
      const openCalls = this.#openCalls(id);
      const messages: ConversationMessage[] = [];
      for (const walked of walkMessages(reader, fold.head.messageId, this.openBase)) {
        if (isEnough(config, messages)) break;
        messages.push(conversationMessage(walked, reader.blobs, openCalls));
      }
      messages.reverse();
      const lastAccessedAtMs = this.#options.clock.now();
      noteAccess(reader, lastAccessedAtMs);
      return { session: sessionOf({ id, fold, config, lastAccessedAtMs, messages }), leaf: fold.head.messageId };
    } finally {
      reader.close();
    }
  }

  #open(id: string): Opened {
    assertSessionId(id, 'open');
    const inbox = readInbox(this.#layout, id);
    const reader = this.openReader(id);
    try {
      return { reader, fold: foldWithInbox(reader, inbox) };
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  #configOf(fold: Fold): SessionConfig {
    return effectiveConfig(this.#settings, fold.config);
  }

  #openCalls(id: string): OpenCalls {
    return isLocked(this.#layout, id) || this.#foreignHolder(id) ? 'running' : 'interrupted';
  }

  #foreignHolder(id: string): ReturnType<typeof foreignHolder> {
    return foreignHolder(this.#layout, id, this.#options.clock.now());
  }
}

/** Sets the access time of the log's file. Reading needs no lock, so this may not write into the log. */
function noteAccess(reader: LogReader, nowMs: number): void {
  // Half a millisecond is added because a time in whole milliseconds can come back one lower.
  try {
    const modifiedS = (Math.floor(statSync(reader.path).mtimeMs) + 0.5) / 1000;
    utimesSync(reader.path, nowMs / 1000, modifiedS);
  } catch (error) {
    // A store that may only be read is read all the same, and so is a session whose first file is gone.
    const { code } = error as NodeJS.ErrnoException;
    const isHarmless = code === 'EPERM' || code === 'EACCES' || code === 'EROFS' || code === 'ENOENT';
    if (!isHarmless) throw systemError(error, 'note the access to', reader.path);
  }
}
