// Exchanges files below a folder at random, so many times: for a link to a target, for one to a name beside it that is
// not there, for the target under a second name, for a pipe, and back. Leaves databases of SQLite alone: it opens them
// by name.

import { spawnSync } from 'node:child_process';
import { linkSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const [home, target, count] = process.argv.slice(2) as [string, string, string];
const pipe = join(home, '..', `pipe-${process.pid}`);
spawnSync('mkfifo', [pipe]);

const swaps: ((path: string) => void)[] = [
  (path) => symlinkSync(target, path),
  (path) => symlinkSync(`${target}.new`, path),
  (path) => linkSync(target, path),
  (path) => linkSync(pipe, path),
];

for (let done = 0; done < Number(count);) {
  const files = below(home);
  if (files.length === 0) done++;
  for (const path of files) {
    done++;
    const aside = `${path}.aside`;
    try {
      renameSync(path, aside);
      swaps[done % swaps.length]!(path);
      rmSync(path, { force: true });
      renameSync(aside, path);
    } catch {
      // The store was faster: what it moved or removed is not there any more.
      for (const left of [aside, path]) rmSync(left, { force: true });
    }
  }
}
rmSync(pipe, { force: true });

function below(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(({ name, parentPath }) => !/\.(?:lock|db|aside)|^index/.test(name) && !parentPath.endsWith('/locks'))
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name));
  } catch {
    return [];
  }
}
