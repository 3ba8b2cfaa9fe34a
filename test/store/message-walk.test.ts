import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { ForkBase, NewRecord, SessionRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { findMessage } from '../../src/store/message-place.ts';
import { walkMessages } from '../../src/store/message-walk.ts';
import { frameEdges, framesOf, zeroed } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { createLog, newSession, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, branch, branchForwards, calls, goesTo, prints, says } from '../helpers/walks.ts';

makeSyncingFree();

/** What was appended, call by call, and the branch that it leaves active. */
const HISTORIES: Record<string, { appends: NewRecord[][]; active: string[] }> = {
  'one line': { appends: [[says('a')], [says('b')], [says('c')]], active: ['c', 'b', 'a'] },
  'one line in one frame': { appends: [[says('a'), says('b'), says('c')]], active: ['c', 'b', 'a'] },
  nothing: { appends: [[{ type: 'custom', kind: 'x' }]], active: [] },
  'a branch that was left': {
    appends: [[says('a', { id: 'a' })], [says('b')], [says('c')], [says('d', { parentId: 'a' })], [says('e')]],
    active: ['e', 'd', 'a'],
  },
  'a branch that was left, in one frame': {
    appends: [[says('a', { id: 'a' }), says('b'), says('c'), says('d', { parentId: 'a' }), says('e')]],
    active: ['e', 'd', 'a'],
  },
  'a new beginning': {
    appends: [[says('a')], [says('b')], [says('c', { parentId: null })], [says('d')]],
    active: ['d', 'c'],
  },
  'a leaf that was set back': {
    appends: [[says('a')], [says('b', { id: 'b' })], [says('c')], [goesTo('b')]],
    active: ['b', 'a'],
  },
  'a leaf that was set back to before the first message': { appends: [[says('a')], [goesTo(null)]], active: [] },
  'a leaf that was set back and gone on from': {
    appends: [[says('a', { id: 'a' })], [says('b')], [goesTo('a')], [says('c')], [says('d')]],
    active: ['d', 'c', 'a'],
  },
  'branches of branches': {
    appends: [
      [says('a', { id: 'a' })],
      [says('b', { id: 'b' })],
      [says('c', { id: 'c', parentId: 'a' })],
      [says('d', { parentId: 'b' })],
      [says('e', { parentId: 'c' })],
    ],
    active: ['e', 'c', 'a'],
  },
  'results of calls': {
    appends: [[calls('a', ['1', '2'])], [answers('1', 'x')], [answers('2', 'y')], [says('b')]],
    active: ['b', 'a(1=x,2=y)'],
  },
  'calls without an end': { appends: [[calls('a', ['1'])], [says('b')]], active: ['b', 'a(1)'] },
  'output of a call that has no end': {
    appends: [[calls('a', ['1'])], [prints('1', 'x')], [prints('1', 'y')]],
    active: ['a(1=xy…)'],
  },
  'the same call ids in every turn': {
    appends: [[calls('a', ['1'])], [answers('1', 'x')], [calls('b', ['1'])], [answers('1', 'y')], [says('c')]],
    active: ['c', 'b(1=y)', 'a(1=x)'],
  },
  'the same call ids on another branch': {
    appends: [
      [says('a', { id: 'a' })],
      [calls('b', ['1'], { id: 'b' })],
      [answers('1', 'x')],
      [calls('c', ['1'], { parentId: 'a' })],
      [answers('1', 'of c')],
      [says('d', { parentId: 'b' })],
    ],
    active: ['d', 'b(1=x)', 'a'],
  },
  'the same call ids on another branch, in one frame': {
    appends: [
      [
        says('a', { id: 'a' }),
        calls('b', ['1'], { id: 'b' }),
        answers('1', 'x'),
        calls('c', ['1'], { parentId: 'a' }),
        answers('1', 'of c'),
        says('d', { parentId: 'b' }),
      ],
    ],
    active: ['d', 'b(1=x)', 'a'],
  },
  'the same call ids behind a way to another branch': {
    appends: [
      [calls('a', ['1'], { id: 'a' })],
      [says('b', { id: 'b' })],
      [calls('c', ['1'], { id: 'c', parentId: null })],
      [says('d', { id: 'd', parentId: 'a' })],
      [goesTo('c')],
      [answers('1', 'of c')],
      [goesTo('d')],
    ],
    active: ['d', 'a(1)'],
  },
  'results in front of a jump back to their call': {
    appends: [
      [calls('a', ['1'], { id: 'a' })],
      [says('b', { parentId: null })],
      [goesTo('a')],
      [prints('1', 'late')],
      [says('c')],
    ],
    active: ['c', 'a(1=late…)'],
  },
  'a result in two pieces, one behind the call and one behind the way back to it': {
    appends: [
      [calls('a', ['1'], { id: 'a' })],
      [prints('1', 'early,')],
      [says('b', { parentId: null })],
      [goesTo('a')],
      [prints('1', 'late')],
      [says('c')],
    ],
    active: ['c', 'a(1=early,late…)'],
  },
  'output once, although its frame is met twice': {
    appends: [
      [calls('a', ['1'], { id: 'a' }), prints('1', 'once')],
      [says('b', { parentId: null })],
      [says('c', { parentId: 'a' })],
    ],
    active: ['c', 'a(1=once…)'],
  },
};

describe('walking back from the active leaf', () => {
  for (const [name, { appends, active }] of Object.entries(HISTORIES)) {
    it(`gives the branch with ${name}, and so does reading forwards`, async (t) => {
      const store = tempStore(t);
      const id = await history(store, appends);
      assert.deepEqual(branch(store.layout, id), active);
      assert.deepEqual(branchForwards(store.layout, id), active);
    });
  }

  it('gives any other branch from its leaf, too', async (t) => {
    const store = tempStore(t);
    const id = await history(store, HISTORIES['branches of branches']!.appends);
    assert.deepEqual(branch(store.layout, id, 'b'), ['b', 'a']);
    assert.deepEqual(branch(store.layout, id, 'c'), ['c', 'a']);
    assert.deepEqual(branch(store.layout, id, null), []);
  });

  it('says so when there is no such message', async (t) => {
    const store = tempStore(t);
    const id = await history(store, [[says('a')]]);
    assert.throws(() => branch(store.layout, id, 'nobody'), { code: 'LOG_DAMAGED', op: 'read' });
  });

  it('reads no more than its caller takes, and jumps over what lies between', async (t) => {
    const store = tempStore(t);
    const filling = Array.from({ length: 40 }, (_, i) => [says(noise(i + 1, 60_000))]);
    const id = await history(store, [[says('a', { id: 'a' })], ...filling, [says('z', { parentId: 'a' })]]);
    const size = readFileSync(store.layout.logPath(id)).length;
    const reader = LogReader.open(store.layout, id);
    const walk = walkMessages(reader, reader.fold().head.messageId, () => assert.fail('there is no base'));
    assert.equal([...walk].length, 2);
    assert.ok(reader.bytesRead < size / 3, `${reader.bytesRead} of ${size} bytes were read`);
    reader.close();
  });
});

describe('walking back over damage', () => {
  const lines = [[says('a')], [says('b')], [says('c')], [says('d')]];

  for (const [lost, left] of [
    ['a', ['d', 'c', 'b']],
    ['b', ['d', 'c', 'a']],
    ['c', ['d', 'b', 'a']],
  ] as const) {
    it(`gives all but ${lost} when that is lost`, async (t) => {
      const store = tempStore(t);
      const id = await history(store, lines);
      loseFrame(store, id, 1 + ['a', 'b', 'c', 'd'].indexOf(lost));
      assert.deepEqual(branch(store.layout, id), [...left]);
      const reader = LogReader.open(store.layout, id);
      Array.from(reader.forwards());
      assert.equal(reader.health, 'damaged');
      reader.close();
    });
  }

  it('finds a parent far back when only what stood between is lost', async (t) => {
    const store = tempStore(t);
    const id = await history(store, [
      [says('a', { id: 'a' })],
      [says('other')],
      [says('other too')],
      [goesTo('a')],
      [says('b')],
    ]);
    loseFrame(store, id, 4);
    assert.deepEqual(branch(store.layout, id), ['b', 'a']);
  });

  it('goes on before a message that was jumped to and is lost', async (t) => {
    const store = tempStore(t);
    const id = await history(store, [
      [says('a')],
      [says('b', { id: 'b' })],
      [says('other', { parentId: null })],
      [says('other too')],
      [says('c', { parentId: 'b' })],
    ]);
    loseFrame(store, id, 2);
    assert.deepEqual(branch(store.layout, id), ['c', 'a']);
  });

  it('finds its way when bytes were taken out, and no frame stands where it did', async (t) => {
    const store = tempStore(t);
    const id = await history(store, [
      [says(`padding ${noise(1, 500)}`, { parentId: null })],
      [says('a', { id: 'a', parentId: null })],
      [says('other')],
      [says('b', { parentId: 'a' })],
    ]);
    const path = store.layout.logPath(id);
    const bytes = readFileSync(path);
    const edges = frameEdges(bytes);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, edges[1]! + 80), bytes.subarray(edges[1]! + 100)]));
    assert.deepEqual(branch(store.layout, id), ['b', 'a']);
  });

  it('gives what is left when every frame in front is lost', async (t) => {
    const store = tempStore(t);
    const id = await history(store, lines);
    for (const frame of [0, 1, 2]) loseFrame(store, id, frame);
    assert.deepEqual(branch(store.layout, id), ['d', 'c']);
  });
});

