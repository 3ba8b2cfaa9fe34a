import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { startChild } from '../helpers/child.ts';
import { openLog, readLog, tempStore, userSays } from '../helpers/temp-store.ts';

describe('a disk that fills up in the middle of an append', () => {
  it('loses nothing, says so, and takes more when there is room again', async (t) => {
    const store = tempStore(t);
    // A mount of its own, which goes with the process.
    const mount = `mount -t tmpfs -o size=1m none ${store.directory} && exec "$0" "$@"`;
    const small = ['unshare', '-rm', 'sh', '-c', mount];
    const { status, error, stderr } = spawnSync(small[0]!, [...small.slice(1), 'true'], { encoding: 'utf8' });
    if (status !== 0) return t.skip(`a small disk cannot be mounted here: ${error?.message ?? stderr.trim()}`);
    const child = startChild(t, 'fill-disk', [store.directory], small);
    await child.saysLines(1);
    const { refusal, acknowledged, whenFull, after } = JSON.parse(child.lines[0]!);
    assert.equal(refusal.code, 'STORE_FULL');
    assert.match(refusal.path, /session-.+\.json\.gz$/);
    assert.match(refusal.hint, /nothing acknowledged was lost/);
    assert.ok(acknowledged.length > 3, 'the disk was full from the beginning');
    assert.deepEqual([whenFull.health, after.health], ['ok', 'ok']);
    for (const id of acknowledged) assert.ok(whenFull.ids.includes(id) && after.ids.includes(id));
    assert.ok(after.ids.includes(after.later));
    assert.equal(new Set(after.ids).size, after.ids.length);
    assert.equal(await child.ended, 0);
  });

  it('at the largest size that a file may have loses nothing either', async (t) => {
    if (process.platform === 'win32') return t.skip('no limit of file sizes here');
    const store = tempStore(t);
    const id = store.clock.sessionId();
    // One block of 1,024 bytes: the first records fit, the next ones are written in part.
    const child = startChild(t, 'append-some', [store.directory, id], ['bash', '-c', 'ulimit -f 1; exec "$0" "$@"']);
    assert.equal(await child.ended, 0);
    const acknowledged = child.lines.filter((line) => line.startsWith('ok ')).map((line) => line.slice(3));
    const refusals = child.lines.filter((line) => !line.startsWith('ok '));
    assert.ok(acknowledged.length > 0 && refusals.length > 0, child.lines.join(', '));
    for (const refusal of refusals) assert.match(refusal, /^(closing: )?STORE_FULL$/);
    const { records, health } = readLog(store.layout, id);
    assert.equal(health, 'ok');
    const ids = new Set(records.map((record) => record.id));
    for (const recordId of acknowledged) assert.ok(ids.has(recordId));
    const writer = openLog(store, id);
    await writer.append([userSays('without the limit')]);
    await writer.close();
    assert.equal(readLog(store.layout, id).health, 'ok');
  });
});
