// Names of files and folders may hold secrets too. A look that is kept, or compared with one that was, has placeholders
// in their place: they are the same each time, so that a file is still known by its name.

import type { FileSnapshot, FileStat, FolderLook } from './file-snapshot.ts';

/** Answers the text without the secrets in it. */
export type RedactText = (text: string) => Promise<string>;

/** Folders between two moments in which others may work. */
const FOLDERS_AT_ONCE = 100;
/** No folder had this time: a look with it is not taken for what stands on disk. */
const NEVER_MS = -1;

export class ConcealedNames {
  readonly #redact: RedactText;
  /** By folder, the names that were looked through and hold no secret. */
  readonly #clean = new Map<string, string>();

  constructor(redact: RedactText) {
    this.#redact = redact;
  }

  /** The same look where no name in it holds a secret. */
  async in(snapshot: FileSnapshot): Promise<FileSnapshot> {
    let concealed: Map<string, FolderLook> | null = null;
    let seen = 0;
    for (const [folder, look] of snapshot.folders) {
      if (++seen % FOLDERS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
      if (await this.#isClean(folder, look)) continue;
      concealed ??= new Map(snapshot.folders);
      concealed.delete(folder);
      concealed.set(await this.#redact(folder), await this.#concealed(look));
    }
    const root = await this.#redact(snapshot.root);
    return concealed || root !== snapshot.root
      ? { ...snapshot, root, folders: concealed ?? snapshot.folders }
      : snapshot;
  }

  async #isClean(folder: string, look: FolderLook): Promise<boolean> {
    const names = [folder, ...look.files.keys(), ...look.folders].join('\n');
    if (this.#clean.get(folder) === names) return true;
    if ((await this.#redact(names)) !== names) return false;
    this.#clean.set(folder, names);
    return true;
  }

  async #concealed(look: FolderLook): Promise<FolderLook> {
    const files: [string, FileStat][] = [];
    for (const [name, stat] of look.files) files.push([await this.#redact(name), stat]);
    const folders: string[] = [];
    for (const name of look.folders) folders.push(await this.#redact(name));
    return { ...look, mtimeMs: NEVER_MS, files: new Map(files), folders };
  }
}
