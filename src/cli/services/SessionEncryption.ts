// Sessions become encrypted, and readable again; they are shared, and get new keys. At each step the session that is in
// its place can be read with the key that is in its place: a crash leaves the old state or the new one.

import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/clock.ts';
import type { Warning } from '../../core/errors.ts';
import { SessionError, warningOf } from '../../core/errors.ts';
import { SessionCipher } from '../../crypto/session-cipher.ts';
import { removeAnchor } from '../../store/anchor.ts';
import { isThere, replaceFile } from '../../store/durable-files.ts';
import { sweepBlobs } from '../../store/blob-family.ts';
import type { ConvertOptions } from '../../store/log-convert.ts';
import { convertLog } from '../../store/log-convert.ts';
import { LogReader } from '../../store/log-reader.ts';
import { openOriginals, sealedOriginals, sealFile, unsealFile } from '../../store/sealed-files.ts';
import { sessionBlobs } from '../../store/session-blobs.ts';
import { keyedIds, removeKeyFile, writeNextKeyFile } from '../../store/session-key-files.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import { pastOf } from '../../store/session-fork.ts';
import { holdSessionKey } from '../../store/key-lock.ts';
import type { SessionLock } from '../../store/session-lock.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import type { ISessionEncryption } from '../types/service-types.ts';
import type { EncryptionReport } from '../types/storage-types.ts';
import type { KeyRing } from './KeyRing.ts';
import type { SessionForks } from './session-forks.ts';
import type { CatalogueHooks } from './session-maintenance.ts';
import type { SessionWriters } from './session-writers.ts';
import type { Audit } from './session-audit.ts';

export interface EncryptionOptions {
  layout: StoreLayout;
  clock: Clock;
  keys: KeyRing;
  writers: SessionWriters;
  catalogue: CatalogueHooks;
  audit: Audit;
  forks: SessionForks;
  openBase: OpenBase;
}

const LEVEL = 6;

export class SessionEncryption implements ISessionEncryption {
  readonly #options: EncryptionOptions;

  constructor(options: EncryptionOptions) {
    this.#options = options;
  }

  /**
   * Encrypts a session that anybody can read, for these recipients; for those of new sessions when none is named. Forks
   * that rest on it get a past of their own first, and stay as they are. Throws SESSION_IN_USE, LOG_DAMAGED, KEY_MISSING.
   */
  encrypt(id: string, named: readonly string[] = []): Promise<EncryptionReport> {
    return this.#holding(id, () => this.#encrypt(id, named));
  }

  async #encrypt(id: string, named: readonly string[]): Promise<EncryptionReport> {
    const { keys, layout, forks, clock } = this.#options;
    // A key without an encrypted log is of an attempt that was cut short: its own, when it opens.
    await keys.require(id);
    if (this.#isEncrypted(id)) return { id, status: 'unchanged', recipients: this.#recipients(id), remains: [] };
    const recipients = named.length > 0 ? [...named] : await keys.newRecipients();
    await forks.standAloneFrom(id);
    const remains: string[] = [];
    await keys.whileOpen(id, async () => {
      await this.#takeInbox(id);
      await this.#locked(id, async () => {
        const cipher = keys.cipherOf(id) ?? keys.make(id);
        await keys.save(cipher, recipients);
        const family = await this.#convert(id, cipher, { encryptedSince: isoTime(clock.now()) }, remains);
        const { kept } = sweepBlobs(layout, family, null, { held: new Set([id]) });
        if (kept !== null) remains.push(`large parts in ${layout.blobDir(family)}: ${kept}`);
        for (const path of openOriginals(layout, id)) await sealFile(path, cipher);
        remains.push(...(await this.#dropTraces(id)), ...WRITTEN_IN_PLAIN);
      });
    });
    return this.#done({ id, status: 'encrypted', recipients, remains }, 'encrypt', true);
  }

  /** Makes a session readable by anybody who can read the file. Throws SESSION_ENCRYPTED where its key is not at hand. */
  decrypt(id: string): Promise<EncryptionReport> {
    return this.#holding(id, () => this.#decrypt(id));
  }

