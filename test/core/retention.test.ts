import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { RetentionRules, RetentionSubject } from '../../src/core/retention.ts';
import { applyRetention } from '../../src/core/retention.ts';
import { runs } from '../helpers/slow.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);

/** A session that was changed so many days ago. */
function aged(id: string, days: number, more: Partial<RetentionSubject> = {}): RetentionSubject {
  const updatedAt = new Date(NOW_MS - days * DAY_MS).toISOString();
  return {
    id,
    updatedAt,
    bytes: 100,
    tags: [],
    status: 'active',
    archived: false,
    inUse: false,
    damaged: false,
    ...more,
  };
}

const STORE: RetentionSubject[] = [
  aged('today', 0),
  aged('week', 7, { status: 'completed' }),
  aged('month', 31, { tags: ['release'] }),
  aged('quarter', 92, { status: 'completed' }),
  aged('open', 200, { inUse: true }),
  aged('broken', 300, { damaged: true }),
  aged('year', 400, { bytes: 1000 }),
];

interface Case {
  rules: RetentionRules;
  removed: Record<string, string>;
}

const CASES: Record<string, Case> = {
  'no rules remove nothing': { rules: {}, removed: {} },
  'an age removes what is older': {
    rules: { olderThanDays: 90 },
    removed: {
      quarter: 'not changed for 92 days, the limit is 90',
      year: 'not changed for 400 days, the limit is 90',
    },
  },
  'the newest are kept whatever their age': { rules: { olderThanDays: 5, keepLast: 7 }, removed: {} },
  'a tag keeps a session': {
    rules: { olderThanDays: 30, keepTags: ['other', 'release'] },
    removed: {
      quarter: 'not changed for 92 days, the limit is 30',
      year: 'not changed for 400 days, the limit is 30',
    },
  },
  'only sessions of a status are looked at': {
    rules: { olderThanDays: 5, status: ['completed'] },
    removed: {
      week: 'not changed for 7 days, the limit is 5',
      quarter: 'not changed for 92 days, the limit is 5',
    },
  },
  'a count removes the oldest, round those that are kept': {
    rules: { maxCount: 4 },
    removed: {
      year: 'more than 4 sessions, and this is among the oldest',
      quarter: 'more than 4 sessions, and this is among the oldest',
      month: 'more than 4 sessions, and this is among the oldest',
    },
  },
  'a size removes the oldest until the rest fits': {
    rules: { maxTotalBytes: 600 },
    removed: { year: 'the store is over 600 bytes, and this is among the oldest' },
  },
  'the first rule that fits is the reason': {
    rules: { olderThanDays: 300, maxCount: 6, maxTotalBytes: 500 },
    removed: {
      year: 'not changed for 400 days, the limit is 300',
      quarter: 'the store is over 500 bytes, and this is among the oldest',
    },
  },
};

const KEPT_WHATEVER: Record<string, string> = {
  open: 'open in another process',
  broken: 'damaged: repair it or delete it by hand',
};

