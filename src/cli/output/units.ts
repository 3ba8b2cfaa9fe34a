// Times, sizes and durations as people say them. Scripts get ISO 8601, bytes and milliseconds instead.

import { safeLine } from '../../core/safe-text.ts';

const AGES: readonly [ms: number, unit: string][] = [
  [365 * 86_400_000, 'y'],
  [30 * 86_400_000, 'mo'],
  [7 * 86_400_000, 'w'],
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
];

/** `3h ago`; `just now` below a minute; the text itself when it is no date. A time to come is `in 3h`. */
export function age(iso: string, nowMs: number): string {
  const ms = nowMs - Date.parse(iso);
  // A stranger's log may hold anything where a time should be.
  if (Number.isNaN(ms)) return safeLine(iso);
  for (const [unitMs, unit] of AGES) {
    const many = Math.floor(Math.abs(ms) / unitMs);
    if (many >= 1) return ms > 0 ? `${many}${unit} ago` : `in ${many}${unit}`;
  }
  return 'just now';
}

/** `1.2 MB`, in powers of 1000 as disks are sold and `df -H` counts. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `2h 5m`, `41s`, `120ms`: the two largest units. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.floor(ms / 1000);
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([many]) => many > 0);
  return parts
    .slice(first, first + 2)
    .filter(([many]) => many > 0)
    .map(([many, unit]) => `${many}${unit}`)
    .join(' ');
}

/** `12,345`. */
export function amount(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 session`, `3 sessions`. */
export function plural(many: number, noun: string): string {
  return `${amount(many)} ${noun}${many === 1 ? '' : 's'}`;
}

/** `$0.42`; fractions of a cent are kept where they are all there is. */
export function money(dollars: number): string {
  if (dollars === 0) return '$0';
  return `$${dollars < 0.01 ? dollars.toPrecision(2) : dollars.toFixed(2)}`;
}

/** `2026-01-31 14:05`, local time, for people. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return safeLine(iso);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
