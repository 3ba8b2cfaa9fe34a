// A day in an encrypted session: none of it stands anywhere in plain, and the model is sent what it is sent without
// encryption.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../helpers/built-roo.ts';
import { ended, kill, place, roo, rooAsync, shown, start, started } from '../helpers/built-roo.ts';
import type { ModelServer } from '../helpers/model-server/model-server.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { plainBytesIn } from '../helpers/plain-bytes.ts';

/** A word that is nowhere else on the machine, also not among its processes. */
const MARK = `zymurgy${process.pid}`;
/** So long after it was shown, the half of an answer is in the log. */
const HALF_KEPT_MS = 1200;

const TURNS: Turn[] = [
  {
    prompt: 'Look around',
    steps: [
      {
        think: `${MARK}-thought`,
        text: `${MARK}-answer`,
        calls: [
          { shell: `echo ${MARK}-output` },
          { write: `${MARK}-file.txt`, content: `${MARK}-content\n` },
          { read: `${MARK}-file.txt` },
        ],
      },
      { calls: [{ shell: `seq 1 60000; echo ${MARK}-large` }] },
      { text: `That was ${MARK}-all.` },
    ],
  },
  {
    prompt: 'Get stuck',
    steps: [{ text: `${MARK}-stuck stops here and ${'nothing '.repeat(20)}`, fault: 'stall', times: 99 }],
  },
  { prompt: 'Hang', steps: [{ calls: [{ shell: `echo ${MARK}-hanging; exec sleep 3` }] }, { text: 'Not again.' }] },
  { prompt: 'Go on', steps: [{ text: `${MARK}-on` }] },
];

/** What can be read in the open store of the same day. */
const SAID = (
  'prompt thought answer output content file large all typed name tag stuck hanging on later described waiting ' +
  'project rules'
)
  .split(' ')
  .map((word) => `${MARK}-${word}`);

interface Day {
  id: string;
  /** Bodies of all requests. */
  requests: string[];
}

test('a whole day in an encrypted session leaves no word of it in any file or process list, and every request is, byte for byte, that of one in plain', async (t) => {
  const { at, server } = await markedWorld(t);
  const plain = await day(at, server);
  const open = readableIn(at);
  for (const said of SAID) assert.ok(holds(open, said).length > 0, `${said} is in the open store`);
  // The same folder of the same project, and another home.
  rmSync(join(at.cwd, `${MARK}-file.txt`));
  const sealed: Place = { ...at, home: `${at.home}-sealed`, sessions: join(`${at.home}-sealed`, 'sessions') };
  sealed.env = { ...at.env, ROO_HOME: sealed.home };
  assert.equal(roo(sealed, ['session', 'keys', 'create', '--key-file']).status, 0);
  assert.equal(roo(sealed, ['config', 'set', 'encryptionEnabled', 'true']).status, 0);
  const encrypted = await day(sealed, server);
  assert.deepEqual(holds(readableIn(sealed), MARK), []);
  assert.deepEqual(encrypted.requests, plain.requests);
  assert.equal(plain.requests.length, 9);
  moveAbout(sealed, encrypted.id);
  assert.deepEqual(holds(readableIn(sealed), MARK), []);
});

/** Every way of writing to a session, in processes that end well and in some that are killed. */
async function day(at: Place, server: ModelServer): Promise<Day> {
  const allow = ['--allow', 'execute_command,write_file'];
  const first = [`Look around with ${MARK}-prompt.`, `!echo ${MARK}-typed`, `/name ${MARK}-name`, `/tag ${MARK}-tag`];
  assert.equal((await rooAsync(at, allow, `${first.join('\n')}\n`)).status, 0);
  for (const [line, shows] of [
    ['Get stuck', 'stops here'],
    ['Hang', `${MARK}-hanging`],
  ] as const) {
    const child = await started({ after: () => {} }, at, `${line}\n`, shows, ['-c', ...allow]);
    await sleep(HALF_KEPT_MS);
    assert.deepEqual(inProcessList(), [], 'process list');
    await kill(child);
  }
  const { id } = sessionsOf(at)[0]!;
  assert.equal((await rooAsync(at, ['-r', id, ...allow], '/compact\nGo on.\n')).status, 0);
  assert.equal((await rooAsync(at, ['-p', '-', '--session', `${MARK}-name`], 'Go on again.')).status, 0);
  await changeWhileOpen(at, id);
  const last = await rooAsync(at, ['-c'], `!echo ${MARK}-later\nGo on.\n`);
  assert.equal(last.status, 0, last.stderr);
  return { id, requests: server.requests.splice(0).map(({ text }) => text) };
}