  async #decrypt(id: string): Promise<EncryptionReport> {
    const { keys, layout } = this.#options;
    await keys.require(id);
    const cipher = keys.cipherOf(id);
    if (!cipher) return { id, status: 'unchanged', recipients: [], remains: [] };
    if (this.#isEncrypted(id)) await this.#takeInbox(id);
    await this.#locked(id, async () => {
      await this.#keepKeyOf(openOriginals(layout, id), cipher, keys.recipientsOf(id) ?? []);
      // Cut short before, only the key is left to go.
      if (this.#isEncrypted(id)) await this.#convert(id, null, { encryptedSince: undefined }, []);
      for (const path of sealedOriginals(layout, id)) await unsealFile(path, cipher);
      rmSync(layout.sealedBlobDir(id), { recursive: true, force: true });
      removeAnchor(layout, id);
      removeKeyFile(layout, id);
      keys.forget(id);
    });
    return this.#done({ id, status: 'decrypted', recipients: [], remains: [] }, 'decrypt', false);
  }

  /** Lets others read a session: rewrites its key file and nothing else. Throws NOT_SUPPORTED for one that is not encrypted. */
  share(id: string, added: readonly string[]): Promise<EncryptionReport> {
    return this.#holding(id, () => this.#share(id, added));
  }

  async #share(id: string, added: readonly string[]): Promise<EncryptionReport> {
    const { keys, audit } = this.#options;
    // Looks whether the key is the log's: another machine, which no lock here holds, may have given it a new one.
    const cipher = await this.#cipherOf(id, 'share');
    const before = this.#recipients(id);
    const recipients = [...new Set([...before, ...added])];
    if (recipients.length === before.length) return { id, status: 'unchanged', recipients, remains: [] };
    await keys.save(cipher, recipients);
    audit.note('share', id);
    return { id, status: 'shared', recipients, remains: [] };
  }

  /**
   * Gives a session a new key, for the same recipients but for those who are let out: what is written from now on, and
   * the log as it is now, they cannot read any more. What they have read or copied they keep.
   */
  rekey(id: string, without: readonly string[] = []): Promise<EncryptionReport> {
    return this.#holding(id, () => this.#rekey(id, without));
  }

  async #rekey(id: string, without: readonly string[]): Promise<EncryptionReport> {
    const { keys, layout } = this.#options;
    const old = await this.#cipherOf(id, 'rekey');
    const unknown = without.find((recipient) => !this.#recipients(id).includes(recipient));
    if (unknown !== undefined)
      throw usage(`session ${id} is not shared with ${unknown}`, 'roo session info shows with whom');
    const recipients = this.#recipients(id).filter((recipient) => !without.includes(recipient));
    await this.#takeInbox(id);
    const remains: string[] = [];
    await this.#locked(id, async () => {
      const cipher = SessionCipher.fresh(old.sessionId);
      await this.#keepKeyOf(openOriginals(layout, id), old, recipients);
      writeNextKeyFile(layout, id, await keys.sealed(cipher, recipients));
      await this.#convert(id, cipher, {}, remains);
      await keys.finishRekey(old, cipher, recipients);
      const { kept } = sweepBlobs(layout, basename(layout.sealedBlobDir(id)), null, { held: new Set([id]) });
      if (kept !== null) remains.push(`large parts under the old key in ${layout.sealedBlobDir(id)}: ${kept}`);
    });
    return this.#done({ id, status: 'rekeyed', recipients, remains: [...remains, ...STILL_READABLE] }, 'rekey', true);
  }

  /**
   * Lets a new identity read what another could, in every session whose key is at hand; the other one is let out. Answers
   * how many key files were written, and which sessions were left as they are, and why.
   */
  async rewrap(previous: string, current: string): Promise<{ rewrapped: string[]; left: Warning[] }> {
    const rewrapped: string[] = [];
    const left: Warning[] = [];
    for (const id of keyedIds(this.#options.layout)) {
      try {
        if (await this.#holding(id, () => this.#rewrap(id, previous, current))) rewrapped.push(id);
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        left.push(warningOf(error));
      }
    }
    return { rewrapped, left };
  }

  /** False for a session that is locked here, or that the other identity cannot read. */
  async #rewrap(id: string, previous: string, current: string): Promise<boolean> {
    const { keys } = this.#options;
    if (!(await keys.unlock(id, 'quietly'))) return false;
    const recipients = this.#recipients(id);
    if (!recipients.includes(previous)) return false;
    const others = recipients.filter((each) => each !== previous);
    await keys.save(keys.cipherOf(id)!, [...new Set([current, ...others])]);
    return true;
  }

  /** Writes the log anew under a key, or under none. Answers the family that its large parts were in. */
  async #convert(
    id: string,
    cipher: SessionCipher | null,
    session: NonNullable<ConvertOptions['session']>,
    remains: string[],
  ): Promise<string> {
    const { layout, clock, openBase, catalogue } = this.#options;
    // While the log still has the words: only then can they be found in the index.
    const left = await catalogue.erase(id);
    if (left !== null) remains.push(left);
    const reader = LogReader.open(layout, id);
    try {
      const { base, family } = reader.session;
      await convertLog(layout, id, {
        clock,
        level: LEVEL,
        cipher,
        to: sessionBlobs(layout, id, id, cipher),
        session: { ...session, base: undefined, family: id },
        ...(base && { past: () => pastOf(reader, openBase, () => clock.recordId()) }),
        onFault: ({ path, reason }) => remains.push(`a large part that is ${reason}, still named: ${path}`),
      });
      return family;
    } finally {
      reader.close();
    }
  }

  /** What a repair or a crash left of an encrypted log is encrypted itself: the key that it needs goes beside it. */
  async #keepKeyOf(originals: readonly string[], cipher: SessionCipher, recipients: readonly string[]): Promise<void> {
    if (originals.length === 0 || recipients.length === 0) return;
    const file = await this.#options.keys.sealed(cipher, recipients);
    for (const path of originals) if (!isThere(`${path}.age`)) replaceFile(`${path}.age`, file);
  }

  async #dropTraces(id: string): Promise<string[]> {
    const { layout } = this.#options;
    const { dropLocalTraces } = await import('./local-traces.ts');
    const { dropFromAll } = await import('../../workspace/checkpoints/drop-session.ts');
    await dropFromAll(layout.home, id);
    return dropLocalTraces(layout.home, id);
  }

  async #done(report: EncryptionReport, op: 'encrypt' | 'decrypt' | 'rekey', isOn: boolean): Promise<EncryptionReport> {
    const { audit, catalogue, writers } = this.#options;
    audit.note(op, report.id);
    await catalogue.afterWrite(report.id);
    if (report.status !== 'rekeyed' && report.status !== 'unchanged') {
      await writers.change(report.id, [{ type: 'config', patch: { encryptionEnabled: isOn } }]);
    }
    return report;
  }

  async #cipherOf(id: string, op: string): Promise<SessionCipher> {
    const { keys } = this.#options;
    await keys.require(id);
    const cipher = keys.cipherOf(id);
    if (cipher && this.#isEncrypted(id)) return cipher;
    const hint = `roo session encrypt ${id}`;
    throw new SessionError('NOT_SUPPORTED', `session ${id} is not encrypted: whoever has its file can read it`, {
      op,
      hint,
    });
  }

  #recipients(id: string): readonly string[] {
    const recipients = this.#options.keys.recipientsOf(id);
    if (recipients) return recipients;
    throw usage(
      `the key of session ${id} was made by another tool, which kept no list of who can read it`,
      `roo session decrypt ${id}, then roo session encrypt ${id} --recipient …`,
    );
  }

  #isEncrypted(id: string): boolean {
    const reader = LogReader.open(this.#options.layout, id);
    try {
      return reader.cipher !== null;
    } finally {
      reader.close();
    }
  }

  /** Changes that wait were sealed, or not, as the session was. */
  async #takeInbox(id: string): Promise<void> {
    const { writers } = this.#options;
    await writers.close(await writers.open(id, 'bulk'));
  }

  /** While nobody else changes its key. */
  #holding<T>(id: string, work: () => Promise<T>): Promise<T> {
    const { layout, clock } = this.#options;
    return holdSessionKey(layout, id, isoTime(clock.now()), work);
  }

  async #locked<T>(id: string, work: () => Promise<T>): Promise<T> {
    const lock: SessionLock = this.#options.writers.lock(id);
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}

function usage(message: string, hint: string): SessionError {
  return new SessionError('USAGE', message, { op: 'share', hint });
}

/** What encrypting a session that was written in plain cannot reach. */
const WRITTEN_IN_PLAIN = [
  'what was written in plain before: blocks that the disk has not reused yet, backups, snapshots and synced copies',
];
const STILL_READABLE = ['copies that others made of the session and its key before'];
