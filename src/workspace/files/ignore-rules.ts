// Which files nobody wants to hear about: what .gitignore says at each level, as git reads it, and patterns of the
// session's own. A folder that is ignored is never entered, so nothing in it can be wanted again.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ignore } from 'ignore';
import { systemError } from '../../core/errors.ts';
import { ignorePatterns } from '../ignore-patterns.ts';

/**
 * Version control's own files, folders of packages that are too large to watch and no work of anybody here, and what our
 * own tools write beside a file on its way there.
 */
export const DEFAULT_IGNORE: readonly string[] = [
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '.roo-*.tmp',
  '.roo-restore-*',
];

const RULES_BYTES_MAX = 1024 * 1024;

/** The rules at work in one folder: its own and those of the folders above. */
export interface FolderRules {
  /** `path` is relative to the folder that the rules began with; folders end in `/`. */
  ignores(path: string): boolean;
  /** The rules in a folder below, by its path from the root; reads its .gitignore. */
  below(folder: string): FolderRules;
  /** Equal where the rules are. */
  key: string;
}

interface Level {
  /** Relative to the root, with `/` at its end; `` for the root. */
  base: string;
  matcher: Ignore;
}

/**
 * Rules for a tree. `above` are the folders from the repository's root down to the tree's, whose .gitignore files hold
 * here too, with the way from each of them to the tree.
 */
export async function ignoreRules(
  root: string,
  patterns: readonly string[],
  above: readonly { folder: string; way: string }[] = [],
): Promise<FolderRules> {
  const { default: ignore } = await import('ignore');
  const own = ignore().add([...patterns]);
  const found = above.flatMap(({ folder, way }) => {
    const text = readRules(folder);
    return text === null ? [] : [{ text, way, matcher: ignore().add(ignorePatterns(text)) }];
  });
  // Who works in, or watches, a folder that is ignored means that folder.
  const isMeant = found.some(({ way, matcher }) => matcher.ignores(`${way}/`));
  const upper = isMeant ? [] : found;
  const ownText = readRules(root);
  const exclude = readText(join(above[0]?.folder ?? root, '.git', 'info', 'exclude'));
  const excluded = exclude === null ? null : ignore().add(ignorePatterns(exclude));
  const excludeWay = above[0]?.way ?? '';

  const make = (levels: readonly Level[], key: string): FolderRules => ({
    key,
    ignores(path) {
      if (own.ignores(path)) return true;
      // The deepest file that has a word on a path decides, as in git.
      for (const { base, matcher } of levels) {
        const verdict = matcher.test(path.slice(base.length));
        if (verdict.ignored) return true;
        if (verdict.unignored) return false;
      }
      for (const { way, matcher } of upper.toReversed()) {
        const verdict = matcher.test(`${way}/${path}`);
        if (verdict.ignored) return true;
        if (verdict.unignored) return false;
      }
      return excluded?.ignores(excludeWay === '' ? path : `${excludeWay}/${path}`) ?? false;
    },
    below(folder) {
      const text = readRules(join(root, folder));
      if (text === null) return this;
      return make(
        [{ base: `${folder}/`, matcher: ignore().add(ignorePatterns(text)) }, ...levels],
        `${key}\0${folder}\0${text}`,
      );
    },
  });
  const levels = ownText === null ? [] : [{ base: '', matcher: ignore().add(ignorePatterns(ownText)) }];
  const key = [...patterns, ...upper.map(({ text }) => text), exclude ?? '', ownText ?? ''].join('\0');
  return make(levels, key);
}

function readRules(folder: string): string | null {
  return readText(join(folder, '.gitignore'));
}

/** Null where there is no such file, or where it can be no list of patterns: git passes those over too. */
function readText(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > RULES_BYTES_MAX ? null : text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ELOOP'].includes(code ?? '')) return null;
    throw systemError(error, 'read', path);
  }
}
