import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import { parseWords } from '../../../src/cli/args/parse-args.ts';
import type { CommandSyntax, ParsedWords } from '../../../src/cli/args/parse-args.ts';
import { choices, count, text } from '../../../src/cli/args/values.ts';

const SYNTAX: CommandSyntax = {
  name: 'roo test',
  flags: {
    yes: { kind: 'switch', short: 'y', summary: '' },
    limit: { kind: 'value', short: 'n', placeholder: 'N', parse: count, summary: '' },
    olderThan: { kind: 'value', placeholder: 'AGE', parse: text, summary: '' },
    tag: { kind: 'list', placeholder: 'TAG', parse: text, summary: '' },
    sort: { kind: 'value', placeholder: 'KEY', ...choices(['name', 'size']), summary: '' },
    resume: { kind: 'value', short: 'r', placeholder: 'REF', parse: text, bare: '', summary: '' },
  },
  arguments: { ref: { kind: 'optional', summary: 'a session' }, more: { kind: 'rest', summary: 'others' } },
};

function parse(...words: string[]): ParsedWords {
  return parseWords(SYNTAX, words);
}

function refusal(words: string[], syntax = SYNTAX): SessionError {
  try {
    parseWords(syntax, words);
  } catch (error) {
    assert.ok(error instanceof SessionError && error.code === 'USAGE');
    return error;
  }
  assert.fail('it was accepted');
}

test('flags stand before, between and behind arguments', () => {
  const { flags, args } = parse('-y', 'one', '--older-than', '7d', 'two', '--limit=5');
  assert.deepEqual({ ...flags }, { yes: true, limit: 5, olderThan: '7d', tag: [], sort: undefined, resume: undefined });
  assert.deepEqual(args, { ref: 'one', more: ['two'] });
});

test('short flags take their value attached or apart, and group', () => {
  assert.equal(parse('-n5').flags['limit'], 5);
  assert.equal(parse('-yn', '5').flags['limit'], 5);
});

test('a list takes commas and repetition', () => {
  assert.deepEqual(parse('--tag', 'a,b', '--tag', 'c').flags['tag'], ['a', 'b', 'c']);
});

test('a flag with an optional value stands alone, before another flag, or with its value', () => {
  assert.equal(parse('-r').flags['resume'], '');
  assert.equal(parse('-r', '-y').flags['resume'], '');
  assert.equal(parse('--resume', 'abcd').flags['resume'], 'abcd');
  assert.equal(parse('-r', 'abcd').flags['resume'], 'abcd');
});

test('all behind -- are arguments', () => {
  assert.deepEqual(parse('--', '-y', '--tag').args, { ref: '-y', more: ['--tag'] });
});

test('where dash words are allowed, only exact flags are flags', () => {
  const { flags, args } = parseWords({ ...SYNTAX, dashWords: 'allowed' }, ['word', '-docker', '-n', '3', '-yes']);
  assert.deepEqual(args, { ref: 'word', more: ['-docker', '-yes'] });
  assert.equal(flags['limit'], 3);
});

test('a mistyped flag is refused with the one that was meant', () => {
  const { message, hint } = refusal(['--limti', '5']);
  assert.equal(message, 'roo test has no flag --limti');
  assert.equal(hint, 'did you mean --limit?');
});

test('a value that makes no sense is refused with flag, value and form', () => {
  assert.equal(refusal(['-n', 'many']).message, '-n: "many" is not a whole number above 0');
  assert.equal(refusal(['--sort', 'age']).message, '--sort: "age" is not one of name, size');
});

test('a flag without its value is refused, also when another flag follows', () => {
  assert.match(refusal(['--older-than']).message, /needs a value: AGE/);
  const { message, hint } = refusal(['--older-than', '--yes']);
  assert.match(message, /needs a value/);
  assert.match(hint ?? '', /--older-than=--yes/);
});

test('a switch takes no value', () => {
  assert.equal(refusal(['--yes=no']).message, '--yes takes no value');
});

test('arguments that are missing or too many are named', () => {
  const one = { ...SYNTAX, arguments: { ref: { kind: 'one', summary: 'a session' } } } as const;
  assert.equal(refusal([], one).message, 'roo test needs <ref>: a session');
  assert.match(refusal(['a', 'b'], one).message, /"b" is one argument too many/);
});

test('a flag named like a property of every object is unknown, not true', () => {
  assert.match(refusal(['--constructor']).message, /no flag --constructor/);
  assert.match(refusal(['--__proto__', 'x']).message, /no flag --__proto__/);
});
