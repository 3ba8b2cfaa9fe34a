import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { SessionError } from '../../../../src/core/errors.ts';
import { emptyFold } from '../../../../src/core/fold.ts';
import type { NewRecord } from '../../../../src/core/record.ts';
import { StateCapture } from '../../../../src/cli/services/world/state-capture.ts';

const FOLD = emptyFold({
  type: 'session',
  id: 'r1',
  at: '2026-01-01T00:00:00.000Z',
  format: 2,
  sessionId: 's',
  generation: 'g',
  part: 1,
  family: 's',
  project: { path: '/p' },
  origin: { kind: 'human', agent: 'roo' },
});
const MINUTE_MS = 60_000;

interface Made {
  capture: StateCapture;
  appended: NewRecord[][];
  failures: string[];
  /** Lets work that waits for nothing finish. */
  settle(): Promise<void>;
}

/** On a clock of the test's own; one record is in the log. */
function made(t: TestContext, append: () => Promise<void> = async () => {}): Made {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const appended: NewRecord[][] = [];
  const failures: string[] = [];
  const capture = new StateCapture({
    state: () => ({ environment: { TZ: 'UTC' } }),
    fold: () => ({ ...FOLD, counts: { ...FOLD.counts, records: 1 } }),
    async append(records) {
      appended.push(records);
      await append();
    },
    failed: ({ code }) => void failures.push(code),
    captured() {},
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { capture, appended, failures, settle };
}

it('state is captured once after a burst of work, and then every so often', async (t) => {
  const { capture, appended, settle } = made(t);
  capture.every(5 * MINUTE_MS);
  for (let i = 0; i < 5; i++) capture.soon();
  t.mock.timers.tick(1000);
  await settle();
  assert.deepEqual(appended, [[{ type: 'state', patch: { environment: { TZ: 'UTC' } } }]]);
  t.mock.timers.tick(5 * MINUTE_MS);
  await settle();
  assert.equal(appended.length, 2);
});

it('the first work in a session has its state captured, and the next does not by itself', async (t) => {
  const { capture, appended, settle } = made(t);
  capture.every(5 * MINUTE_MS);
  for (let i = 0; i < 3; i++) {
    capture.first();
    t.mock.timers.tick(2000);
    await settle();
  }
  assert.equal(appended.length, 1);
});

it('an interval of 0 captures nothing by itself, and what is asked for is still answered', async (t) => {
  const { capture, appended, settle } = made(t);
  capture.every(0);
  capture.soon();
  t.mock.timers.tick(10 * MINUTE_MS);
  await settle();
  assert.deepEqual(appended, []);
  assert.equal((await capture.records()).length, 1);
});

it('two never run at once, and stopping waits for the one that runs', async (t) => {
  const held = Promise.withResolvers<void>();
  const { capture, appended, settle } = made(t, () => held.promise);
  capture.every(MINUTE_MS);
  capture.soon();
  t.mock.timers.tick(3 * MINUTE_MS);
  await settle();
  assert.equal(appended.length, 1);
  let isStopped = false;
  const stopped = capture.stop().then(() => (isStopped = true));
  await settle();
  assert.equal(isStopped, false);
  held.resolve();
  await stopped;
  capture.soon();
  t.mock.timers.tick(3 * MINUTE_MS);
  await settle();
  assert.equal(appended.length, 1);
});

it('a part that cannot be looked at is told of, and the others are written', async (t) => {
  const { capture, failures } = made(t);
  capture.also(() => Promise.reject(new SessionError('STORE_UNREADABLE', 'no permission', { op: 'read' })));
  capture.also(async () => [{ type: 'watch', changes: [] }]);
  assert.deepEqual(
    (await capture.records()).map(({ type }) => type),
    ['state', 'watch'],
  );
  assert.deepEqual(failures, ['STORE_UNREADABLE']);
});

it('what cannot be written is told of, and tried again the next time', async (t) => {
  let tries = 0;
  const { capture, failures, settle } = made(t, async () => {
    if (++tries === 1) throw new SessionError('STORE_FULL', 'no space', { op: 'append' });
  });
  capture.every(MINUTE_MS);
  t.mock.timers.tick(MINUTE_MS);
  await settle();
  assert.deepEqual(failures, ['STORE_FULL']);
  t.mock.timers.tick(MINUTE_MS);
  await settle();
  assert.equal(tries, 2);
});
