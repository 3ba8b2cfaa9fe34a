// A scrub that the power failed in, at every moment: the session is whole, as it was or without its secrets, and
// scrubbing again ends what was begun.

import { materialize, startRecording, stopRecording } from '../../helpers/disk-recorder.ts';
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { RedactionDoor } from '../../../src/cli/services/RedactionDoor.ts';
import { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { leaveMarkedFiles, MARK_PATTERN, marksIn, writeMarkedSession } from '../../helpers/marked-session.ts';
import { runs } from '../../helpers/slow.ts';
import { says, tempHome, textsShown } from '../../helpers/temp-home.ts';

function scrubbing(home: string): SessionStorage {
  const places = { home, environment: {}, folders: [], userFolder: null, allow: [], patterns: [MARK_PATTERN] };
  return new SessionStorage({ home, version: '0.0.0', door: new RedactionDoor(places) });
}

async function scrub(home: string, id: string): Promise<void> {
  const storage = scrubbing(home);
  const scrubber = await storage.scrubber();
  for (const family of scrubber.families([id])) await scrubber.scrub(family, 'remove');
  await storage.close();
}

async function texts(home: string, ids: readonly string[]): Promise<string[]> {
  const storage = scrubbing(home);
  const shown = await Promise.all(ids.map(async (id) => JSON.stringify(await textsShown(storage, id))));
  for (const id of ids) assert.equal((await storage.verify(id)).health, 'ok');
  await storage.close();
  return shown;
}

it('a power cut while scrubbing leaves each session whole, and the next scrub finishes it', async (t: TestContext) => {
  const { folder, home, ...temp } = tempHome(t);
  const old = temp.storage();
  const id = await writeMarkedSession(old);
  const fork = await old.fork(id, null, null);
  await old.change(fork, [says('mine')]);
  await old.close();
  leaveMarkedFiles(old, id);
  const ids = [id, fork];
  const before = await texts(home, ids);
  // Makes the key of the placeholders, so that they are the same in every copy.
  await (await scrubbing(home).scrubber()).preview(ids, 'remove');
  startRecording(home);
  await scrub(home, id);
  const moments = stopRecording();
  const after = await texts(home, ids);
  assert.notDeepEqual(after, before);
  const seen = new Set<string>();
  for (const [index, moment] of moments.entries()) {
    // Each costs opening, scrubbing and searching a whole home.
    if (index % Math.ceil(moments.length / runs(6, 20)) !== 0) continue;
    for (const fate of ['nothing unsynced', 'everything unsynced'] as const) {
      const left = join(folder, 'left');
      mkdirSync(left, { mode: 0o700 });
      materialize(moment.left(fate), left);
      // Derived, and not written through what was recorded.
      for (const name of readdirSync(join(left, 'state')))
        if (name.includes('index-')) rmSync(join(left, 'state', name));
      const at = `${moment.after}, ${fate}`;
      const found = await texts(left, ids);
      for (const [session, text] of found.entries()) {
        seen.add(text === before[session] ? 'old' : 'new');
        assert.ok(text === before[session] || text === after[session], at);
      }
      await scrub(left, id);
      assert.deepEqual(marksIn(left), [], at);
      assert.deepEqual(await texts(left, ids), after, at);
      rmSync(left, { recursive: true });
    }
  }
  assert.deepEqual([...seen].toSorted(), ['new', 'old']);
});
