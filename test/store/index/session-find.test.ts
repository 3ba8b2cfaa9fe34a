import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { SessionError } from '../../../src/core/errors.ts';
import type { FindOptions } from '../../../src/store/index/session-find.ts';
import type { SessionIndex } from '../../../src/store/index/session-index.ts';
import type { NewText } from './fake-logs.ts';
import { DAY, FakeLogs, sessionId, START_MS } from './fake-logs.ts';

const at = (days: number): string => new Date(START_MS + days * DAY).toISOString();

const REGEX: FindOptions = { mode: 'regex' };

const TEXTS: Record<string, NewText[]> = {
  code: [
    { text: 'please call parseJsonText and read_config_file in src/store/main.ts' },
    { text: 'const x = a => b::c; // naïve Café', role: 'assistant', tools: ['Edit'], files: ['src/store/main.ts'] },
    { text: 'HTTPServer error: connection refused by host', role: 'tool', tools: ['Bash'] },
  ],
  prose: [
    { text: 'the connection was never refused', at: at(10) },
    { text: 'a refused connection, then an apple pie', role: 'assistant', at: at(20) },
  ],
  cjk: [
    { text: '修复数据库连接错误，然后 retry' },
    { text: 'データベースの接続', role: 'assistant' },
    { text: '데이터베이스를 고쳐' },
  ],
  // Enough that pieces of them all are not indexed by the way.
  ballast: Array.from({ length: 400 }, () => ({ text: 'ballast' })),
  long: [{ text: `${'filler words here '.repeat(2000)} the needle stands deep inside ${'and more '.repeat(2000)}` }],
};

