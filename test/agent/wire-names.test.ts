// Ids and names of calls that a provider takes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallIds, wireToolName } from '../../src/agent/wire-names.ts';

describe('CallIds', () => {
  it('leaves ids of the same kind of server as they are, at any length', () => {
    const ids = new CallIds();
    const long = `call_${'x'.repeat(90)}`;
    assert.deepEqual([ids.idFor('toolu_01', true, true), ids.idFor(long, true, false)], ['toolu_01', long]);
    assert.equal(ids.idFor('call.with|marks', true, false), 'call.with|marks');
  });

  it('makes strange and repeated ids plain, short and different, and always the same ones', () => {
    const strange = ['a|b', 'a.b', 'a_b', '', '', 'ü'.repeat(90), 'ü'.repeat(91), 'a_b_2'];
    const made = (): string[] => {
      const ids = new CallIds();
      return strange.map((id) => ids.idFor(id, false, true));
    };
    assert.equal(new Set(made()).size, strange.length);
    assert.deepEqual(made(), made());
    for (const id of made()) assert.match(id, /^[a-zA-Z0-9_-]{1,40}$/);
    assert.deepEqual(made().slice(0, 5), ['a_b', 'a_b_2', 'a_b_3', 'call', 'call_2']);
  });
});

describe('wireToolName', () => {
  it('keeps our names, and makes those of other clients plain', () => {
    assert.equal(wireToolName('mcp__files__read-all'), 'mcp__files__read-all');
    assert.deepEqual(
      [wireToolName('a.b/c d'), wireToolName(''), wireToolName('x'.repeat(70)).length],
      ['a_b_c_d', 'tool', 64],
    );
  });
});