describe('retention', () => {
  for (const [name, { rules, removed }] of Object.entries(CASES)) {
    it(name, () => {
      const decision = applyRetention(STORE, rules, NOW_MS);
      assert.deepEqual(Object.fromEntries(decision.remove.map(({ id, reason }) => [id, reason])), removed);
    });
  }

  it('says of every kept session why', () => {
    const { keep } = applyRetention(STORE, { olderThanDays: 5, keepLast: 1, keepTags: ['release'] }, NOW_MS);
    assert.deepEqual(Object.fromEntries(keep.map(({ id, reason }) => [id, reason])), {
      today: 'one of the 1 newest',
      month: 'tagged release',
      ...KEPT_WHATEVER,
    });
    const { keep: byStatus } = applyRetention(STORE, { status: ['aborted'] }, NOW_MS);
    assert.equal(byStatus.find(({ id }) => id === 'week')?.reason, 'status completed');
    assert.equal(applyRetention([aged('a', 1)], {}, NOW_MS).keep[0]?.reason, 'no rule applies');
  });

  it('does not propose for the archive what is archived, but does for the trash', () => {
    const archived = [aged('old', 400, { archived: true })];
    const rules = { olderThanDays: 30 };
    assert.equal(applyRetention(archived, { ...rules, action: 'archive' }, NOW_MS).keep[0]?.reason, 'archived already');
    assert.equal(applyRetention(archived, { ...rules, action: 'trash' }, NOW_MS).remove.length, 1);
  });

  for (const value of [0, -1, -0.5, 0.5, NaN, Infinity, -Infinity, undefined]) {
    it(`removes nothing by a rule of ${value}`, () => {
      const wanted = value === 0.5 ? ['maxCount'] : ['olderThanDays', 'maxCount', 'maxTotalBytes'];
      for (const rule of wanted) {
        const { remove } = applyRetention(STORE, { [rule]: value }, NOW_MS);
        assert.deepEqual(remove, [], rule);
      }
    });
  }

  it('keeps a session whose time is none, and one of the future', () => {
    const strange = [aged('none', 0, { updatedAt: 'yesterday' }), aged('future', -400)];
    assert.deepEqual(applyRetention(strange, { olderThanDays: 1 }, NOW_MS).remove, []);
  });

  const subjects = fc.array(
    fc.record({
      days: fc.integer({ min: -10, max: 1000 }),
      bytes: fc.nat(5000),
      tags: fc.subarray(['a', 'b']),
      status: fc.constantFrom('active', 'paused', 'completed', 'aborted'),
      archived: fc.boolean(),
      inUse: fc.boolean(),
      damaged: fc.boolean(),
    }),
    { maxLength: 30 },
  );
  const number = fc.oneof(fc.integer({ min: -5, max: 400 }), fc.constant(NaN), fc.constant(undefined), fc.double());
  const rules = fc.record({
    olderThanDays: number,
    keepLast: number,
    maxCount: number,
    maxTotalBytes: number,
    keepTags: fc.option(fc.subarray(['a', 'b']), { nil: undefined }),
    status: fc.option(fc.subarray(['active', 'completed'] as const), { nil: undefined }),
    action: fc.constantFrom('trash', 'archive', undefined),
  }) as fc.Arbitrary<RetentionRules>;

  it('puts every session in one of the two lists, with a reason, and never one that is guarded in the first', () => {
    fc.assert(
      fc.property(subjects, rules, (drawn, policy) => {
        const sessions = drawn.map(({ days, ...rest }, index) =>
          aged(`s${index}`, days, rest as Partial<RetentionSubject>),
        );
        const { remove, keep } = applyRetention(sessions, policy, NOW_MS);
        assert.deepEqual([...remove, ...keep].map(({ id }) => id).sort(), sessions.map(({ id }) => id).sort());
        assert.ok([...remove, ...keep].every(({ reason }) => reason !== ''));
        const removed = sessions.filter(({ id }) => remove.some((each) => each.id === id));
        assert.ok(removed.every(({ inUse, damaged }) => !inUse && !damaged));
        assert.ok(removed.every(({ tags }) => !tags.some((tag) => policy.keepTags?.includes(tag))));
        if (policy.status?.length) assert.ok(removed.every(({ status }) => policy.status!.includes(status)));
        const keepLast = Math.floor(policy.keepLast ?? 0);
        if (keepLast > 0) assert.ok(keep.length >= Math.min(keepLast, sessions.length));
        if (keep.every(({ reason }) => reason === 'no rule applies')) {
          const count = Math.floor(policy.maxCount ?? NaN);
          if (count > 0 && Number.isFinite(count)) assert.ok(keep.length <= count);
        }
      }),
      { numRuns: runs(300, 20_000) },
    );
  });

  it('removes nothing more when it is applied to what it kept', () => {
    fc.assert(
      fc.property(subjects, rules, (drawn, policy) => {
        const sessions = drawn.map(({ days, ...rest }, index) =>
          aged(`s${index}`, days, rest as Partial<RetentionSubject>),
        );
        const { keep } = applyRetention(sessions, policy, NOW_MS);
        const kept = sessions.filter(({ id }) => keep.some((each) => each.id === id));
        assert.deepEqual(applyRetention(kept, policy, NOW_MS).remove, []);
      }),
      { numRuns: runs(300, 20_000) },
    );
  });
});
