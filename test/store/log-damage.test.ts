import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Health } from '../../src/store/log-findings.ts';
import { decodeHeader, encodeFrame, frameHash } from '../../src/store/frame.ts';
import { encodeLine } from '../../src/store/frame-lines.ts';
import { framesOf, junk, lineEndsChanged, overwritten, zeroed } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import {
  createLog,
  newSession,
  openLog,
  readLog,
  readLogBackwards,
  tempStore,
  textsOf,
  userSays,
} from '../helpers/temp-store.ts';

makeSyncingFree();

/** Ours has a message in each frame after the first: `0`, `1` … `7`. The stranger's has more frames, and larger ones. */
interface Logs {
  ours: Buffer;
  frames: Buffer[];
  theirs: Buffer;
  strangers: Buffer[];
}

interface Damage {
  /** What became of the file. */
  name: string;
  damage(logs: Logs): Buffer;
  /** Messages of ours that can no longer be read. */
  lost?: string[];
  health: Health;
  spans: ('torn' | 'damaged' | 'foreign')[];
}

const MESSAGES = ['0', '1', '2', '3', '4', '5', '6', '7'];
const { concat } = Buffer;

const DAMAGES: Damage[] = [
  ...[10, 1_000, 1_000_000].map((bytes): Damage => ({
    name: `ends in ${bytes} zero bytes`,
    damage: ({ ours }) => concat([ours, Buffer.alloc(bytes)]),
    health: 'torn',
    spans: ['torn'],
  })),
  {
    name: 'ends in half a frame',
    damage: ({ ours, frames }) => concat([ours, frames[3]!.subarray(0, 100)]),
    health: 'torn',
    spans: ['torn'],
  },
  {
    name: 'has half a frame glued in front of a whole one',
    damage: ({ frames }) => concat([...frames.slice(0, 4), frames[4]!.subarray(0, 90), ...frames.slice(4)]),
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has junk between its frames',
    damage: ({ frames }) => concat([...frames.slice(0, 3), junk(500), ...frames.slice(3)]),
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has zero bytes between its frames',
    damage: ({ frames }) => concat([...frames.slice(0, 3), Buffer.alloc(4096), ...frames.slice(3)]),
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has junk in front',
    damage: ({ ours }) => concat([junk(300), ours]),
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'ends in a frame of another session',
    damage: ({ ours, strangers }) => concat([ours, strangers[5]!]),
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'ends in the whole log of another session',
    damage: ({ ours, theirs }) => concat([ours, theirs]),
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'ends in the end of another session, and half a frame',
    damage: ({ ours, strangers }) => concat([ours, ...strangers.slice(-4), strangers[3]!.subarray(0, 80)]),
    health: 'damaged',
    spans: ['foreign', 'torn'],
  },
  {
    name: 'has a frame of another session between its own',
    damage: ({ frames, strangers }) => concat([...frames.slice(0, 5), strangers[2]!, ...frames.slice(5)]),
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'has the whole log of another session between its own frames',
    damage: ({ frames, theirs }) => concat([...frames.slice(0, 5), theirs, ...frames.slice(5)]),
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'has junk and a stranger’s frame whose number would fit between its own',
    damage: ({ frames, strangers }) => concat([...frames.slice(0, 5), junk(700), strangers[7]!, ...frames.slice(5)]),
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'ends in half a frame and a stranger’s frames whose numbers would fit',
    damage: ({ frames, strangers }) =>
      concat([...frames.slice(0, 8), frames[8]!.subarray(0, 150), ...strangers.slice(9)]),
    lost: ['7'],
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'has one of its frames twice',
    damage: ({ frames }) => concat([...frames.slice(0, 4), frames[3]!, ...frames.slice(4)]),
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'ends in a copy of one of its frames',
    damage: ({ ours, frames }) => concat([ours, frames[4]!]),
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'has a copy of a later frame in front of an earlier one',
    damage: ({ frames }) => concat([...frames.slice(0, 3), frames[6]!, ...frames.slice(3)]),
    health: 'damaged',
    spans: ['foreign'],
  },
  {
    name: 'has lost its first frame to zero bytes',
    damage: ({ ours, frames }) => zeroed(ours, 0, frames[0]!.length),
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has its first frame cut out',
    damage: ({ ours, frames }) => ours.subarray(frames[0]!.length),
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has a frame zeroed in the middle',
    damage: ({ ours, frames }) => zeroed(ours, concat(frames.slice(0, 4)).length, concat(frames.slice(0, 5)).length),
    lost: ['3'],
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has two frames cut out of the middle',
    damage: ({ frames }) => concat([...frames.slice(0, 3), ...frames.slice(5)]),
    lost: ['2', '3'],
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has lost some bytes out of the middle of a frame',
    damage: ({ frames }) =>
      concat([...frames.slice(0, 4), frames[4]!.subarray(0, 80), frames[4]!.subarray(120), ...frames.slice(5)]),
    lost: ['3'],
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has a stranger’s frame written over the beginning of one of its own',
    damage: ({ ours, frames, strangers }) => overwritten(ours, concat(frames.slice(0, 6)).length, strangers[0]!),
    lost: ['5', '6'],
    health: 'damaged',
    spans: ['damaged'],
  },
  {
    name: 'has damage in two places',
    damage: ({ ours, frames }) => {
      const [second, sixth] = [concat(frames.slice(0, 2)).length, concat(frames.slice(0, 6)).length];
      return zeroed(zeroed(ours, second + 10, second + 20), sixth + 70, sixth + 71);
    },
    lost: ['1', '5'],
    health: 'damaged',
    spans: ['damaged', 'damaged'],
  },
  {
    name: 'ends in a frame of a writer who had lost its lock',
    damage: ({ ours, frames }) => concat([ours, zombieAfter(frames[7]!)]),
    health: 'damaged',
    spans: ['foreign'],
  },
];

