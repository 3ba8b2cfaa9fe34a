// The files of one session over time: which it touched, what changed since the last look, and the look that the log and
// this machine keep. The log's record holds what means something elsewhere: touched files and the state of git. The
// whole tree stays in a file of this machine.

import { relative, resolve } from 'node:path';
import { SessionError } from '../../core/errors.ts';
import type { FileChange, Files } from '../../core/record.ts';
import type { FilesObserved, GitState } from '../../core/restore-files.ts';
import { isDirty } from '../git-command.ts';
import { gitRootOf, gitStateOf } from '../git-folder.ts';
import { changesSince } from './changes-since.ts';
import type { ChangedFiles, Look } from './changes-since.ts';
import { ConcealedNames } from './concealed-names.ts';
import type { RedactText } from './concealed-names.ts';
import type { FileSnapshot } from './file-snapshot.ts';
import { countFiles, fileIn } from './file-snapshot.ts';
import type { Fingerprint } from './fingerprint.ts';
import { fingerprintOf, isSameFile } from './fingerprint.ts';
import { DEFAULT_IGNORE } from './ignore-rules.ts';
import { isOutside, scanFiles, slashes } from './scan-files.ts';
import { readSnapshot, writeSnapshot } from './snapshot-file.ts';

export interface TrackerOptions {
  /** The session's working directory, absolute. */
  root: string;
  /** Where this machine keeps the tree; null to keep it nowhere, for sessions that leave no plain text behind. */
  snapshotPath: string | null;
  nowMs: () => number;
  /** Takes secrets out of names; absent where names are kept as they are. */
  redact?: RedactText;
  /** What the session's log holds. */
  saved: Files | null;
  ignore?: readonly string[];
  /** Absolute paths that are watched. */
  watched?: () => readonly string[];
}

/** The newest are kept, so that the record stays below 100 kB and a snapshot need not spill it. */
const TOUCHED_MAX = 500;
/** Files that came, hashed to find where one that went has gone to. */
const HASHED_MAX = 32;

