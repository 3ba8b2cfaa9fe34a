// Small files that want to become large ones, and archives whose names lead elsewhere: the built command refuses each
// with a code and a hint, in memory that does not grow with what they unpack to, and writes nothing.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { place, roo } from '../helpers/built-roo.ts';
import type { Place } from '../helpers/built-roo.ts';

const MEMORY_MB_MAX = 256;
const MEMBER_BYTES = 64 * 1024 * 1024;

/** Ten gigabytes, a gzip member for every 64 MiB of them. */
function tenGigabytes(fill: string, head: string): Buffer {
  const member = gzipSync(Buffer.alloc(MEMBER_BYTES, fill));
  return Buffer.concat([gzipSync(head), ...Array.from({ length: 160 }, () => member)]);
}

const DOCUMENT = '{"version":"1.0","session":{"id":"x","name":"';
const SESSION = {
  type: 'session',
  id: 'r',
  at: '2026-01-01T00:00:00.000Z',
  format: 2,
  sessionId: 'x',
  project: { path: '/' },
  origin: { kind: 'human', agent: 'roo' },
};
const LINES = `{"format":"roo-session","version":1}\n${JSON.stringify(SESSION)}\n`;
const YAML = 'id: x\nmetadata: {}\nhistory: {}\n';

function repeatedMembers(count: number): Buffer {
  const empty = gzipSync('');
  return Buffer.alloc(empty.length * count, empty);
}

/** Nine lists of nine, each of the one before: 9⁹ values in 300 bytes. */
function laughs(): string {
  const names = [...'abcdefghi'];
  const lines = names.map(
    (name, i) =>
      `${name}: &${name} [${Array(9)
        .fill(i === 0 ? 'x' : `*${names[i - 1]}`)
        .join(',')}]`,
  );
  return `${YAML}${lines.join('\n')}\n`;
}

const BOMBS: Readonly<Record<string, [make: () => Buffer | string, code: string]>> = {
  'ten gigabytes of zeros': [() => tenGigabytes('\0', ''), 'FORMAT_UNKNOWN'],
  'the same, packed twice more': [() => gzipSync(gzipSync(tenGigabytes('\0', ''))), 'FORMAT_UNKNOWN'],
  'a document of ten gigabytes': [() => tenGigabytes('x', DOCUMENT), 'IMPORT_REFUSED'],
  'ten gigabytes of lines': [() => tenGigabytes('\n', LINES), 'IMPORT_REFUSED'],
  'a million empty members': [() => repeatedMembers(1_000_000), 'FORMAT_UNKNOWN'],
  'JSON of a million levels': [() => `${DOCUMENT}","y":${'['.repeat(1e6)}${']'.repeat(1e6)}}}`, 'RECORD_TOO_DEEP'],
  'YAML that repeats itself': [laughs, 'IMPORT_REFUSED'],
  'YAML of a million brackets': [() => `${YAML}z: ${'['.repeat(1e6)}`, 'RECORD_TOO_DEEP'],
  'YAML of a million dashes': [() => `${YAML}z:\n ${'- '.repeat(1e6)}`, 'RECORD_TOO_DEEP'],
  'YAML of millions of values': [() => `${YAML}z: [${'a,'.repeat(2e6)}]`, 'IMPORT_REFUSED'],
};

interface Refusal {
  code: string;
  hint: string | undefined;
}

/** The error of a command, having seen that it needed little memory. */
function refusal(at: Place, words: readonly string[]): Refusal {
  const { stdout, stderr, status } = roo({ ...at, env: { ...at.env, ROO_DEBUG: '1' } }, [...words, '-f', 'json']);
  const memoryMB = Number(/peak memory ([0-9.]+) MB/.exec(stderr)?.[1]);
  assert.ok(memoryMB > 10 && memoryMB < MEMORY_MB_MAX, `${memoryMB} MB`);
  assert.notEqual(status, 0);
  const { errors } = JSON.parse(stdout) as { errors: Refusal[] };
  return errors[0]!;
}

