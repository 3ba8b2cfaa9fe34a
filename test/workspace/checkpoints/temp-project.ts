// A project of real files and the checkpoints of it, in a folder of the test's own.

import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { Checkpoints } from '../../../src/workspace/checkpoints/checkpoints.ts';
import type { CheckpointRequest, ShadowOptions } from '../../../src/workspace/checkpoints/checkpoints.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

export interface TempProject {
  folder: string;
  home: string;
  tree: string;
  checkpoints: Checkpoints;
  open(options?: Partial<ShadowOptions>): Checkpoints;
  write(path: string, text: string | Buffer): void;
  /** Takes a checkpoint and answers its commit. */
  take(changes?: Partial<CheckpointRequest>): Promise<string>;
  restore(commit: string): ReturnType<Checkpoints['restore']>;
  /** Everything in the work tree but `.git`: mode and content, or where a link leads, by path in latin1. */
  snapshot(): Record<string, string>;
}

export const SESSION = '3f2a9c1b-0000-4000-8000-000000000001';

let nowMs = Date.UTC(2026, 0, 1);

export function request(changes: Partial<CheckpointRequest> = {}): CheckpointRequest {
  return { sessionId: SESSION, description: 'a test', nowMs: (nowMs += 1000), ...changes };
}

export function tempProject(t: TestContext): TempProject {
  const folder = tempFolder(t);
  const home = join(folder, 'home');
  const tree = join(folder, 'project');
  mkdirSync(tree);
  const open = (options: Partial<ShadowOptions> = {}): Checkpoints =>
    new Checkpoints({ home, workTree: tree, ...options });
  const checkpoints = open();
  return {
    folder,
    home,
    tree,
    checkpoints,
    open,
    write(path, text) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    },
    take: async (changes) => (await checkpoints.take(request(changes))).commit,
    restore: (commit) => checkpoints.restore(commit, request({ description: 'before' })),
    snapshot: () => snapshotOf(tree),
  };
}

export function snapshotOf(tree: string, skip = '.git'): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (folder: Buffer, path: string): void => {
    for (const name of readdirSync(folder, { encoding: 'latin1' })) {
      if (path === '' && name === skip) continue;
      const place = Buffer.concat([folder, Buffer.from('/'), Buffer.from(name, 'latin1')]);
      const at = path === '' ? name : `${path}/${name}`;
      const stat = lstatSync(place);
      const mode = (stat.mode & 0o777).toString(8);
      if (stat.isDirectory()) walk(place, at);
      else if (stat.isSymbolicLink()) found[at] = `link ${readlinkSync(place, { encoding: 'latin1' })}`;
      else found[at] = `${mode} ${readFileSync(place).toString('latin1')}`;
    }
  };
  walk(Buffer.from(tree), '');
  return found;
}

/** Runs the user's own git. */
export function userGit(tree: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@x', '-c', 'commit.gpgsign=false', ...args], {
    cwd: tree,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
