import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandContext } from '../../../../src/cli/commands/context.ts';
import { completionFor, earlierPrompts } from '../../../../src/cli/commands/interactive/prompt-aids.ts';
import type { ShownMessage } from '../../../../src/cli/types/session-types.ts';
import { fakeState, ID_A } from '../../../helpers/fake-sessions.ts';
import type { FakeState } from '../../../helpers/fake-sessions.ts';
import { fakeServices } from '../../../helpers/run-roo.ts';

function context(changes: Partial<FakeState> = {}): CommandContext {
  const world = { services: fakeServices(fakeState(changes)), places: { projectPath: '/home/dev/shop' } };
  return { ...world, system: { userFolder: '/nowhere' } } as unknown as CommandContext;
}

function message(role: ShownMessage['role'], parts: ShownMessage['parts']): ShownMessage {
  return { id: '1', parentId: null, role, at: '2026-01-01T00:00:00.000Z', parts, model: null, usage: null };
}

test('earlier prompts and commands come back, the newest first and each once', async () => {
  const text = (words: string): ShownMessage['parts'] => [{ type: 'text', text: words }];
  const command = { type: 'tool-call', callId: 'c', name: 'execute_command', input: '{"command":"ls"}' } as const;
  const messages = [
    message('user', text('first')),
    message('assistant', text('an answer')),
    message('user', [command]),
    message('user', [...text('@a.ts what is it'), { type: 'file', path: 'a.ts', text: 'its content' }]),
    message('user', text('first')),
  ];
  assert.deepEqual(await earlierPrompts(context({ messages }), ID_A), ['first', '@a.ts what is it', '!ls']);
});

test('every slash command is proposed, and sessions behind /resume', async () => {
  const complete = completionFor(context(), () => '/nowhere');
  const { proposals } = await complete('/');
  assert.ok(proposals.some(({ word }) => word === '/resume'));
  assert.ok(proposals.every(({ description }) => description !== ''));
  assert.deepEqual(
    (await complete(`/resume ${ID_A.slice(0, 5)}`)).proposals.map(({ word }) => word),
    [ID_A.slice(0, 8)],
  );
});
