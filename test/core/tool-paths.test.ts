import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toolPaths } from '../../src/core/tool-paths.ts';

const CASES: Record<string, { input: string; paths: string[] }> = {
  'of the usual names': {
    input: '{"file_path":"src/a.ts","old_string":"x","notebook_path":"n.ipynb"}',
    paths: ['src/a.ts', 'n.ipynb'],
  },
  'in a list': { input: '{"paths":["a","b",3,null]}', paths: ['a', 'b'] },
  'behind white space': { input: '\n  {"path":"a"}', paths: ['a'] },
  'of another kind than text': { input: '{"path":{"x":1},"file":7}', paths: [] },
  'in free text': { input: '{"command":"cat src/a.ts"}', paths: [] },
  'in arguments that are malformed': { input: '{"path":"a"', paths: [] },
  'in arguments that are no object': { input: '["path"]', paths: [] },
  'in arguments that are empty': { input: '', paths: [] },
  'below the first level': { input: '{"edits":[{"path":"a"}]}', paths: [] },
};

describe('paths of a tool call', () => {
  for (const [name, { input, paths }] of Object.entries(CASES)) {
    it(name, () => assert.deepEqual(toolPaths(input), paths));
  }

  it('in arguments too long to look through are left out', () => {
    const content = 'x'.repeat(256 * 1024);
    assert.deepEqual(toolPaths(JSON.stringify({ path: 'a', content })), []);
  });

  it('are read of names that every object inherits as of any other', () => {
    assert.deepEqual(toolPaths('{"__proto__":{"path":"x"},"constructor":"y","path":"a"}'), ['a']);
  });
});
