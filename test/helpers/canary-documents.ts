// Documents of sessions that are full of canaries: other agents' own files, and ours of before there was a door.

import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { NewRecord } from '../../src/core/record.ts';
import type { Canaries } from './canaries.ts';
import { documentText, PACKINGS, storySession } from './format1-documents.ts';
import { tempHome, writeSession } from './temp-home.ts';

/** Texts that say what an entry is, or where it belongs: a canary in one would only make it another entry. */
const FIXED =
  /^(?:type|subtype|role|id|uuid|.*_?id|.*Id|.*Uuid|timestamp|.*[aA]t|version|kind|status|name|phase|source|originator|.*Type|startTime|lastUpdated|model.*|.*Hash)$/;

/** A document with canaries in its texts, `each` for every field of every kind of entry, and in keys of what is open. */
class Planter {
  readonly #canaries: Canaries;
  readonly #way: string;
  readonly #each: number;
  readonly #counts = new Map<string, number>();

  constructor(canaries: Canaries, way: string, each: number) {
    this.#canaries = canaries;
    this.#way = way;
    this.#each = each;
  }

  in(value: unknown, field = ''): unknown {
    if (typeof value === 'string') return this.#text(value, field);
    if (Array.isArray(value)) return value.map((item) => this.in(item, field));
    if (typeof value !== 'object' || value === null) return value;
    const { type } = value as { type?: unknown };
    // Copies of requests are left out by the importer.
    if (typeof type === 'string' && type.startsWith('api-request')) return value;
    const of = typeof type === 'string' ? `${field}.${type}` : field;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, FIXED.test(key) ? item : this.in(item, `${of}.${key}`)]),
    );
  }

  /** JSON in a text has its own texts. */
  #text(text: string, field: string): string {
    if (!/[a-z]/i.test(text) || /^\d{4}-\d\d-\d\dT/.test(text)) return text;
    const inner = /^[[{]/.test(text) ? parsed(text) : undefined;
    if (inner !== undefined) return JSON.stringify(this.in(inner, `${field}>`));
    const count = this.#counts.get(field) ?? 0;
    if (count >= this.#each) return text;
    this.#counts.set(field, count + 1);
    const way = `${this.#way}${field}`;
    return text.startsWith('/') ? `${text}/${this.#canaries.token(way)}` : `${text} ${this.#canaries.line(way)}`;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lines of JSON with canaries, one that is broken, and one that is no text. */
export function plantedLines(text: string, canaries: Canaries, way: string, each: number): Buffer {
  const planter = new Planter(canaries, way, each);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.stringify(planter.in(JSON.parse(line))));
  const broken = `{"type":"user","broken": ${canaries.line(`${way}, a broken line`)}`;
  const odd = JSON.stringify({
    type: 'nothing-known',
    [canaries.token(`${way}, a key`)]: 1,
    note: canaries.line(`${way}, an unknown entry`),
  });
  const noText = Buffer.concat([
    Buffer.from('{"type":"user","x":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(`${canaries.token(`${way}, no text`)}"\n`),
  ]);
  return Buffer.concat([Buffer.from(`${[...lines, broken, odd].join('\n')}\n`), noText]);
}

/** Everything that a log of ours may hold, with canaries in it: one that was written before there was a door. */
function records(canaries: Canaries, way: string, each: number): NewRecord[] {
  const line = (where: string): string => canaries.line(`${way}, ${where}`);
  const token = (where: string): string => canaries.token(`${way}, ${where}`);
  const lines = (where: string): string => canaries.lines(`${way}, ${where}`, each);
  const filler = 'and so on, '.repeat(40_000);
  const call = { callId: 'c1', name: 'execute_command', input: JSON.stringify({ command: line('input of a call') }) };
  const large = { callId: 'c2', name: 'execute_command', input: '{}' };
  return [
    {
      type: 'message',
      role: 'user',
      parts: [
        { type: 'text', text: lines('a prompt') },
        { type: 'file', path: token('a path'), text: line('a file') },
      ],
    },
    {
      type: 'message',
      role: 'assistant',
      parts: [
        { type: 'thinking', text: 'quiet', signature: token('a signature') },
        { type: 'text', text: lines('an answer') },
        { type: 'tool-call', ...call },
        { type: 'tool-call', ...large },
        { type: 'other', kind: 'card', value: { [token('a key')]: { password: token('a value') } } },
      ],
      raw: { opaque: token('raw') },
    },
    { type: 'tool-start', ...call },
    { type: 'tool-output', callId: 'c1', text: lines('a piece of output') },
    { type: 'tool-end', callId: 'c1', status: 'ok', output: lines('output') },
    { type: 'tool-start', ...large },
    // One stands where the beginning of the output is cut off.
    {
      type: 'tool-end',
      callId: 'c2',
      status: 'ok',
      output: `${'-'.repeat(2030)} ${token('a cut')} ${lines('a large output')}${filler}${line('its end')}`,
    },
    {
      type: 'message',
      role: 'user',
      parts: [{ type: 'text', text: `${lines('a large prompt')}${filler}${line('its end')}` }],
    },
    {
      type: 'state',
      patch: {
        workingDirectory: `/home/${token('a folder')}`,
        openFiles: [token('an open file')],
        environment: { LC_ALL: token('a variable') },
      },
    },
    {
      type: 'meta',
      name: line('a name'),
      description: line('a description'),
      outcome: line('an outcome'),
      addTags: [token('a tag')],
    },
    {
      type: 'config',
      patch: { 'permissions.allow': [`execute_command:${line('a permission')}`], [token('a setting')]: 1 },
    },
    { type: 'checkpoint', description: line('the words of a checkpoint'), messageId: null },
    { type: 'custom', kind: 'note', value: { [token('a key of a note')]: line('a note') } },
    { type: 'quarantine', reason: line('a reason'), text: line('what was not understood') },
    { type: 'watch', changes: [{ path: token('a changed file'), kind: 'added' }] },
  ];
}

/** Paths of documents in every form that can be imported, made in `folder`. */
export async function plantedDocuments(
  t: TestContext,
  canaries: Canaries,
  folder: string,
  each: number,
): Promise<string[]> {
  const { storage, sessions, sessionsDir } = tempHome(t);
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const store = storage();
  const exported: string[] = [];
  for (const format of ['jsonl', 'yaml', 'json', 'log'] as const) {
    const id = await writeSession(store, records(canaries, format, each), {
      project: `/home/${canaries.token(`${format}, a project`)}`,
    });
    if (format !== 'log')
      exported.push(write(`session.${format}`, await sessions({ door: null }).serializer.exportSession(id, format)));
    else {
      cpSync(sessionsDir, join(folder, 'log'), { recursive: true });
      exported.push(join(folder, 'log', `session-${id}.json.gz`));
    }
  }
  for (const [packing, pack] of Object.entries(PACKINGS)) {
    const story = storySession(randomUUID(), 9);
    const planted = new Planter(canaries, packing, each).in(story) as typeof story;
    const id = canaries.token(`${packing}, the id of a session`);
    const { messages } = planted['history'] as { messages: { id: string }[] };
    messages[0]!.id = canaries.token(`${packing}, the id of a message`);
    exported.push(write(`${packing}.session`, pack(documentText({ ...planted, id }))));
  }
  const folderName = join(folder, canaries.token('the folder of an import'));
  mkdirSync(folderName);
  const last = exported.at(-1)!;
  cpSync(last, join(folderName, basename(last)));
  return [...exported.slice(0, -1), join(folderName, basename(last))];
}
