import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { MessageRecord, NewRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import type { LogWriter } from '../../src/store/log-writer.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { SLOW } from '../helpers/slow.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { createLog, newSession, openLog, readLog, readLogBackwards, tempStore } from '../helpers/temp-store.ts';
import { answers, branch, branchForwards, calls, goesTo, prints, says } from '../helpers/walks.ts';

makeSyncingFree();

/** One thing that may happen to a session. Numbers choose among the messages that there are. */
type Step =
  | { do: 'say'; count: number; long: boolean }
  | { do: 'call'; ids: string[] }
  | { do: 'answer' }
  | { do: 'print' }
  | { do: 'branch'; from: number }
  | { do: 'go to'; message: number }
  | { do: 'note' }
  | { do: 'close' }
  | { do: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('say' as const), count: fc.integer({ min: 1, max: 4 }), long: fc.boolean() }),
  // Always the same few ids: every turn of some models numbers its calls anew.
  fc.record({ do: fc.constant('call' as const), ids: fc.uniqueArray(fc.constantFrom('1', '2'), { minLength: 1 }) }),
  fc.constant({ do: 'answer' } as const),
  fc.constant({ do: 'print' } as const),
  fc.record({ do: fc.constant('branch' as const), from: fc.nat(50) }),
  fc.record({ do: fc.constant('go to' as const), message: fc.nat(50) }),
  fc.constant({ do: 'note' } as const),
  fc.constant({ do: 'close' } as const),
  fc.constant({ do: 'crash' } as const),
);

interface KnownCall {
  /** What its end says; null while it has none. */
  output: string | null;
  printed: string;
}

interface Known {
  parent: string | null;
  text: string;
  calls: Map<string, KnownCall>;
}

/** What a session is, kept the plain way: a map from each message to its parent. */
class Model {
  readonly messages = new Map<string, Known>();
  leaf: string | null = null;

  add(id: string, parent: string | null, text: string, callIds: string[] = []): void {
    const calls = new Map(callIds.map((callId) => [callId, { output: null, printed: '' }]));
    this.messages.set(id, { parent, text, calls });
    this.leaf = id;
  }

  /** The message with this number, counted round; null for one before the first. */
  pick(number: number): string | null {
    const ids = [null, ...this.messages.keys()];
    return ids[number % ids.length]!;
  }

  /** Results stand in front of the next message of their branch, so only a leaf may still get them. */
  openCalls(): [string, KnownCall][] {
    if (this.leaf === null || [...this.messages.values()].some(({ parent }) => parent === this.leaf)) return [];
    return [...this.messages.get(this.leaf)!.calls].filter(([, { output }]) => output === null);
  }

  branch(leaf: string | null): string[] {
    const texts: string[] = [];
    for (let id = leaf; id !== null;) {
      const { parent, text, calls }: Known = this.messages.get(id)!;
      const results = [...calls].map(([callId, { output, printed }]) => {
        const shown = output ?? (printed === '' ? null : `${printed}…`);
        return shown === null ? callId : `${callId}=${shown}`;
      });
      texts.push(text + (results.length > 0 ? `(${results.join()})` : ''));
      id = parent;
    }
    return texts;
  }
}

class Run {
  readonly model = new Model();
  readonly #store: TempStore;
  readonly #id: string;
  #writer: LogWriter;
  #count = 0;
  /** Before the first record there is no file. */
  #exists = false;

  constructor(store: TempStore) {
    this.#store = store;
    const session = newSession(store);
    this.#id = session.sessionId;
    this.#writer = createLog(store, session);
  }

  async take(step: Step): Promise<void> {
    const { model } = this;
    const open = model.openCalls();
    switch (step.do) {
      case 'say':
        return this.#append(Array.from({ length: step.count }, () => this.#says(model.leaf, step.long)));
      case 'call': {
        const [id, text] = [`m${++this.#count}`, `call ${this.#count}`];
        const record = calls(text, step.ids, { id });
        model.add(id, model.leaf, text, step.ids);
        return this.#append([record]);
      }
      case 'answer':
      case 'print': {
        const [callId, call] = open[0] ?? [];
        if (!call) return;
        const text = `t${++this.#count}`;
        if (step.do === 'answer') call.output = text;
        else call.printed += text;
        return this.#append([step.do === 'answer' ? answers(callId!, text) : prints(callId!, text)]);
      }
      case 'branch':
        return this.#append([this.#says(model.pick(step.from), false)]);
      case 'go to':
        model.leaf = model.pick(step.message);
        return this.#append([goesTo(model.leaf)]);
      case 'note':
        return this.#append([{ type: 'custom', kind: 'note' }]);
      case 'close':
      case 'crash':
        if (!this.#exists) return;
        if (step.do === 'close') await this.#writer.close();
        this.#writer = openLog(this.#store, this.#id, { partBytesMax: 4_000 });
    }
  }

  /** Every branch, read both ways, is the model's; every parent stands in front of its children. */
  async check(): Promise<void> {
    await this.#writer.close();
    if (!this.#exists) return;
    const { layout } = this.#store;
    assert.deepEqual(branch(layout, this.#id), this.model.branch(this.model.leaf));
    for (const leaf of this.model.messages.keys()) {
      const expected = this.model.branch(leaf);
      assert.deepEqual(branch(layout, this.#id, leaf), expected);
      assert.deepEqual(branchForwards(layout, this.#id, leaf), expected);
    }
    const { records, health } = readLog(layout, this.#id);
    assert.equal(health, 'ok');
    assert.deepEqual(readLogBackwards(layout, this.#id), records);
    const seen = new Set<string | null>([null]);
    for (const record of records) {
      if (record.type !== 'message') continue;
      assert.ok(seen.has((record as MessageRecord).parentId), `${record.id} stands in front of its parent`);
      seen.add(record.id);
    }
    const reader = LogReader.open(layout, this.#id);
    const fold = reader.fold();
    reader.close();
    assert.deepEqual([fold.counts.messages, fold.head.messageId], [this.model.messages.size, this.model.leaf]);
  }

  #says(parent: string | null, long: boolean): NewRecord {
    const [id, text] = [`m${++this.#count}`, `say ${this.#count}${long ? ' long'.repeat(400) : ''}`];
    const record = says(text, this.model.leaf === parent ? { id } : { id, parentId: parent });
    this.model.add(id, parent, text);
    return record;
  }

  async #append(records: NewRecord[]): Promise<void> {
    await this.#writer.append(records);
    this.#exists = true;
  }
}

describe('any history of a session', () => {
  it('reads back as the tree that it is, from every message, both ways, over crashes and parts', async (t) => {
    const store = tempStore(t);
    const histories = fc.array(step, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(histories, async (steps) => {
        rmSync(store.layout.sessionsDir, { recursive: true, force: true });
        const run = new Run(store);
        for (const each of steps) await run.take(each);
        await run.check();
      }),
      { numRuns: SLOW ? 2_000 : 80, ...(SLOW ? {} : { seed: 20_260_101 }) },
    );
  });
});
