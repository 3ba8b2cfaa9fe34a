// Turns what people type into values: counts, ages, dates, sizes, choices.

/** Why a value is not accepted, worded to stand behind the value: `is not a number`. The parser adds flag and value. */
export class ValueMistake extends Error {}

const DURATION = /^([0-9]+(?:\.[0-9]+)?)(s|m|h|d|w|y)$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};
const SIZE = /^([0-9]+(?:\.[0-9]+)?) ?(b|k|kb|kib|m|mb|mib|g|gb|gib|t|tb|tib)?$/i;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const DAY_MS = 86_400_000;

export function text(value: string): string {
  return value;
}

/** A whole number from 1. */
export function count(value: string): number {
  const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : 0;
  if (number < 1) throw new ValueMistake('is not a whole number above 0');
  return number;
}

/** Parser and completion of a flag that takes one of a few words; to be spread into its description. */
export function choices<const C extends readonly string[]>(
  words: C,
): { parse: (value: string) => C[number]; complete: C } {
  const parse = (value: string): C[number] => {
    if (!words.includes(value)) throw new ValueMistake(`is not one of ${words.join(', ')}`);
    return value;
  };
  return { parse, complete: words };
}

/** `90s`, `30m`, `12h`, `7d`, `2w`, `1y` in milliseconds. */
export function durationMs(value: string): number {
  const match = DURATION.exec(value);
  if (!match) throw new ValueMistake('is not a duration such as 30m, 12h, 7d, 2w or 1y');
  return Number(match[1]) * UNIT_MS[match[2]!]!;
}

/** A duration in days; a bare number is days. */
export function days(value: string): number {
  const ms = /^[0-9]+$/.test(value) ? Number(value) * DAY_MS : durationMs(value);
  if (ms <= 0) throw new ValueMistake('would be no time at all');
  return ms / DAY_MS;
}

/** `500MB`, `5GB`, `1.5 GiB` in bytes; KB, MB, GB are powers of 1000, a bare number is bytes. */
export function sizeBytes(value: string): number {
  const match = SIZE.exec(value.trim());
  if (!match) throw new ValueMistake('is not a size such as 500MB, 5GB or 1GiB');
  const unit = (match[2] ?? 'b').toLowerCase();
  const power = 'bkmgt'.indexOf(unit[0]!);
  const bytes = Math.round(Number(match[1]) * (unit.endsWith('ib') ? 1024 : 1000) ** power);
  if (bytes < 1) throw new ValueMistake('is no size above 0');
  return bytes;
}

/** A point in time as typed: an age, or a date. A date alone means its whole day here, not in UTC. */
export type When = { agoMs: number } | { firstMs: number; lastMs: number };

export function when(value: string): When {
  if (DURATION.test(value)) return { agoMs: durationMs(value) };
  const ms = DATE.test(value) ? new Date(`${value}T00:00:00`).getTime() : Date.parse(value);
  if (Number.isNaN(ms)) throw new ValueMistake('is not an age such as 7d, or a date such as 2026-01-31');
  return { firstMs: ms, lastMs: DATE.test(value) ? ms + DAY_MS - 1 : ms };
}

/** ISO 8601 of the first moment (`since`) or the last (`until`) that `when` covers. */
export function momentOf(when: When, edge: 'since' | 'until', nowMs: number): string {
  if ('agoMs' in when) return new Date(nowMs - when.agoMs).toISOString();
  return new Date(edge === 'since' ? when.firstMs : when.lastMs).toISOString();
}