describe('walking back into the past of a fork', () => {
  it('goes on in the base, and gives its results', async (t) => {
    const store = tempStore(t);
    const base = newSession(store);
    await history(
      store,
      [[says('a')], [calls('b', ['1'], { id: 'b' })], [answers('1', 'x')], [says('not shared')]],
      base,
    );
    const id = await history(store, [[says('c')], [says('d')]], forkOf(store, base, 'b'));
    assert.deepEqual(branch(store.layout, id), ['d', 'c', 'b(1=x)', 'a']);
    assert.deepEqual(branchForwards(store.layout, id), ['d', 'c', 'b(1=x)', 'a']);
  });

  it('starts in the base while the fork has no message, and after it was set back to the fork point', async (t) => {
    const store = tempStore(t);
    const base = newSession(store);
    await history(store, [[says('a')], [says('b', { id: 'b' })]], base);
    const empty = await history(store, [[{ type: 'meta', name: 'a fork' }]], forkOf(store, base, 'b'));
    assert.deepEqual(branch(store.layout, empty), ['b', 'a']);
    const back = await history(store, [[says('c')], [goesTo('b')], [says('d')]], forkOf(store, base, 'b'));
    assert.deepEqual(branch(store.layout, back), ['d', 'b', 'a']);
  });

  it('finds the fork point in a base that was rewritten since', async (t) => {
    const store = tempStore(t);
    const base = newSession(store);
    const shared = [says('a', { id: 'a' }), calls('b', ['1'], { id: 'b' }), answers('1', 'x'), says('c', { id: 'c' })];
    await history(
      store,
      shared.map((record) => [record]),
      base,
    );
    const id = await history(store, [[says('d')]], forkOf(store, base, 'b'));
    rmSync(store.layout.logPath(base.sessionId));
    await history(store, [shared], { ...base, generation: store.clock.sessionId() });
    assert.deepEqual(branch(store.layout, id), ['d', 'b(1=x)', 'a']);
  });

  it('goes through forks of forks, also where one has no message of its own', async (t) => {
    const store = tempStore(t);
    const base = newSession(store);
    await history(store, [[says('a', { id: 'a' })], [says('b')]], base);
    const first = forkOf(store, base, 'a');
    await history(store, [[says('c', { id: 'c' })]], first);
    const second = await history(store, [[says('d')]], forkOf(store, first, 'c'));
    assert.deepEqual(branch(store.layout, second), ['d', 'c', 'a']);

    const empty = forkOf(store, base, 'a');
    await history(store, [[{ type: 'meta', name: 'empty' }]], empty);
    const third = await history(store, [[says('e')]], forkOf(store, empty, 'a'));
    assert.deepEqual(branch(store.layout, third), ['e', 'a']);
  });

  it('gives what is before it when the fork point itself is lost', async (t) => {
    const store = tempStore(t);
    const base = newSession(store);
    await history(store, [[says('a')], [says('b', { id: 'b' })], [says('not shared')]], base);
    const id = await history(store, [[says('c')]], forkOf(store, base, 'b'));
    loseFrame(store, base.sessionId, 2);
    assert.deepEqual(branch(store.layout, id), ['c', 'a']);
  });

  it('says so when the base never held the fork point, is gone, or is the fork itself', async (t) => {
    const store = tempStore(t);
    const base = newSession(store);
    await history(store, [[says('a', { id: 'a' })]], base);
    const strange = await history(store, [[says('b')]], { ...forkOf(store, base, 'a'), base: baseOf(base, 'nobody') });
    assert.throws(() => branch(store.layout, strange), { code: 'BASE_MISSING' });

    const session = newSession(store);
    const circular = await history(store, [[says('b', { parentId: 'x' })]], { ...session, base: baseOf(session, 'x') });
    assert.throws(() => branch(store.layout, circular), { code: 'LOG_DAMAGED' });

    const orphan = await history(store, [[says('b')]], forkOf(store, base, 'a'));
    rmSync(store.layout.logPath(base.sessionId));
    assert.throws(() => branch(store.layout, orphan), { code: 'SESSION_NOT_FOUND' });
  });

  it('closes the base it opened, also when its caller stops early', async (t) => {
    const store = tempStore(t);
    const base = newSession(store);
    await history(store, [[says('a')], [says('b', { id: 'b' })]], base);
    const id = await history(store, [[says('c')]], forkOf(store, base, 'b'));
    const reader = LogReader.open(store.layout, id);
    let open = 0;
    const openBase = (session: string): LogReader => {
      const past = LogReader.open(store.layout, session);
      const close = past.close.bind(past);
      open++;
      past.close = () => {
        open--;
        close();
      };
      return past;
    };
    for (const { message } of walkMessages(reader, reader.fold().head.messageId, openBase)) {
      if (message.id === 'b') break;
    }
    assert.equal(open, 0);
    reader.close();
  });
});