/** The same answers are expected before and after the table of pieces is filled. */
for (const filled of ['before', 'after'] as const) {
  describe(`a search, ${filled} pieces of words are indexed`, () => {
    const logs = new FakeLogs();
    let index: SessionIndex;
    before(async () => {
      for (const [number, [name, texts]] of Object.entries(TEXTS).entries()) {
        const fold = { name, tags: name === 'code' ? ['work'] : [], updatedAt: at(number) };
        logs.write(sessionId(number), { project: `/home/dev/${name}`, fold }, texts);
      }
      // A clock that runs so fast that there is never time to fill more than one text.
      index = filled === 'before' ? logs.index({ now: () => (logs.nowMs += DAY) }) : logs.index();
      await index.find('x');
      if (filled === 'after') assert.equal(await index.fillSubstrings(10_000), 0);
    });
    after(() => logs.remove());

    const found = async (query: string, options: FindOptions = {}): Promise<string[]> =>
      (await index.find(query, options)).found.map(({ row }) => row.name).sort();

    const examples: [why: string, query: string, names: string[]][] = [
      ['a word', 'apple', ['prose']],
      ['words in any order, in one message', 'refused connection', ['code', 'prose']],
      ['words, all of them', 'connection apple host', []],
      ['a phrase', '"connection refused"', ['code']],
      ['a phrase and a word', '"refused connection" pie', ['prose']],
      ['what is not in the same message', 'connection -refused', []],
      ['what is not in the same message', 'connection -pie', ['code', 'prose']],
      ['a phrase that must not be there', 'refused -"connection refused"', ['prose']],
      ['whatever the case and accents', 'NAIVE cafe', ['code']],
      ['accents in the query only', 'nàïvé', ['code']],
      ['an identifier', 'parseJsonText', ['code']],
      ['parts of identifiers', 'json config', ['code']],
      ['a run of parts', 'parseJson', ['code']],
      ['an acronym in front', 'server', ['code']],
      ['snake case', 'read_config', ['code']],
      ['snake case in camels', 'readConfigFile', ['code']],
      ['a path', 'store/main.ts', ['code']],
      ['symbols', '=>', ['code']],
      ['symbols and a word', 'const ::', ['code']],
      ['symbols that must not be there', 'connection -=>', ['code', 'prose']],
      ['only symbols, and a word that must not be there', ':: -naïve', []],
      ['the beginning of words', 'appl*', ['prose']],
      ['a piece of a word', 'onfi', ['code']],
      ['a piece over a gap', '"fused conn"', ['prose']],
      ['a piece with signs in it', 'b::c', ['code']],
      ['a piece that must not be there', 'efuse -pple -eve', ['code']],
      ['one or two letters at the beginning of words', 'ap', ['prose']],
      ['Chinese words', '数据库 错误', ['cjk']],
      ['one character', '错', ['cjk']],
      ['a last character', '误', ['cjk']],
      ['Chinese and Latin', '然后 retry', ['cjk']],
      ['characters in another order', '库据', []],
      ['Japanese', 'ベース', ['cjk']],
      ['Korean, without its particle', '데이터베이스', ['cjk']],
      ['a tool', 'tool:bash', ['code']],
      ['a tool and a word', 'tool:bash apple', []],
      ['a file, by its end', 'file:main.ts', ['code']],
      ['a file, by its path', 'file:src/store/main.ts', ['code']],
      ['another file', 'file:store/src', []],
      ['a speaker', 'connection role:tool', ['code']],
      ['speakers', 'connection role:user role:assistant', ['prose']],
      ['not a speaker', 'connection -role:tool', ['prose']],
      ['a tag', 'connection tag:work', ['code']],
      ['not a tag', 'connection -tag:work', ['prose']],
      ['only a tag', 'tag:work', ['code']],
      ['a project by its name', 'connection project:prose', ['prose']],
      ['a project by its path', 'connection project:/home/dev/code/', ['code']],
      ['a status', 'connection status:completed', []],
      ['a time', `connection after:${at(9)}`, ['prose']],
      ['times', `connection after:${at(9)} before:${at(15)}`, ['prose']],
      ['times at which nothing was said', `connection after:${at(11)} before:${at(15)}`, []],
      ['a time, with a piece', `onnectio before:${at(1)}`, ['code']],
      ['nothing that is there', 'zebra', []],
    ];
    for (const [why, query, names] of examples) {
      test(`finds ${why}: ${query}`, async () => {
        assert.deepEqual(await found(query), names);
      });
    }

    test('is within a project when asked to be', async () => {
      assert.deepEqual(await found('connection', { project: '/home/dev/prose' }), ['prose']);
      assert.deepEqual(await found('onnectio', { project: '/home/dev/prose/' }), ['prose']);
    });

    test('is for patterns too', async () => {
      assert.deepEqual(await found('conn\\w+ (refused|lost)', REGEX), ['code']);
      assert.deepEqual(await found('^the connection', REGEX), ['prose']);
      assert.deepEqual(await found('数据.{1,3}连接', REGEX), ['cjk']);
      assert.deepEqual(await found('(?-i:CONNECTION)', REGEX), []);
      assert.deepEqual(await found('x*', REGEX), ['code']);
      assert.deepEqual(await found('tag:work', REGEX), []);
      await assert.rejects(found('(unclosed', REGEX), { code: 'USAGE' });
    });

    test('shows the words around what was found', async () => {
      const [first] = (await index.find('needle deep')).found;
      const { snippet, role, messageId, at: time } = first!.hits[0]!;
      assert.match(snippet, /^….* the \u0001needle\u0002 stands \u0001deep\u0002 inside .*…$/);
      assert.ok(snippet.length < 300);
      assert.deepEqual([role, messageId, time], ['user', 'm0', at(0)]);
    });

    test('says so when pieces are not indexed yet', async () => {
      const { warnings } = await index.find('onfi');
      assert.deepEqual(
        warnings.map(({ code }) => code),
        filled === 'before' ? ['INDEX_UNUSABLE'] : [],
      );
    });
  });
}

