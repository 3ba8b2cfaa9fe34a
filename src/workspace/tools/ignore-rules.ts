// What git would not look at: .gitignore files from the repository's root down, and .git/info/exclude. Deeper files
// decide before those above them, as in git.

import { join, relative, sep } from 'node:path';
import type { Ignore } from 'ignore';
import { ignorePatterns } from '../ignore-patterns.ts';
import { NotARegularFile, readWhole } from '../regular-file.ts';

const FILE_BYTES_MAX = 1024 * 1024;
/** Never looked into: one is git's own, the other holds what others wrote. */
const ALWAYS: ReadonlySet<string> = new Set(['.git', 'node_modules']);

interface Level {
  folder: string;
  rules: Ignore;
}

export class IgnoreRules {
  readonly #levels: readonly Level[];

  private constructor(levels: readonly Level[]) {
    this.#levels = levels;
  }

  /**
   * The rules that hold in `folder`. Where that folder is itself ignored, those above it do not count: whoever names
   * it wants to see what is in it. `root` is the repository's, null outside of one.
   */
  static async above(folder: string, root: string | null): Promise<IgnoreRules> {
    let rules = new IgnoreRules([]);
    if (root === null) return rules;
    const exclude = await rulesOf(join(root, '.git', 'info', 'exclude'));
    if (exclude) rules = new IgnoreRules([{ folder: root, rules: exclude }]);
    let at = root;
    for (const name of relative(root, folder).split(sep).filter(Boolean)) {
      rules = await rules.within(at);
      at = join(at, name);
      if (rules.ignores(at, true)) rules = new IgnoreRules([]);
    }
    return rules;
  }

  /** These and what the folder itself has to say. */
  async within(folder: string): Promise<IgnoreRules> {
    const rules = await rulesOf(join(folder, '.gitignore'));
    return rules === null ? this : new IgnoreRules([{ folder, rules }, ...this.#levels]);
  }

  ignores(path: string, isFolder: boolean): boolean {
    if (ALWAYS.has(path.slice(path.lastIndexOf(sep) + 1))) return true;
    for (const { folder, rules } of this.#levels) {
      // All of them are below: path.relative() would take longer than the rules.
      const rest = path.slice(folder.endsWith(sep) ? folder.length : folder.length + 1);
      const below = sep === '/' ? rest : rest.replaceAll(sep, '/');
      const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

/** Null where there is no such file, and where it is no file: git does not read those either. */
async function rulesOf(path: string): Promise<Ignore | null> {
  let bytes: Buffer | null;
  try {
    bytes = await readWhole(path, FILE_BYTES_MAX);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof NotARegularFile || code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null;
    throw error;
  }
  if (bytes === null) return null;
  const { default: ignore } = await import('ignore');
  return ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' }).add(
    ignorePatterns(bytes.toString('utf8')),
  );
}
