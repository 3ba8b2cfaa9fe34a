import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isRawJson, JSON_DEPTH_MAX, parseJson, stringifyJson } from '../../src/core/json.ts';

function nested(depth: number, open = '[', close = ']'): string {
  return open.repeat(depth) + close.repeat(depth);
}

describe('JSON that loses nothing', () => {
  for (const digits of ['9007199254740993', '-9007199254740993', '18446744073709551615', '1'.repeat(400)]) {
    it(`keeps the digits of ${digits.slice(0, 24)}`, () => {
      const text = `{"n":${digits},"list":[${digits},1,"${digits}"]}`;
      const value = parseJson(text) as { n: unknown };
      assert.equal(isRawJson(value.n), true);
      assert.equal(stringifyJson(value), text);
    });
  }

  it('leaves numbers that fit, and texts that look like numbers, what they are', () => {
    const text = '{"safe":9007199254740991,"zero":0,"text":"9007199254740993","small":0.1,"list":[1,-2]}';
    assert.deepEqual(parseJson(text), JSON.parse(text));
    assert.equal(isRawJson((parseJson(text) as { safe: unknown }).safe), false);
  });

  it('parses and writes what JSON does, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        // Through text: integers from 2^53 on are no numbers to us, but their digits.
        assert.equal(stringifyJson(parseJson(text)), text);
        assert.equal(stringifyJson(value), text);
      }),
    );
  });

  it('takes as many levels as it says, and not one more', () => {
    assert.doesNotThrow(() => parseJson(nested(JSON_DEPTH_MAX)));
    for (const depth of [JSON_DEPTH_MAX + 1, 5_000, 100_000]) {
      assert.throws(() => parseJson(nested(depth)), { code: 'RECORD_TOO_DEEP' }, `${depth} lists`);
      assert.throws(() => parseJson(nested(depth, '{"a":', '}')), { code: 'RECORD_TOO_DEEP' }, `${depth} objects`);
    }
    let value: unknown = 1;
    for (let i = 0; i < JSON_DEPTH_MAX; i++) value = [value];
    assert.doesNotThrow(() => stringifyJson(value));
    assert.throws(() => stringifyJson([value]), { code: 'RECORD_TOO_DEEP' });
    for (let i = 0; i < 100_000; i++) value = { value };
    assert.throws(() => stringifyJson(value), { code: 'RECORD_TOO_DEEP' });
  });

  it('counts brackets in texts for nothing', () => {
    const brackets = `{"a":"${'[{'.repeat(2_000)}","b":"\\"${'['.repeat(2_000)}","c":[[1]]}`;
    assert.deepEqual(parseJson(brackets), JSON.parse(brackets));
    const wide = `[${'[],'.repeat(5_000)}[]]`;
    assert.deepEqual(parseJson(wide), JSON.parse(wide));
  });

  it('writes one line of valid UTF-8, whatever is in it', () => {
    const text = stringifyJson({ text: 'a\nb\r\u2028\ud800', '\udfff': 1 });
    assert.equal(text.includes('\n'), false);
    assert.equal(text.isWellFormed(), true);
    assert.deepEqual(parseJson(text), { text: 'a\nb\r\u2028\ud800', '\udfff': 1 });
  });

  it('keeps `__proto__` as the name of a field', () => {
    const value = parseJson('{"__proto__":{"polluted":12345678901234567890},"n":1}') as object;
    assert.deepEqual(Object.keys(value), ['__proto__', 'n']);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('refuses what is no JSON', () => {
    for (const text of ['', '{', '{"a":1,}', 'NaN', "{'a':1}", '1 2', '\ufeff{}']) {
      assert.throws(() => parseJson(text), SyntaxError, JSON.stringify(text));
    }
    assert.throws(() => stringifyJson(undefined), TypeError);
  });
});

it('numbers beyond all doubles go through with their digits, and do not become null', () => {
  for (const text of ['[1e999]', '{"a":-1E+400}', '[1.5e309,1]', '[1e400,12345678901234567890]']) {
    assert.equal(stringifyJson(parseJson(text)), text);
  }
  assert.equal(stringifyJson(parseJson('[1e300,1E-999]')), '[1e+300,0]');
});