describe('searching', () => {
  let logs: FakeLogs;
  let index: SessionIndex;
  beforeEach(() => {
    logs = new FakeLogs();
    index = logs.index();
  });
  afterEach(() => logs.remove());

  test('goes through all sessions once, page by page', async () => {
    for (let i = 0; i < 45; i++) {
      const texts = Array.from({ length: 1 + (i % 3) }, () => ({ text: 'common words' }));
      logs.write(sessionId(i), { fold: { updatedAt: at(i % 7) } }, texts);
    }
    for (const query of ['common', 'ommo', 'after:2020']) {
      const ids: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await index.find(query, { ...(cursor && { cursor }) });
        ids.push(...page.found.map(({ row }) => row.id));
        cursor = page.nextCursor;
        logs.nowMs += DAY;
      }
      assert.equal(ids.length, 45, query);
      assert.equal(new Set(ids).size, 45, query);
    }
    await assert.rejects(index.find('common', { cursor: 'x' }), { code: 'USAGE' });
  });

  test('puts first who speaks of it more, a person before a tool, and the newer of equals', async () => {
    const write = (number: number, name: string, days: number, texts: NewText[]): void =>
      logs.write(sessionId(number), { fold: { name, updatedAt: at(days) } }, texts);
    logs.nowMs = START_MS + 20 * DAY;
    write(1, 'once', 10, [{ text: 'apple' }]);
    write(
      2,
      'often',
      10,
      Array.from({ length: 5 }, () => ({ text: 'apple' })),
    );
    write(3, 'by a tool', 10, [{ text: 'apple', role: 'tool' }]);
    write(4, 'once, newer', 15, [{ text: 'apple' }]);
    write(5, 'named so', 10, [{ text: 'apple', role: 'system', messageId: null }]);
    const { found, truncated } = await index.find('apple');
    assert.deepEqual(
      found.map(({ row }) => row.name),
      ['often', 'named so', 'once, newer', 'once', 'by a tool'],
    );
    assert.equal(truncated, false);
    assert.ok(found.every(({ score }) => score > 0 && score < 1));
  });

  const count = async (query: string): Promise<number> =>
    (await index.find(query)).found.flatMap(({ hits }) => hits).length;

  test('sees what was said since, what was taken back, and what is gone', async () => {
    logs.write(sessionId(1), {}, [{ text: 'apple' }]);
    assert.equal(await count('apple'), 1);
    logs.append(sessionId(1), [{ text: 'apple again' }]);
    assert.equal(await count('apple'), 2);
    logs.write(sessionId(1), { generation: 'second' }, [{ text: 'pear' }, { text: 'apple' }, { text: 'quince' }]);
    assert.deepEqual([await count('apple'), await count('pear'), await count('again')], [1, 1, 0]);
    logs.delete(sessionId(1));
    assert.equal(await count('apple'), 0);
  });

  test('reads only what is new', async () => {
    for (let i = 0; i < 10; i++) logs.write(sessionId(i), {}, [{ text: `apple ${i}` }]);
    await index.find('tag:none');
    await index.find('tag:none apple');
    logs.asked.texts = 0;
    await index.find('tag:none apple');
    assert.equal(logs.asked.texts, 0);
    logs.append(sessionId(3), [{ text: 'new' }]);
    assert.equal((await index.find('new')).found.length, 1);
    // Once for what is new, once for its snippet.
    assert.equal(logs.asked.texts, 2);
  });

  test('leaves a session that cannot be read out and says so', async () => {
    logs.write(sessionId(1), {}, [{ text: 'apple' }]);
    logs.write(sessionId(2), {}, [{ text: 'apple' }]);
    index.list();
    logs.failing.set(sessionId(2), new SessionError('STORE_UNREADABLE', 'no', { op: 'open' }));
    const { found, warnings } = await index.find('apple');
    assert.deepEqual(
      found.map(({ row }) => row.id),
      [sessionId(1)],
    );
    assert.ok(warnings.some(({ code }) => code === 'STORE_UNREADABLE'));
  });

  test('never reads the words of an encrypted session', async () => {
    logs.write(sessionId(1), { encrypted: true }, [{ text: 'secret' }]);
    assert.equal((await index.find('secret')).found.length, 0);
    assert.equal(logs.asked.texts, 0);
  });

  test('stops a pattern that would never end', async () => {
    logs.write(sessionId(1), {}, [{ text: `${'a'.repeat(40)}!` }]);
    await assert.rejects(index.find('(a+)+$', { mode: 'regex' }), { code: 'USAGE', message: /too long/ });
  });

  test('answers or refuses by name, whatever is typed', async () => {
    logs.write(sessionId(1), {}, [{ text: 'apple " OR * NEAR( ) { } : ^ + - \' \\ 漢字 \u0000 end' }]);
    await index.fillSubstrings(10_000);
    const typed = [
      '" OR',
      '*',
      'NEAR(',
      '"',
      "'",
      '\\',
      '^a',
      '{text}: x',
      'a AND',
      'NOT',
      '"a" "',
      '(',
      '+',
      'text:x',
      '\u0000',
      '\ud800',
      '漢*',
      '-',
      '"*"',
    ];
    const pieces = fc.constantFrom(...typed, 'apple', ' ', '漢', 'x'.repeat(100));
    const query = fc.oneof(
      fc.constantFrom(...typed),
      fc.array(pieces).map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        try {
          assert.ok((await index.find(text)).found.length <= 1);
        } catch (error) {
          assert.ok(error instanceof SessionError && error.code === 'USAGE', String(error));
        }
      }),
      { numRuns: process.env['SLOW'] ? 5_000 : 300 },
    );
    assert.equal(index.list().rows.length, 1);
  });
});