export class FileTracker {
  readonly #options: TrackerOptions;
  readonly #names: ConcealedNames | null;
  /** Oldest first; null for a file that was touched in this run. */
  readonly #touched: Map<string, Fingerprint | null>;
  /** What the log holds now. */
  #saved: Files | null;
  /** The last look of this run: it makes the next one cheap. */
  #last: FileSnapshot | null = null;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#names = options.redact ? new ConcealedNames(options.redact) : null;
    this.#saved = options.saved;
    this.#touched = new Map(Object.entries(options.saved?.fingerprints ?? {}));
  }

  /** Notes that the session read or wrote files. Relative paths begin at the working directory. */
  touch(...paths: readonly string[]): void {
    for (const path of paths) {
      const key = this.#key(path);
      const known = this.#touched.get(key) ?? null;
      this.#touched.delete(key);
      this.#touched.set(key, known);
      if (this.#touched.size > TOUCHED_MAX) this.#touched.delete(this.#touched.keys().next().value!);
    }
  }

  /** What changed since the session's last look. Changes nothing: until `capture` it answers the same again. */
  async changes(openFiles: readonly string[] = [], signal?: AbortSignal): Promise<FilesObserved> {
    const saved = this.#saved;
    const { snapshot, partly } = this.#savedSnapshot();
    const seen = await this.#look(this.#last ?? snapshot, signal);
    const before: Look = {
      snapshot: snapshot && (await this.#concealed(snapshot)),
      touched: new Map(Object.entries(saved?.fingerprints ?? {})),
    };
    const now = { ...seen, snapshot: await this.#concealed(seen.snapshot) };
    const found = await this.#withContent(before, now);
    const cut = snapshot?.cut ?? now.snapshot.cut ?? null;
    return {
      ...found,
      sinceAt: saved?.lastScanTime ?? null,
      partly: partly ?? (cut === null ? null : `not every file could be compared: ${cut}`),
      git: saved === null ? null : { before: gitOf(saved), now: gitStateAt(this.#options.root) },
      open: await Promise.all(openFiles.map((path) => this.#stateOf(path))),
    };
  }

  /** Looks at everything, keeps the tree on this machine, and answers the record for the log. */
  async capture(signal?: AbortSignal): Promise<Files> {
    const { root, snapshotPath, ignore = [], watched = () => [] } = this.#options;
    const repository = gitRootOf(root);
    const [now, dirty] = await Promise.all([
      this.#look(this.#last ?? this.#savedSnapshot().snapshot, signal),
      repository === null ? null : isDirty(repository, signal),
    ]);
    const { snapshot } = now;
    if (snapshotPath !== null) await writeSnapshot(snapshotPath, await this.#concealed(snapshot));
    for (const [path, fingerprint] of now.touched) this.#touched.set(path, fingerprint);
    const git = gitStateAt(root);
    const files: Files = {
      watchedDirectories: [...watched()],
      ignorePatterns: [...DEFAULT_IGNORE, ...ignore],
      lastScanTime: new Date(snapshot.atMs).toISOString(),
      fingerprints: Object.fromEntries(now.touched),
      fileCount: countFiles(snapshot),
      ...(snapshot.cut !== null && { cut: snapshot.cut }),
      ...(git?.head && { gitHead: git.head }),
      ...(git?.branch && { gitBranch: git.branch }),
      ...(dirty !== null && { gitDirty: dirty }),
    };
    this.#saved = files;
    return files;
  }

  /** The changes below watched paths: those that a watcher would have told of. */
  watchedChanges(changes: readonly FileChange[]): FileChange[] {
    const watched = this.#options.watched?.() ?? [];
    const isWatched = (path: string): boolean => {
      const absolute = resolve(this.#options.root, path);
      return watched.some((folder) => !isOutside(folder, absolute));
    };
    return changes.filter(({ path, from }) => isWatched(path) || (from !== undefined && isWatched(from)));
  }

  async #concealed(snapshot: FileSnapshot): Promise<FileSnapshot> {
    return this.#names ? this.#names.in(snapshot) : snapshot;
  }

  async #look(previous: FileSnapshot | null, signal?: AbortSignal): Promise<Look & { snapshot: FileSnapshot }> {
    const { root, nowMs, ignore = [], watched = () => [] } = this.#options;
    const watchedDirectories = watched();
    const scan = { nowMs, ignore, watchedDirectories, previous, ...(signal && { signal }) };
    const snapshot = await scanFiles(root, scan);
    this.#last = snapshot;
    const takenAtMs = Date.parse(this.#saved?.lastScanTime ?? '') || 0;
    const touched = new Map<string, Fingerprint>();
    // A watched file is looked at like one that was read; for a folder there is no fingerprint.
    const watchedKeys = watchedDirectories.map((path) => this.#key(path));
    for (const path of new Set([...this.#touched.keys(), ...watchedKeys])) {
      const fingerprint = await fingerprintOf(root, path, this.#touched.get(path) ?? undefined, takenAtMs);
      if (fingerprint !== null) touched.set(path, fingerprint);
    }
    return { snapshot, touched };
  }

  /** Hashes a few of the files that came, where one that the session knew went and has their size. */
  async #withContent(before: Look, now: Look & { snapshot: FileSnapshot }): Promise<ChangedFiles> {
    const found = changesSince(before, now);
    const gone = found.changes.filter(({ path, kind }) => kind === 'deleted' && before.touched.get(path)?.hash);
    const sizes = new Set(gone.map(({ path }) => before.touched.get(path)!.size));
    const came = found.changes.filter(
      ({ path, kind }) => kind === 'added' && sizes.has(fileIn(now.snapshot, path)?.sizeBytes ?? -1),
    );
    if (came.length === 0) return found;
    const hashes = new Map<string, string>();
    for (const { path } of came.slice(0, HASHED_MAX)) {
      const hash = (await fingerprintOf(this.#options.root, path))?.hash;
      if (hash !== undefined) hashes.set(path, hash);
    }
    return changesSince(before, now, hashes);
  }

  #savedSnapshot(): { snapshot: FileSnapshot | null; partly: string | null } {
    const { snapshotPath, root } = this.#options;
    const onlyTouched = 'only the files that the session read or wrote were compared';
    if (this.#saved === null) return { snapshot: null, partly: null };
    try {
      const snapshot = snapshotPath === null ? null : readSnapshot(snapshotPath);
      if (snapshot === null) return { snapshot, partly: `${onlyTouched}: this machine keeps no look at the others` };
      // A project that moved as a whole is compared with itself.
      return { snapshot: { ...snapshot, root }, partly: null };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return { snapshot: null, partly: `${onlyTouched}: ${error.message}` };
    }
  }

  async #stateOf(path: string): Promise<FilesObserved['open'][number]> {
    const key = this.#key(path);
    const now = await fingerprintOf(this.#options.root, key);
    const was = this.#saved?.fingerprints?.[key];
    if (now === null) return { path, state: 'gone' };
    return { path, state: was === undefined || isSameFile(was, now) ? 'unchanged' : 'changed' };
  }

  #key(path: string): string {
    const { root } = this.#options;
    const absolute = resolve(root, path);
    return slashes(isOutside(root, absolute) ? absolute : relative(root, absolute));
  }
}

function gitStateAt(root: string): GitState | null {
  const repository = gitRootOf(root);
  return repository === null ? null : gitStateOf(repository);
}

function gitOf({ gitHead, gitBranch }: Files): GitState | null {
  return gitHead === undefined && gitBranch === undefined ? null : { head: gitHead ?? null, branch: gitBranch ?? null };
}
