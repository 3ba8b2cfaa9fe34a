// A plan is carried out action by action; what fails keeps nothing else from being tried.

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RestoreAction } from '../../../src/core/restore-plan.ts';
import { carryOut, prepareRestore, trackFiles } from '../../../src/cli/services/session-restore.ts';
import type { World } from '../../../src/cli/services/session-restore.ts';
import { says, tempHome, writeSession } from '../../helpers/temp-home.ts';

function action(kind: RestoreAction['kind'], target: string): RestoreAction {
  return { kind, action: 'apply', target, reason: 'why' };
}

describe('carrying out a plan', () => {
  it('reports done, skipped and failed, in the order of the plan, and goes on after a failure', async () => {
    const plan = [
      action('cwd', '/a'),
      action('env', 'A'),
      action('mcp', 'slow'),
      action('mcp', 'bad'),
      action('files', 'f'),
    ];
    const seen: string[] = [];
    const results = await carryOut(
      plan,
      {
        cwd: () => {
          throw new Error('no such folder');
        },
        env: ({ target }) => {
          seen.push(target);
          return { status: 'done', detail: 'set' };
        },
        mcp: async ({ target }) => {
          if (target === 'bad') throw new TypeError('broken');
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { status: 'done', detail: 'connected' };
        },
      },
      'nobody holds these',
    );
    assert.deepEqual(
      results.map(({ target, status, detail }) => [target, status, detail]),
      [
        ['/a', 'failed', 'no such folder'],
        ['A', 'done', 'set'],
        ['slow', 'done', 'connected'],
        ['bad', 'failed', 'broken'],
        ['f', 'skipped', 'nobody holds these'],
      ],
    );
    assert.deepEqual(seen, ['A']);
  });

  it('waits for no server before it reaches the next', async () => {
    let running = 0;
    let most = 0;
    const plan = ['a', 'b', 'c'].map((name) => action('mcp', name));
    const mcp = async (): Promise<{ status: 'done'; detail: string }> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
      return { status: 'done', detail: '' };
    };
    await carryOut(plan, { mcp }, '');
    assert.equal(most, 3);
  });
});

it('a session is planned from its log and from what is there now, and the log of its files is taken from both', async (t) => {
  const { folder, home, storage: open } = tempHome(t);
  const storage = open();
  const root = join(folder, 'project');
  mkdirSync(join(root, 'src'), { recursive: true });
  for (const name of ['a.ts', 'b.ts']) writeFileSync(join(root, 'src', name), name);
  const watchedFiles = [join(root, 'src'), join(root, 'gone')];
  const patch = { workingDirectory: root, watchedFiles, openFiles: ['src/a.ts'], environment: { TZ: 'UTC' } };
  const id = await writeSession(storage, [says('hello'), { type: 'state', patch }], { project: root });
  const world: World = {
    cwd: root,
    environment: {},
    home,
    nowMs: Date.now,
    tools: null,
    processes: null,
    mcpServers: null,
  };
  const tracker = trackFiles(storage.details(id), root, world);
  tracker.touch('src/a.ts');
  await storage.change(id, [{ type: 'files', files: await tracker.capture() }]);
  appendFileSync(join(root, 'src', 'a.ts'), 'more');
  appendFileSync(join(root, 'src', 'b.ts'), 'more');
  const { plan, warnings, environment, files, fileChanges } = await prepareRestore(storage.details(id), world);
  assert.deepEqual(
    plan.map((one) => [one.kind, one.action, one.target]),
    [
      ['conversation', 'load', '1 message'],
      ['cwd', 'stay', root],
      ['env', 'set', 'TZ'],
      ['files', 'report', 'src/a.ts'],
      ['files', 'report', 'src/b.ts'],
      ['files', 'reopen', 'src/a.ts'],
      ['watchers', 'arm', join(root, 'src')],
      ['watchers', 'await', join(root, 'gone')],
    ],
  );
  assert.deepEqual([warnings, environment], [[], { TZ: 'UTC' }]);
  assert.deepEqual(files!.watchedChanges(fileChanges), fileChanges);
});
