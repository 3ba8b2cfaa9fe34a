// A session with a word of its own in every place where text can stand, in its log and beside it: so that a search of
// every byte tells what was forgotten.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { NewRecord, SessionRecord } from '../../src/core/record.ts';
import type { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import { plainBytesIn } from './plain-bytes.ts';

/** Finds the words below; also what an index leaves of one behind a beginning that it shares with the one before. */
const MARK = /needlexq[a-z0-9]*|[a-z]{3,}zz9/g;
/** For a redactor, to which the words are secrets. It is no such word itself: it may stand in a file of settings. */
export const MARK_PATTERN = { name: 'mark', source: 'needle[x]q[a-z]+zz9' };

export function mark(place: string): string {
  return `needlexq${place}zz9`;
}

/** Where words of marked sessions stand, below a folder: raw, unpacked, and in the objects of git repositories. */
export function marksIn(folder: string): string[] {
  const found: string[] = [];
  for (const [path, bytes] of plainBytesIn(folder)) {
    const words = bytes.toString('latin1').toLowerCase().match(MARK) ?? [];
    found.push(...new Set([...words, ...(path.match(MARK) ?? [])].map((word) => `${path}: ${word}`)));
  }
  for (const repository of repositoriesIn(folder)) {
    const args = ['--git-dir', repository, 'cat-file', '--batch-all-objects', '--batch', '--unordered'];
    const { stdout, stderr, status } = spawnSync('git', args, { maxBuffer: 1 << 28 });
    assert.equal(status, 0, String(stderr));
    found.push(...(stdout.toString('latin1').match(MARK) ?? []).map((word) => `${repository}: ${word}`));
  }
  return found;
}

function repositoriesIn(folder: string): string[] {
  const checkpoints = join(folder, 'state', 'checkpoints');
  if (!existsSync(checkpoints)) return [];
  return readdirSync(checkpoints)
    .map((name) => join(checkpoints, name))
    .filter((path) => existsSync(join(path, 'objects')));
}

type Mark = typeof mark;

/** Fields of the first record. */
function markedStart(word: Mark, project = `/home/dev/${word('project')}`): Pick<SessionRecord, 'project' | 'origin'> {
  return {
    project: { path: project, gitRemote: `https://example.test/${word('remote')}` },
    origin: { kind: 'import', agent: 'other', sessionId: 'foreign', path: `/home/dev/${word('origin')}` },
  };
}

/** Records of every type. */
function markedRecords(storage: SessionStorage, family: string, word: Mark): NewRecord[] {
  const blobs = storage.blobs(family);
  // Too long for a line.
  const long = (place: string): string =>
    `${word(place)} ${'words that are said again and again '.repeat(9_000)} ${word(`${place}end`)}`;
  const odd = blobs.put(Buffer.from(`\xff ${word('quarantineblob')}`, 'latin1'));
  const call = (callId: string): NewRecord => ({
    type: 'message',
    role: 'assistant',
    parts: [{ type: 'tool-call', callId, name: 'bash', input: `{"command":"echo ${word('input')}"}` }],
  });
  return [
    { type: 'message', role: 'user', parts: [{ type: 'text', text: `say ${word('prompt')}` }], id: 'first' },
    {
      type: 'message',
      role: 'assistant',
      parts: [
        { type: 'thinking', text: `hm ${word('thinking')}`, signature: 'signed' },
        { type: 'text', text: `so ${word('answer')}` },
        { type: 'file', path: `src/${word('filepath')}`, text: word('filetext') },
        { type: 'image', mediaType: 'image/png', data: 'aGVsbG8=', path: `${word('imagepath')}.png` },
        { type: 'other', kind: 'k', value: { deep: [{ [word('key')]: word('value') }] } },
      ],
      raw: { opaque: word('raw') },
    },
    { type: 'message', role: 'user', parts: [{ type: 'text', text: long('longmessage') }] },
    call('c1'),
    { type: 'tool-start', callId: 'c1', name: 'bash', input: word('started') },
    { type: 'tool-output', callId: 'c1', text: `printed ${word('printed')}` },
    { type: 'tool-end', callId: 'c1', status: 'ok', output: word('output'), raw: word('toolraw') },
    call('c2'),
    { type: 'tool-end', callId: 'c2', status: 'ok', output: long('longoutput') },
    { type: 'tool-state', toolName: 'bash', configuration: word('configuration'), cache: [word('cache')] },
    { type: 'partial', messageId: 'next', parentId: null, kind: 'text', text: word('partial') },
    { type: 'context', context: { systemPrompt: long('systemprompt'), openFiles: [word('contextfile')] } },
    {
      type: 'state',
      patch: {
        workingDirectory: `/home/dev/${word('cwd')}`,
        environment: { EDITOR: word('environment') },
        openFiles: [word('openfile')],
        watchedFiles: [word('watched')],
        mcpConnections: [{ name: word('server') }],
      },
    },
    { type: 'watch', changes: [{ path: word('change'), kind: 'changed' }] },
    { type: 'files', files: { fingerprints: { [word('fingerprint')]: { size: 1, mtimeMs: 1 } } } },
    { type: 'checkpoint', description: word('checkpoint'), messageId: 'first' },
    {
      type: 'meta',
      name: word('name'),
      description: word('description'),
      outcome: word('outcome'),
      addTags: [word('tag')],
      addLinks: [{ sessionId: word('link'), kind: 'related' }],
    },
    { type: 'config', patch: { [word('setting')]: word('preference') } },
    { type: 'compaction', summary: word('summary'), messageId: 'first', firstKeptId: null },
    { type: 'custom', kind: 'extension', value: word('custom') },
    { type: 'quarantine', reason: 'odd', text: word('quarantine'), source: { path: word('source') }, blob: odd },
    { type: 'unheard-of', what: word('unknown') } as unknown as NewRecord,
    // Without an end: what a crash leaves of a call.
    call('open'),
  ];
}

/** Writes the session and takes its words into the index. Returns its id. */
export async function writeMarkedSession(
  storage: SessionStorage,
  project?: string,
  word: Mark = mark,
): Promise<string> {
  const first = storage.newSessionRecord(markedStart(word, project));
  const writer = storage.writers.create(first);
  for (const record of markedRecords(storage, first.sessionId, word)) await writer.append([record]);
  await storage.writers.close(writer);
  await storage.find('say');
  await storage.catalogue.prepare(10_000);
  return first.sessionId;
}

/** Everything that may lie beside a log, as crashes, repairs, older versions and background processes leave it. */
export function leaveMarkedFiles({ layout }: SessionStorage, id: string): void {
  const folder = layout.sessionsDir;
  const write = (path: string, content: string | Buffer): void => writeFileSync(path, content, { mode: 0o600 });
  for (const kept of ['torn-1', 'damaged-1', 'damaged-1.part2', 'leftover-1', 'format1-1']) {
    write(join(folder, `session-${id}.${kept}`), gzipSync(mark(kept.replaceAll(/[^a-z]/g, ''))));
  }
  write(join(folder, `session-${id}.json.gz.tmp`), gzipSync(mark('unfinished')));
  mkdirSync(layout.blobDir(id), { recursive: true, mode: 0o700 });
  write(join(layout.blobDir(id), 'partial-open'), `half ${mark('partialoutput')} of it`);
  write(join(layout.blobDir(id), 'abandoned.tmp'), mark('abandonedblob'));
  mkdirSync(layout.inboxDir(id), { mode: 0o700 });
  const waiting = {
    type: 'meta',
    id: 'waiting',
    at: '2026-01-01T00:00:00.000Z',
    description: mark('waiting'),
    inbox: 'x',
  };
  write(join(layout.inboxDir(id), '000000000000001-000000001-x.json'), `${JSON.stringify(waiting)}\n`);
  write(join(layout.inboxDir(id), 'half.json.tmp'), mark('halfwaiting'));
  const state = (...names: string[]): string => {
    mkdirSync(join(layout.stateDir, ...names.slice(0, -1)), { recursive: true, mode: 0o700 });
    return join(layout.stateDir, ...names);
  };
  write(state('grants', `${id}.json`), JSON.stringify({ allow: [`bash:${mark('grant')}`] }));
  write(state('files', id), gzipSync(JSON.stringify({ version: 1, root: '/', folders: [[mark('scanned')]] })));
  write(state('files', `${id}.17.tmp`), gzipSync(mark('unfinishedscan')));
  const start = {
    id: 'p1',
    command: mark('command'),
    workingDirectory: '/',
    environment: {},
    startedAt: '',
    machine: null,
  };
  write(state('processes', id, 'p1.json'), JSON.stringify(start));
  write(state('processes', id, 'p1.end'), JSON.stringify({ exitCode: 0, endedAt: null, reason: null }));
  write(state('processes', id, 'supervisor.err'), mark('supervisor'));
  write(state('processes', id, 'output', 'p1.100.log'), `first ${mark('processlog')}\nthen half of needle`);
  write(state('processes', id, 'output', 'p1.151.log'), `xqcutzz9 and ${mark('laterlog')}\n`);
}
