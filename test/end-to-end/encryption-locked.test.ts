// Encrypted sessions whose key is not at hand, with every verb: what must read them says so with exit code 6 and what to
// do, what need not does its work, and no answer passes for that of a store without them.

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { newIdentity } from '../../src/crypto/age/identities.ts';
import type { Place, Ran } from '../helpers/built-roo.ts';
import { place, roo, rooAsync } from '../helpers/built-roo.ts';
import { SLOW } from '../helpers/slow.ts';

const MARK = 'zymurgy';

/** ID stands for the session. */
const READING: readonly string[][] = [
  ['-c'],
  ['-r', 'ID'],
  ['-p', 'Go on.', '--session', 'ID'],
  ['-p', 'Go on.', '--session', '@last'],
  ['session', 'show', 'ID'],
  ['session', 'show', '@last'],
  ['session', 'info', 'ID'],
  ['session', 'load', 'ID', '--dry-run'],
  ['session', 'load', 'ID', '--shell', 'bash'],
  ['session', 'export', 'ID', 'json'],
  ['session', 'export', 'ID', 'markdown'],
  ['session', 'edit', 'ID', '--name', 'other'],
  ['session', 'link', 'ID', 'ID', '--as', 'related'],
  ['session', 'fork', 'ID'],
  ['session', 'checkpoints', 'ID'],
  ['session', 'rewind', 'ID', '1'],
  ['session', 'config', 'ID'],
  ['session', 'config', 'ID', 'encryptionEnabled', 'false'],
  ['session', 'stats', 'ID'],
  ['session', 'verify', 'ID'],
  ['session', 'verify', '--all'],
  ['session', 'repair', 'ID'],
  ['session', 'archive', 'ID'],
  ['session', 'processes', 'ID'],
  ['session', 'encrypt', 'ID'],
  ['session', 'decrypt', 'ID', '--yes'],
  ['session', 'rekey', 'ID'],
  ['session', 'scrub', 'ID', '--yes'],
];

/** What is done without reading any session. */
const WORKING: readonly string[][] = [
  ['session', 'list', '--all'],
  ['session', 'list', '--tag', MARK],
  ['session', 'find', MARK, '--all'],
  ['session', 'stats'],
  ['session', 'usage'],
  ['session', 'cleanup', '--dry-run'],
  ['session', 'audit', 'ID'],
  ['session', 'reindex'],
  ['session', 'migrate'],
  ['doctor'],
  ['__complete', '--', 'session', 'show', ''],
];

/** Answers that leave something out. */
const WARNED = new Set(['list', 'find', 'stats']);

interface Locked {
  at: Place;
  id: string;
}

/** One encrypted session, and whatever keeps it locked. */
async function lockedSession(t: TestContext, lock: (at: Place) => Promise<void>): Promise<Locked> {
  const at = place(t);
  const pass = join(at.cwd, '..', 'pass');
  writeFileSync(pass, 'some words\n', { mode: 0o600 });
  const open: Place = { ...at, env: { ...at.env, ROO_PASSPHRASE_FILE: pass } };
  assert.equal(roo(open, ['session', 'keys', 'create']).status, 0);
  assert.equal(roo(open, ['config', 'set', 'encryptionEnabled', 'true']).status, 0);
  const typed = roo(open, [], `!echo ${MARK}\n/name ${MARK}\n/tag ${MARK}\n`);
  assert.equal(typed.status, 0, typed.stderr);
  const [name] = readdirSync(at.sessions).flatMap((each) => /^session-(.*)\.json\.gz$/.exec(each)?.[1] ?? []);
  await lock(at);
  return { at, id: name! };
}

interface Lock {
  lock(at: Place): Promise<void>;
  hint: RegExp;
  reading: readonly string[][];
  /** No identity is at hand at all, so lists cannot know whose sessions they leave out. */
  isNobody: boolean;
}

