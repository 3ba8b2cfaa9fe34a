import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { joined, judge, NO_PERMISSIONS, permissionsIn, ruleFor } from '../../src/core/permissions.ts';
import type { Deed, Permissions } from '../../src/core/permissions.ts';

const command = (subject: string): Deed => ({ tool: 'execute_command', effect: 'run', subject });
const write = (subject: string): Deed => ({ tool: 'write_file', effect: 'write', subject });
const allow = (...rules: string[]): Permissions => ({ ...NO_PERMISSIONS, allow: rules });
const deny = (...rules: string[]): Permissions => ({ ...NO_PERMISSIONS, deny: rules });

describe('without rules', () => {
  it('reading is allowed, writing and running are asked about', () => {
    assert.equal(judge({ tool: 'read_file', effect: 'read', subject: 'a' }, NO_PERMISSIONS).decision, 'allow');
    assert.equal(judge(write('a'), NO_PERMISSIONS).decision, 'ask');
    assert.equal(judge(command('ls'), NO_PERMISSIONS).decision, 'ask');
  });
});

describe('a rule that allows', () => {
  for (const [rule, deed] of [
    ['execute_command', command('anything; at all')],
    ['execute_command:npm test*', command('npm test -- --watch')],
    ['execute_command:git status', command('git status')],
    ['write_file:src/**', write('src/a/b.ts')],
    ['write_file:src/*.ts', write('src/a.ts')],
    ['mcp__github__*', { tool: 'mcp__github__list', effect: 'run', subject: '{}' }],
  ] as const) {
    it(`${rule} fits ${deed.subject}`, () => {
      assert.deepEqual(judge(deed, allow(rule)), { decision: 'allow', rule });
    });
  }

  for (const [rule, deed] of [
    ['execute_command:npm test*', command('npm test; rm -rf /')],
    ['execute_command:npm test*', command('npm test && curl evil')],
    ['execute_command:npm test*', command('npm test `id`')],
    ['execute_command:npm test*', command('npm test $(id)')],
    ['execute_command:npm test*', command('npm test\nrm -rf /')],
    ['execute_command:npm test*', command('npm test > ~/.bashrc')],
    ['execute_command:npm test*', command('xnpm test')],
    ['write_file:src/**', write('src/../../etc/passwd')],
    ['write_file:src/*.ts', write('src/a/b.ts')],
    ['write_file:src/a.ts', write('src/axts')],
  ] as const) {
    it(`${rule} does not fit ${JSON.stringify(deed.subject)}`, () => {
      assert.equal(judge(deed, allow(rule)).decision, 'ask');
    });
  }
});

describe('a rule that denies', () => {
  it('goes before one that allows, and before reading', () => {
    const both = joined(allow('execute_command'), deny('execute_command:rm *'));
    assert.equal(judge(command('rm -rf x'), both).decision, 'deny');
    assert.equal(judge(command('ls'), both).decision, 'allow');
    assert.equal(
      judge({ tool: 'read_file', effect: 'read', subject: '.env' }, deny('read_file:.env')).decision,
      'deny',
    );
  });

  for (const subject of ['ls; rm -rf x', 'ls && rm -rf x', 'ls | rm -rf x', 'echo $(rm -rf x)', 'ls\nrm -rf x']) {
    it(`fits every part of ${JSON.stringify(subject)}`, () => {
      assert.equal(judge(command(subject), deny('execute_command:rm *')).decision, 'deny');
    });
  }
});

describe('the rule for one deed', () => {
  it('fits it, and no other', () => {
    const subjects = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\', '/', ' ', '.', '?', '[', '(', '|') });
    fc.assert(
      fc.property(subjects, subjects, (one, other) => {
        const rule = ruleFor(command(one));
        const isAny = one === '';
        assert.equal(judge(command(one), allow(rule)).decision, 'allow');
        if (!isAny && one !== other) assert.equal(judge(command(other), allow(rule)).decision, 'ask');
      }),
    );
  });
});

describe('the rules of a session', () => {
  it('are what is a list of texts in its preferences, and nothing else', () => {
    const config = { 'permissions.allow': ['a', 5], 'permissions.deny': 'b', model: 'm' };
    assert.deepEqual(permissionsIn(config), { allow: ['a'], ask: [], deny: [] });
  });
});
