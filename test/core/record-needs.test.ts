import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isBlobHash, recordFault } from '../../src/core/record-needs.ts';

const HASH = 'a'.repeat(64);
const base = { id: '1', at: '2026-01-01T00:00:00.000Z' };

/** The least that a record of each type may consist of. */
const SOUND: Record<string, Record<string, unknown>> = {
  session: { format: 2, sessionId: 's', generation: 'g', family: 's', project: { path: '' }, origin: {} },
  message: { parentId: null, role: 'user', parts: [] },
  'tool-start': { callId: 'c' },
  'tool-output': { callId: 'c', text: '' },
  'tool-end': { callId: 'c', status: 'ok' },
  'tool-state': { toolName: 't' },
  context: { context: {} },
  state: { patch: {} },
  config: { patch: {} },
  files: { files: {} },
  checkpoint: { description: '' },
  head: { messageId: null, pointer: null },
  meta: {},
  compaction: { messageId: 'm' },
  quarantine: { reason: '' },
  epoch: { epoch: 1 },
  close: {},
  custom: {},
  'a type of the future': {},
  toString: {},
};

function withPart(part: unknown): unknown {
  return { ...base, type: 'message', ...SOUND['message'], parts: [part] };
}

describe('what readers rely on in a record', () => {
  for (const [type, fields] of Object.entries(SOUND)) {
    it(`of type ${type} is there`, () => {
      assert.equal(recordFault({ ...base, type, ...fields }), null);
      for (const field of Object.keys(fields)) {
        const without = { ...base, type, ...fields, [field]: 7 };
        if (field === 'format' || field === 'epoch') Object.assign(without, { [field]: 'seven' });
        assert.match(
          String(recordFault(without)),
          new RegExp(`^a ${type} record needs `),
          `${type} with a bad ${field}`,
        );
      }
    });
  }

  it('is said to be missing in few words', () => {
    assert.equal(recordFault(null), 'a record needs type, id and at');
    assert.equal(recordFault([]), 'a record needs type, id and at');
    assert.equal(recordFault({ type: 'meta', id: 1, at: '' }), 'a record needs type, id and at');
    assert.equal(recordFault({ ...base, type: 'state' }), 'a state record needs a patch');
  });

  it('holds for every part of a message', () => {
    const sound = [
      { type: 'text', text: '' },
      { type: 'thinking', text: '' },
      { type: 'file', path: '' },
      { type: 'image', mediaType: 'image/png', blob: { hash: HASH, bytes: 1 } },
      { type: 'tool-call', callId: '', name: '', input: '' },
      { type: 'other', kind: 'x' },
      { type: 'a part of the future' },
    ];
    const faulty = [
      null,
      'text',
      {},
      { type: 'text' },
      { type: 'tool-call', callId: 'c', name: 'n' },
      { type: 'file' },
    ];
    for (const part of sound) assert.equal(recordFault(withPart(part)), null, JSON.stringify(part));
    for (const part of faulty) assert.ok(recordFault(withPart(part)), JSON.stringify(part));
  });

  it('keeps the names of blobs inside their folder', () => {
    for (const hash of ['../x', '', 'a', HASH.toUpperCase(), `${HASH}0`, 7, null]) {
      assert.equal(isBlobHash(hash), false);
      const blob = { hash, bytes: 1 };
      for (const record of [
        { type: 'custom', spilled: blob },
        { type: 'tool-end', callId: 'c', status: 'ok', blob },
        { type: 'quarantine', reason: '', blob },
      ]) {
        assert.ok(recordFault({ ...base, ...record }), JSON.stringify(record));
      }
    }
    assert.equal(isBlobHash(HASH), true);
  });
});