/** Another process names what this one has open: that waits beside the log. */
async function changeWhileOpen(at: Place, id: string): Promise<void> {
  const child = start(at, ['-r', id]);
  child.stdout.resume();
  child.stdin.write(`!echo open\n`);
  while (!shown(at, id).some(({ parts }) => JSON.stringify(parts).includes('echo open'))) await sleep(50);
  const edited = roo(at, ['session', 'edit', id, '--description', `${MARK}-described`, '--add-tag', `${MARK}-waiting`]);
  assert.equal(edited.status, 0, edited.stderr);
  const { data } = JSON.parse(roo(at, ['session', 'info', id, '-f', 'json']).stdout) as {
    data: { session: { description: string } };
  };
  assert.equal(data.session.description, `${MARK}-described`);
  child.stdin.end();
  assert.equal(await ended(child), 0);
}

/** What is done with sessions; none of it may lose a word, or write one in plain. */
function moveAbout(at: Place, id: string): void {
  const out = join(dirname(at.cwd), 'out');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const before = shown(at, id).map(({ parts }) => parts);
  const deeds: string[][] = [
    ['fork', id, '--name', `${MARK}-fork`],
    ['archive', id],
    ['find', `${MARK}-large`, '--all'],
    ['unarchive', id],
    ['export', id, 'json', '-o', join(out, 'it.json')],
    ['export', id, 'markdown', '-o', join(out, 'it.md')],
    ['delete', id],
    ['undelete', id],
    ['import', join(out, 'it.json')],
    ['reindex'],
    ['verify', '--all'],
  ];
  for (const words of deeds) {
    const { status, stderr } = roo(at, ['session', ...words]);
    assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
  }
  assert.deepEqual(
    shown(at, id).map(({ parts }) => parts),
    before,
  );
  assert.equal(roo(at, ['session', 'delete', id, '--purge', '--yes']).status, 0);
  assert.equal(roo(at, ['session', 'import', join(out, 'it.json'), '--name', `${MARK}-again`]).status, 0);
  assert.equal(sessionsOf(at).length, 2);
}

function sessionsOf(at: Place): { id: string; name: string }[] {
  const { stdout } = roo(at, ['session', 'list', '--all', '-f', 'json']);
  return (JSON.parse(stdout) as { data: { sessions: { id: string; name: string }[] } }).data.sessions;
}

function inProcessList(): string[] {
  const lines = execFileSync('ps', ['-ww', '-eo', 'args'], { encoding: 'utf8' }).split('\n');
  // What the shell of a call was told to do is in its own arguments, as without roo.
  return lines.filter((line) => line.includes(MARK) && !line.includes(`echo ${MARK}-hanging`));
}

function readableIn({ home, env }: Place): Map<string, Buffer> {
  const temporary = [...plainBytesIn(env['TMPDIR']!)].map(([name, bytes]) => [`tmp/${name}`, bytes] as const);
  return new Map([...plainBytesIn(home), ...temporary]);
}

/** Files in which a word can be read, as it is or in base64, and those whose path has it. */
function holds(files: ReadonlyMap<string, Buffer>, word: string): string[] {
  const forms = [word, ...[0, 1, 2].map((shift) => inBase64(word, shift))];
  return [...files].flatMap(([path, bytes]) =>
    path.includes(word) || forms.some((form) => bytes.includes(form)) ? [path] : [],
  );
}

/** The letters that a word has in base64 when so many bytes come before it, whatever these are and what follows. */
function inBase64(word: string, shift: number): string {
  const encoded = Buffer.from(' '.repeat(shift) + word)
    .toString('base64')
    .replace(/=+$/, '');
  return encoded.slice(shift === 0 ? 0 : shift + 1, -2);
}

/** A project whose path and rules have the mark in them, and folders for all that the command writes. */
async function markedWorld(t: TestContext): Promise<{ at: Place; server: ModelServer }> {
  const at = place(t);
  at.cwd = join(dirname(at.cwd), `${MARK}-project`);
  const temporary = join(dirname(at.cwd), 'tmp');
  for (const folder of [at.cwd, temporary]) mkdirSync(folder);
  writeFileSync(join(at.cwd, 'AGENTS.md'), `Follow the ${MARK}-rules.\n`);
  const server = await startModelServer({ scenario: { turns: TURNS }, cwd: at.cwd });
  t.after(() => server.close());
  const model = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'key', ROO_MODEL: 'openai/scripted' };
  Object.assign(at.env, model, { TMPDIR: temporary });
  return { at, server };
}