async function history(store: TempStore, appends: NewRecord[][], session = newSession(store)): Promise<string> {
  const writer = createLog(store, session);
  for (const records of appends) await writer.append(records);
  await writer.close();
  return session.sessionId;
}

function forkOf(store: TempStore, base: SessionRecord, messageId: string): SessionRecord {
  const reader = LogReader.open(store.layout, base.sessionId);
  const at = findMessage(reader, messageId)!;
  reader.close();
  return newSession(store, { family: base.family, base: { ...baseOf(base, messageId), at } });
}

function baseOf({ sessionId, generation }: SessionRecord, messageId: string): ForkBase {
  return { sessionId, generation, messageId, at: { part: 1, offset: 0, seq: 0 } };
}

/** Frame 0 begins the epoch; each append has one of its own after it. */
function loseFrame(store: TempStore, id: string, index: number): void {
  const path = store.layout.logPath(id);
  const bytes = readFileSync(path);
  let from = 0;
  for (const frame of lengthsOf(bytes).slice(0, index)) from += frame;
  writeFileSync(path, zeroed(bytes, from, from + lengthsOf(bytes)[index]!));
}

/** Lengths of the frames, also of those that were zeroed before. */
function lengthsOf(bytes: Buffer): number[] {
  const known = lengths.get(bytes.length);
  if (known) return known;
  const found = framesOf(bytes).map(({ length }) => length);
  lengths.set(bytes.length, found);
  return found;
}
const lengths = new Map<number, number[]>();
