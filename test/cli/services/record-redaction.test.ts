// What must go back to a provider byte for byte, and the record that a log begins with, on their way through the door.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { RedactionDoor } from '../../../src/cli/services/RedactionDoor.ts';
import type { MessageRecord, NewRecord, SessionRecord, ThinkingPart } from '../../../src/core/record.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const TOKEN = `ghp${'_'}${'16C7e42F292c6912E7710c838347Ae178B4a'}`;
const SIGNATURE = 'ErUBCkYIBRgCIkDq0vT2pI7bW8e+3kJ5sQ4xZc9Lr1Yh6Nf/aPtGd2mVoUuXyKwjRiHbE7CnSgTlAeOqDzBxFpMv==';

function doorOf(t: TestContext): RedactionDoor {
  return new RedactionDoor({
    home: tempFolder(t),
    environment: {},
    folders: [],
    userFolder: null,
    allow: [],
    patterns: [],
  });
}

function thinks(text: string, signature: string, raw?: unknown): NewRecord {
  return {
    type: 'message',
    role: 'assistant',
    parts: [{ type: 'thinking', text, signature }],
    ...(raw !== undefined && { raw }),
  };
}

test('signed thinking goes on byte for byte, and without its signature where a secret is in either', async (t) => {
  const door = doorOf(t);
  const [plain, said, signed] = (await door.records([
    thinks('so it is', SIGNATURE, { opaque: [SIGNATURE] }),
    thinks(`it is ${TOKEN}`, SIGNATURE),
    thinks('so it is', `sig ${TOKEN}`, { opaque: [TOKEN] }),
  ])) as MessageRecord[];
  assert.deepEqual(plain, thinks('so it is', SIGNATURE, { opaque: [SIGNATURE] }));
  assert.match((said!.parts[0] as ThinkingPart).text, /^it is \[REDACTED:github-token:[0-9a-f]{8}\]$/);
  assert.equal((said!.parts[0] as ThinkingPart).signature, undefined);
  assert.deepEqual(signed, { type: 'message', role: 'assistant', parts: [{ type: 'thinking', text: 'so it is' }] });
});

test('of the record that a log begins with, folder, remote and origin pass the door, and no id changes', async (t) => {
  const session: SessionRecord = {
    type: 'session',
    id: '0aa1bb2c-0000-7000-8000-000000000001',
    at: '2026-01-02T10:00:00.000Z',
    format: 2,
    sessionId: '0aa1bb2c-0000-4000-8000-000000000001',
    generation: '0aa1bb2c-0000-4000-8000-000000000002',
    part: 1,
    family: '0aa1bb2c-0000-4000-8000-000000000001',
    project: { path: `/home/dev/${TOKEN}`, gitRemote: `https://dev:${TOKEN}@example.org/p.git` },
    origin: { kind: 'import', agent: 'codex', sessionId: 's1', path: `/tmp/${TOKEN}/session.jsonl` },
  };
  const [passed] = (await doorOf(t).records([session])) as SessionRecord[];
  assert.ok(!JSON.stringify(passed).includes('ghp_'));
  const { project: _project, origin: _origin, ...ids } = passed!;
  const { project: _given, origin: _from, ...given } = session;
  assert.deepEqual(ids, given);
  assert.equal(passed!.origin.sessionId, 's1');
});