const LOCKS: Readonly<Record<string, Lock>> = {
  'nobody can be asked for the passphrase': {
    lock: async () => {},
    hint: /ROO_PASSPHRASE_FILE/,
    reading: READING,
    isNobody: true,
  },
  'the identity at hand is another one': {
    async lock(at) {
      const other = join(at.cwd, '..', 'other.txt');
      writeFileSync(other, `${(await newIdentity('x25519')).identity}\n`, { mode: 0o600 });
      at.env['ROO_IDENTITY'] = other;
    },
    hint: /have it shared with you/,
    // To this identity, @last is not a session that it cannot have, but somebody else's.
    reading: READING.filter((words) => words.includes('ID')).filter((_words, i) => SLOW || i % 4 === 0),
    isNobody: false,
  },
};

for (const [why, { lock, hint, reading, isNobody }] of Object.entries(LOCKS)) {
  describe(`an encrypted session, where ${why}`, () => {
    it('is refused with exit code 6 and a way out by all that reads it, keeps nothing else from working, and can be deleted', async (t) => {
      const { at, id } = await lockedSession(t, lock);
      for (const [words, { status, stdout, stderr }] of await ranAll(at, id, reading)) {
        const said = `${words.join(' ')}: ${stdout}${stderr}`;
        assert.equal(status, 6, said);
        assert.match(stderr, hint, said);
        assertSaysNothingOfIt(words, { status, stdout, stderr });
      }
      for (const [words, ran] of await ranAll(at, id, WORKING)) {
        assert.equal(ran.status, 0, `${words.join(' ')}: ${ran.stderr}`);
        if (isNobody && WARNED.has(words[1]!)) assert.match(ran.stderr, /locked/, words.join(' '));
        assertSaysNothingOfIt(words, ran);
      }
      const open: Place = {
        ...at,
        env: { ...at.env, ROO_IDENTITY: '', ROO_PASSPHRASE_FILE: join(at.cwd, '..', 'pass') },
      };
      assert.match(roo(open, ['session', 'verify', id, '-f', 'json']).stdout, /"health":"ok"/);
      for (const words of [
        ['delete', id],
        ['undelete', id],
        ['delete', id, '--purge', '--yes'],
      ]) {
        const ran = roo(at, ['session', ...words]);
        assert.equal(ran.status, 0, `${words.join(' ')}: ${ran.stderr}`);
        assertSaysNothingOfIt(words, ran);
      }
      assert.deepEqual(readdirSync(join(at.sessions, 'keys')), []);
    });
  });
}

it('a name that only a locked session could have is not said to be nowhere', async (t) => {
  const { at } = await lockedSession(t, async () => {});
  const { status, stderr } = roo(at, ['session', 'show', MARK]);
  assert.equal(status, 3);
  assert.match(stderr, /there is no session zymurgy\nhint: an encrypted session is locked.*ROO_PASSPHRASE_FILE/);
  at.env['ROO_PASSPHRASE_FILE'] = join(at.cwd, '..', 'pass');
  assert.equal(roo(at, ['session', 'show', MARK]).status, 0);
});

/** All of them at once: none changes anything. */
async function ranAll(at: Place, id: string, all: readonly string[][]): Promise<[readonly string[], Ran][]> {
  const ran: [readonly string[], Ran][] = [];
  const waiting = [...all];
  const work = async (): Promise<void> => {
    for (let words = waiting.shift(); words; words = waiting.shift()) {
      const named = words.map((word) => (word === 'ID' ? id : word));
      ran.push([words, await rooAsync(at, named)]);
    }
  };
  await Promise.all([work(), work(), work()]);
  assert.equal(ran.length, all.length);
  return ran;
}

function assertSaysNothingOfIt(words: readonly string[], { stdout, stderr }: Ran): void {
  const said = `${stdout}${stderr}`.replaceAll(`there is no session ${MARK}`, '');
  assert.doesNotMatch(said, /INTERNAL|\n {4}at |zymurgy/, words.join(' '));
}