describe('a log that', () => {
  for (const { name, damage, lost = [], health, spans } of DAMAGES) {
    it(`${name} gives all the rest, and goes on without losing more`, async (t) => {
      const store = tempStore(t);
      const { id, logs } = await writeLogs(store);
      const path = store.layout.logPath(id);
      const damaged = damage(logs);
      writeFileSync(path, damaged);
      const left = MESSAGES.filter((text) => !lost.includes(text));

      const found = readLog(store.layout, id);
      assert.deepEqual(messagesIn(found.records), left);
      assert.equal(found.health, health);
      assert.deepEqual(
        found.damage.map(({ reason }) => reason),
        spans,
      );
      assert.deepEqual(readLogBackwards(store.layout, id), found.records);
      assert.ok(readFileSync(path).equals(damaged), 'reading changed the file');

      const writer = openLog(store, id);
      await writer.append([userSays('after')]);
      await writer.close();
      const kept = spans.at(-1) === 'torn' ? damaged.subarray(0, found.damage.at(-1)!.offsetBytes) : damaged;
      assert.ok(readFileSync(path).subarray(0, kept.length).equals(kept), 'what could be read was changed');
      const after = readLog(store.layout, id);
      assert.deepEqual(messagesIn(after.records), [...left, 'after']);
      assert.equal(after.health, health === 'torn' ? 'ok' : 'damaged');
      assert.deepEqual(readLogBackwards(store.layout, id), after.records);
    });
  }

  it('was sent as text keeps the frames that have no line feed in them', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const path = store.layout.logPath(session.sessionId);
    const writer = createLog(store, session);
    const texts = Array.from({ length: 40 }, (_, i) => `${i} ${noise(i + 1, 60)}`);
    for (const text of texts) await writer.append([userSays(text)]);
    const bytes = readFileSync(path);
    const whole = framesOf(bytes)
      .slice(1)
      .map((frame) => !frame.includes(0x0a));
    assert.ok(whole.includes(true) && whole.includes(false), 'the example shows nothing');
    writeFileSync(path, lineEndsChanged(bytes));
    assert.deepEqual(
      textsOf(readLog(store.layout, session.sessionId).records),
      texts.filter((_, index) => whole[index]),
    );
  });

  it('says where damage is, how long it is, and how many frames are missing', async (t) => {
    const store = tempStore(t);
    const { id, logs } = await writeLogs(store);
    const path = store.layout.logPath(id);
    const from = concat(logs.frames.slice(0, 3)).length;
    const to = concat(logs.frames.slice(0, 6)).length;
    writeFileSync(path, zeroed(logs.ours, from, to));
    const { damage, warnings } = readLog(store.layout, id);
    assert.deepEqual(damage, [{ offsetBytes: from, lengthBytes: to - from, reason: 'damaged', framesMissing: 3 }]);
    const [{ code, path: place, offsetBytes, hint }] = warnings as [(typeof warnings)[0]];
    assert.deepEqual({ code, place, offsetBytes }, { code: 'LOG_DAMAGED', place: path, offsetBytes: from });
    assert.match(hint!, /roo session repair/);
  });
});

/** Text of a message cut to the number in front of its filling. */
function messagesIn(records: Parameters<typeof textsOf>[0]): string[] {
  return textsOf(records).map((text) => text.split(' ')[0]!);
}

async function writeLogs(store: TempStore): Promise<{ id: string; logs: Logs }> {
  const session = newSession(store);
  const ours = createLog(store, session);
  for (const text of MESSAGES) await ours.append([userSays(`${text} ${noise(Number(text) + 1, 60)}`)]);
  const other = newSession(store);
  const theirs = createLog(store, other);
  for (let i = 0; i < 12; i++) await theirs.append([userSays(`stranger ${noise(i + 50, 200)}`)]);
  const [bytes, strange] = [session, other].map(({ sessionId }) => readFileSync(store.layout.logPath(sessionId)));
  // Left open, as after a crash; the descriptors go with the process.
  return {
    id: session.sessionId,
    logs: { ours: bytes!, frames: framesOf(bytes!), theirs: strange!, strangers: framesOf(strange!) },
  };
}

/** A frame by one who thinks that `last` is the last one. */
function zombieAfter(last: Buffer): Buffer {
  const { seq, epoch, log } = decodeHeader(last, 0)!;
  const record = { type: 'message', id: 'zombie', at: '', parentId: null, role: 'user', parts: [] };
  const payload = encodeLine(record);
  const next = { flags: 0, lines: 1, prevBytes: last.length, seq: seq + 1, epoch, prev: frameHash(last), log };
  return encodeFrame({ ...next, payload, level: 6 });
}