function assertNothingImported({ home, sessions, cwd }: Place, kept: readonly string[]): void {
  assert.deepEqual(readdirSync(cwd).toSorted(), [...kept].toSorted());
  if (existsSync(sessions))
    assert.deepEqual(
      readdirSync(sessions).filter((name) => name.startsWith('session-')),
      [],
    );
  assert.deepEqual(
    readdirSync(join(home, '..')).filter((name) => !['home', 'project'].includes(name)),
    [],
  );
}

describe('an import of', () => {
  for (const [what, [make, code]] of Object.entries(BOMBS)) {
    it(`${what} is refused in little memory`, (t) => {
      const at = place(t);
      writeFileSync(join(at.cwd, 'bomb'), make());
      const found = refusal(at, ['session', 'import', 'bomb']);
      assert.equal(found.code, code);
      assertNothingImported(at, ['bomb']);
    });
  }
});

describe('in a store', () => {
  it('a document that unpacks to ten gigabytes is listed as unreadable, and left as it is', (t) => {
    const at = place(t);
    mkdirSync(at.sessions, { recursive: true, mode: 0o700 });
    writeFileSync(join(at.sessions, 'session-bomb.json.gz'), tenGigabytes('x', DOCUMENT), { mode: 0o600 });
    assert.match(roo(at, ['session', 'list', '--all']).stdout, /^bomb\t.*unreadable/m);
    const found = refusal(at, ['session', 'show', 'bomb']);
    assert.equal(found.code, 'IMPORT_REFUSED');
    assert.match(found.hint!, /gunzip/);
  });
});

interface ArchiveName {
  name: string;
  /** Type flag of tar: a file, a hard link, a symbolic link, devices, a folder, a pipe. */
  type: '0' | '1' | '2' | '3' | '4' | '5' | '6';
  link?: string;
}
const BAD_NAMES: readonly ArchiveName[] = [
  { name: '../../outside.json', type: '0' },
  { name: '/tmp/roo-outside.json', type: '0' },
  { name: '..\\..\\outside.json', type: '0' },
  { name: 'a\0b.json', type: '0' },
  { name: 'C:\\outside.json', type: '0' },
  { name: 'link', type: '2', link: '/etc/passwd' },
  { name: 'link/through.json', type: '0' },
  { name: 'hard', type: '1', link: '/etc/passwd' },
  { name: 'disk', type: '4' },
  { name: 'tty', type: '3' },
  { name: 'pipe', type: '6' },
  { name: 'session.yaml', type: '0' },
  { name: 'session.yaml', type: '0' },
];
const CONTENT = Buffer.from(`${YAML}version: 1\nsession: {}\n`);

/** A tar of these names (POSIX ustar), each with a document in it. */
function tar(): Buffer {
  const blocks = BAD_NAMES.flatMap(({ name, type, link = '' }) => {
    const header = Buffer.alloc(512);
    const size = type === '0' ? CONTENT.length : 0;
    header.write(name, 0);
    header.write('0000644 0000000 0000000 ', 100);
    header.write(`${size.toString(8).padStart(11, '0')} 00000000000         `, 124);
    header.write(type, 156);
    header.write(link, 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return size === 0 ? [header] : [header, Buffer.concat([CONTENT], 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A zip of the same names: local headers are enough for whoever would unpack it. */
function zip(): Buffer {
  const entries = BAD_NAMES.map(({ name }) => {
    const header = Buffer.alloc(30);
    header.write('PK\x03\x04');
    header.writeUInt32LE(CONTENT.length, 18);
    header.writeUInt32LE(CONTENT.length, 22);
    header.writeUInt16LE(Buffer.byteLength(name), 26);
    return Buffer.concat([header, Buffer.from(name), CONTENT]);
  });
  return Buffer.concat(entries);
}

describe('an archive', () => {
  for (const [kind, make] of Object.entries({ tar, 'tar, packed': () => gzipSync(tar()), zip })) {
    it(`(${kind}) is not opened, whatever names are in it`, (t) => {
      const at = place(t);
      writeFileSync(join(at.cwd, 'archive'), make());
      const found = refusal(at, ['session', 'import', 'archive']);
      assert.equal(found.code, 'FORMAT_UNKNOWN');
      assert.match(found.hint!, /unpack it into an empty folder/);
      assertNothingImported(at, ['archive']);
      assert.ok(!existsSync('/tmp/roo-outside.json'));
    });
  }
});
