// The rules of a tree, asked path by path, for a watcher that walks by itself.

import { splitPath } from './file-snapshot.ts';
import { DEFAULT_IGNORE, ignoreRules } from './ignore-rules.ts';
import type { FolderRules } from './ignore-rules.ts';
import { foldersAbove } from './scan-files.ts';

export class IgnoredPaths {
  readonly #root: FolderRules;
  readonly #folders = new Map<string, FolderRules>();

  static async of(root: string, patterns: readonly string[]): Promise<IgnoredPaths> {
    return new IgnoredPaths(await ignoreRules(root, [...DEFAULT_IGNORE, ...patterns], foldersAbove(root)));
  }

  private constructor(root: FolderRules) {
    this.#root = root;
  }

  /** `way` is relative to the root, with `/` between names. Right where no folder above is ignored. */
  has(way: string, kind: 'file' | 'folder'): boolean {
    return this.#rulesIn(splitPath(way).folder).ignores(kind === 'folder' ? `${way}/` : way);
  }

  /** A .gitignore changed: what is asked from now on follows it. That of the root holds until the next session. */
  forget(): void {
    this.#folders.clear();
  }

  #rulesIn(folder: string): FolderRules {
    if (folder === '') return this.#root;
    const known = this.#folders.get(folder);
    if (known) return known;
    const rules = this.#rulesIn(splitPath(folder).folder).below(folder);
    this.#folders.set(folder, rules);
    return rules;
  }
}
