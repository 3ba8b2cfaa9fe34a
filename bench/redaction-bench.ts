// Redaction of mixed text with every rule and 40 known values, as a ratio of a plain pass over the same text.

import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HOSTILE_NAMES, HOSTILE_SHAPES, HOSTILE_STARTS, hostileTexts } from '../test/helpers/secret-corpus/hostile.ts';
import { makeRedactor } from '../src/core/redaction/redactor.ts';
import { filler, seeded } from './build-session.ts';
import type { Row } from './measure.ts';
import { median, ratio } from './measure.ts';

const MEGABYTES = 6;
const RUNS = 5;
const SPEED_MIN = 10;
/** Every how many of the long lists of hostile texts is tried: all of them take minutes. */
const STRIDE = 12;
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
      what: `redaction of 1 MB of hostile text, slowest (${JSON.stringify(slowest.piece)})`,
      measured: `${slowest.seconds.toFixed(2)} s`,
      bar: `< ${HOSTILE_SECONDS_MAX} s`,
      met: slowest.seconds < HOSTILE_SECONDS_MAX,
    },
  ];
}

function slowestHostile(redactText: (text: string) => unknown): { piece: string; seconds: number } {
  const sampled = [...HOSTILE_STARTS, ...HOSTILE_NAMES].filter((_piece, index) => index % STRIDE === 0);
  return hostileTexts([...HOSTILE_SHAPES, ...sampled])
    .map(([piece, text]) => ({ piece, seconds: secondsOf(() => redactText(text())) }))
    .reduce((slowest, one) => (one.seconds > slowest.seconds ? one : slowest));
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

function secondsOf(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return (performance.now() - startMs) / 1000;
}
