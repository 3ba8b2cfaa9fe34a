import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import { makeRedactor } from '../../../src/core/redaction/redactor.ts';

const tag = (value: string) => createHmac('sha256', 'test').update(value).digest('hex');
const redactor = makeRedactor({
  tag,
  knownValues: ['kn0wn-value!x'],
  patterns: [{ name: 'ticket', source: 'TCK-([0-9]{6})' }],
});

test('values are judged by the key beside them, and keys are redacted too', () => {
  const { value, found } = redactor.redactJson({ password: 'Tr0ub4dor', 'kn0wn-value!x': [1, { note: 'TCK-123456' }] });
  const text = JSON.stringify(value);
  assert.equal(/Tr0ub4dor|kn0wn|123456/.test(text), false, text);
  assert.equal(found.length, 3);
});

test('flags name what comes after them, and pairs of name and value belong together', () => {
  const { value } = redactor.redactJson({
    args: ['--password', 'Tr0ub4dor'],
    env: [{ name: 'DB_PASSWORD', value: 'Tr0ub4dor' }],
  });
  assert.equal(JSON.stringify(value).includes('Tr0ub4dor'), false, JSON.stringify(value));
});

test('a value without secrets is the same object', () => {
  const value = { a: [1, 'two', { three: null }], password: '', when: 3 };
  assert.equal(redactor.redactJson(value).value, value);
});

test('__proto__ is a key like any other', () => {
  const value: unknown = JSON.parse('{"__proto__": {"password": "Tr0ub4dor"}}');
  const redacted = redactor.redactJson(value).value as object;
  assert.deepEqual(Object.keys(redacted), ['__proto__']);
  assert.equal(JSON.stringify(redacted).includes('Tr0ub4dor'), false);
});

test('what is nested too deep, or in itself, is refused', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assert.throws(
    () => redactor.redactJson(cycle),
    (error) => error instanceof SessionError && error.code === 'RECORD_TOO_DEEP',
  );
});
