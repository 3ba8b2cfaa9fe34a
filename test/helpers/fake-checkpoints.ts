// Checkpoints without files behind them, for tests of the command line itself.

import type { CheckpointRecord } from '../../src/core/record.ts';
import type { Services } from '../../src/cli/commands/context.ts';
import type { FakeState } from './fake-sessions.ts';
import { did } from './fake-sessions.ts';

const RECORD: CheckpointRecord = {
  type: 'checkpoint',
  id: 'k1',
  at: '2026-01-02T10:00:00.000Z',
  description: 'first',
  messageId: 'm1',
  commit: 'abc',
};

export function fakeCheckpoints(state: FakeState): Awaited<ReturnType<Services['checkpoints']>> {
  const written = { via: 'log' as const, durable: true };
  const changes = [{ path: 'a', action: 'write' as const, reason: 'it changed since' }];
  const leftOut = [{ path: '.env', reason: 'its name says that it holds secrets' }];
  const plan = { messageId: 'm1', checkpoint: RECORD, scope: 'both' as const, changes };
  return {
    async take(id, description) {
      did(state, 'checkpoint', id, description);
      return { ...written, id: 'k2', commit: 'def', description, messageId: 'm2', changedFiles: 2, leftOut };
    },
    leftAlone: async () => [],
    list: () => [RECORD],
    plan: async () => plan,
    async rewind(id, target, scope) {
      did(state, 'rewind', id, target, scope);
      return { ...plan, ...written, safetyId: 'k3', leftOut };
    },
    tidy: async () => {},
    follow: async () => false,
  };
}
