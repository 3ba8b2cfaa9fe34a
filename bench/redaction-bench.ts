// Redaction of mixed text with every rule and 40 known values, as a ratio of a plain pass over the same text.

import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HOSTILE_NAMES, HOSTILE_SHAPES, HOSTILE_STARTS, repeated } from '../test/helpers/secret-corpus/hostile.ts';
import { HOSTILE_RUNS } from '../test/helpers/secret-corpus/hostile-runs.ts';
import { makeRedactor } from '../src/core/redaction/redactor.ts';
import { filler, seeded } from './build-session.ts';
import type { Row } from './measure.ts';
import { median, ratio } from './measure.ts';

const MEGABYTES = 6;
const RUNS = 5;
const SPEED_MIN = 10;
const HOSTILE_CHARACTERS = 1_000_000;
/** All of them are tried at this length, and the slowest at full length: full length for all takes half an hour. */
const TRIED_CHARACTERS = 40_000;
const SLOWEST_KEPT = 12;
const HOSTILE_SECONDS_MAX = 1;

export async function redactionBench(): Promise<Row[]> {
  const text = mixedText(MEGABYTES * 1_000_000);
  const knownValues = Array.from({ length: 40 }, (_, index) => `known-${index * 7919}!value${index}`);
  const { redactText } = makeRedactor({
    tag: (value) => createHmac('sha256', 'bench').update(value).digest('hex'),
    knownValues,
  });
  redactText(text.slice(0, 1_000_000));
  const redacting: number[] = [];
  const plain: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    redacting.push(secondsOf(() => redactText(text)));
    plain.push(secondsOf(() => sumOf(text)));
  }
  const speed = MEGABYTES / median(redacting);
  const times = ratio(median(redacting) / median(plain));
  const slowest = slowestHostile(redactText);
  return [
    {
      what: 'redaction of mixed text, all rules',
      measured: `${speed.toFixed(1)} MB/s, ${times} a plain pass`,
      bar: `≥ ${SPEED_MIN} MB/s`,
      met: speed >= SPEED_MIN,
    },
    {
      what: `redaction of 1 MB of hostile text, the slowest of all (${JSON.stringify(slowest.piece.slice(0, 40))})`,
      measured: `${slowest.seconds.toFixed(2)} s`,
      bar: `< ${HOSTILE_SECONDS_MAX} s`,
      met: slowest.seconds < HOSTILE_SECONDS_MAX,
    },
  ];
}

interface Hostile {
  piece: string;
  seconds: number;
}

function slowestHostile(redactText: (text: string) => unknown): Hostile {
  const timed = (piece: string, characters: number): Hostile => {
    const text = repeated(piece, characters);
    return { piece, seconds: secondsOf(() => redactText(text)) };
  };
  const slowestFirst = (a: Hostile, b: Hostile) => b.seconds - a.seconds;
  return [...HOSTILE_SHAPES, ...HOSTILE_STARTS, ...HOSTILE_NAMES, ...HOSTILE_RUNS]
    .map((piece) => timed(piece, TRIED_CHARACTERS))
    .sort(slowestFirst)
    .slice(0, SLOWEST_KEPT)
    .map(({ piece }) => timed(piece, HOSTILE_CHARACTERS))
    .sort(slowestFirst)[0]!;
}

/** Source code, prose and lock file: what sessions are made of. */
function mixedText(characters: number): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const parts = ['src/core', 'src/store', 'docs'].flatMap((folder) =>
    readdirSync(root + folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(`${root}${folder}/${entry.name}`, 'utf8')),
  );
  parts.push(readFileSync(`${root}package-lock.json`, 'utf8'), filler(200_000, seeded(1)));
  const once = parts.join('\n');
  return once.repeat(Math.ceil(characters / once.length)).slice(0, characters);
}

function sumOf(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum + text.charCodeAt(i)) | 0;
  return sum;
}

/** Of this thread: other work on the machine does not count. */
function secondsOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000_000;
}
