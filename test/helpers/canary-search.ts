// Looks for canaries in every byte that is below a folder, in every form in which one could stand there. A piece of one is
// enough: half a secret is a leak too.

import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inflateSync } from 'node:zlib';
import { TAG_CHARACTERS } from '../../src/core/redaction/placeholder.ts';
import { makeRedactor } from '../../src/core/redaction/redactor.ts';
import { plainBytesIn } from './plain-bytes.ts';
import type { Canary } from './canaries.ts';

/** So many characters of a secret in a row are no accident … */
const PIECE_CHARACTERS = 12;
/** … and are looked for at every so-many-th place: a run of 16 is found wherever it begins. */
const STRIDE = 5;

/** Which canaries stand where, as a person would say it; empty when none does. Names of files count too. */
export function canariesBelow(folder: string, canaries: readonly Canary[]): string[] {
  const pieces = piecesOf(canaries);
  const found: string[] = [];
  for (const [path, bytes] of plainBytesIn(folder)) {
    for (const way of waysIn(readableIn(path, bytes), pieces)) found.push(`${way}: in ${path}`);
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    for (const way of waysIn(path, pieces)) found.push(`${way}: in the name ${path}`);
  }
  return found;
}

/** The same for texts, such as requests. */
export function canariesIn(texts: readonly string[], canaries: readonly Canary[]): string[] {
  const pieces = piecesOf(canaries);
  return texts.flatMap((text) => [...waysIn(text, pieces)]);
}

/** Ways by which no canary came below the folder, told by the placeholders that stand there: a search would be vain. */
export function waysNotTaken(home: string, canaries: readonly Canary[]): string[] {
  const key = readFileSync(join(home, 'state', 'redaction.key'));
  const texts = [...plainBytesIn(home).values()].map((bytes) => bytes.toString('latin1'));
  const tags = new Set(
    texts.flatMap((text) => Array.from(text.matchAll(/\[REDACTED:[a-z0-9-]+:([0-9a-f]{8})\]/g), ([, tag]) => tag)),
  );
  const tag = (value: string): string => createHmac('sha256', key).update(value).digest('hex');
  const redactor = makeRedactor({ tag });
  const taken = new Set<string>();
  for (const { way, secret, text } of canaries) {
    // What a placeholder stands for may be more than the secret: a key and its armour.
    const values = [secret, ...redactor.redactText(text).found.map(({ value }) => value)];
    if (values.some((value) => tags.has(tag(value).slice(0, TAG_CHARACTERS)))) taken.add(way);
  }
  return [...new Set(canaries.map(({ way }) => way))].filter((way) => !taken.has(way));
}

function piecesOf(canaries: readonly Canary[]): Map<string, string> {
  const pieces = new Map<string, string>();
  const redactor = makeRedactor({ tag: () => '00000000' });
  for (const { way, kind, secret, text, isKnown } of canaries) {
    // Some formats begin with words that stay: `AccountName=`.
    const stays = isKnown ? '' : redactor.redactText(text).text;
    for (const [form, encoded] of formsOf(secret, isKnown)) {
      for (let at = 0; at + PIECE_CHARACTERS <= encoded.length; at++) {
        const piece = encoded.slice(at, at + PIECE_CHARACTERS);
        if (!stays.includes(piece)) pieces.set(piece, `${way}: ${kind} (${form})`);
      }
    }
  }
  return pieces;
}

function formsOf(secret: string, isKnown: boolean): [form: string, text: string][] {
  const encoded: [string, string][] = [0, 1, 2].map((shift) => [
    `base64, shifted by ${shift}`,
    // Characters at the ends hold bits of what stands beside it.
    Buffer.from('\0'.repeat(shift) + secret)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4)
      .slice(0, -4),
  ]);
  const url: [string, string] = ['URL', encodeURIComponent(secret)];
  const json: [string, string] = ['JSON', JSON.stringify(secret).slice(1, -1)];
  // The last one names what several forms have in common.
  return [...(isKnown ? encoded : []), url, json, ['raw', secret]];
}

function* waysIn(text: string, pieces: ReadonlyMap<string, string>): Generator<string> {
  const seen = new Set<string>();
  for (let at = 0; at + PIECE_CHARACTERS <= text.length; at += STRIDE) {
    const way = pieces.get(text.slice(at, at + PIECE_CHARACTERS));
    if (way === undefined || seen.has(way)) continue;
    seen.add(way);
    yield `${way} as ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 40))}`;
  }
}

/** Checkpoints hold the names and contents of the user's own files, and say so; what we write beside them counts. */
function readableIn(path: string, bytes: Buffer): string {
  // The program itself, with the beginnings of all formats in it.
  if (path.startsWith('state/compiled/')) return '';
  if (!path.includes('/checkpoints/')) return bytes.toString('latin1');
  if (/\/index$|\/pack\//.test(path)) return '';
  if (!/\/objects\/[0-9a-f]{2}\//.test(path)) return bytes.toString('latin1');
  const object = inflateSync(bytes).toString('latin1');
  return object.startsWith('commit ') ? object : '';
}
