import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { it } from 'node:test';
import { runs } from '../../helpers/slow.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const LOCK = new URL('../../../src/workspace/checkpoints/shadow-lock.ts', import.meta.url).href;

/** Takes the lock time after time, takes its file away while it holds it, and fails where it is not alone. */
const TAKING = `
  import { rmSync, writeFileSync } from 'node:fs';
  import { DatabaseSync } from 'node:sqlite';
  import { dropShadowLock, inShadowLock } from ${JSON.stringify(LOCK)};
  const [path, rounds] = process.argv.slice(1);
  // What may happen between opening a file and locking it happens often.
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    if (sql.includes('BEGIN')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 10);
    return exec.call(this, sql);
  };
  for (let round = 0; round < Number(rounds); round++) {
    await inShadowLock(path, async () => {
      writeFileSync(path + '.held', '', { flag: 'wx' });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      rmSync(path + '.held');
      dropShadowLock(path);
    });
  }`;

it('a lock whose file goes with every holder is still held by one process at a time', async (t) => {
  const path = join(tempFolder(t), 'project.lock');
  const rounds = String(runs(15, 200));
  const args = ['--input-type=module', '--eval', TAKING, path, rounds];
  const takers = Array.from({ length: 4 }, () =>
    spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  t.after(() => takers.forEach((taker) => taker.kill('SIGKILL')));
  const codes = await Promise.all(takers.map(async (taker) => (await once(taker, 'exit'))[0] as number));
  assert.deepEqual(codes, [0, 0, 0, 0]);
});
