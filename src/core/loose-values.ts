// Reading values whose shape nobody promised: documents of other programs, and our own after somebody edited them. A
// field of the wrong kind counts as absent, and nothing here throws.

import { isRawJson } from './json.ts';

export type LooseObject = Readonly<Record<string, unknown>>;

/** True for `{…}`; arrays, null and big integers kept as raw JSON (see json.ts) are none. */
export function isLooseObject(value: unknown): value is LooseObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJson(value);
}

/** The object, or an empty one, so that a chain of fields can be read without asking at every step. */
export function looseObject(value: unknown): LooseObject {
  return isLooseObject(value) ? value : {};
}

export function looseList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function looseText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function looseNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Only the texts of a list; undefined when the value is no list. */
export function looseTexts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

/** A time as ISO 8601 text or in milliseconds since 1970, in our form; undefined when it is no time. */
export function looseTime(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const ms = new Date(value).getTime();
  // Years of more than four digits are written with a sign and no longer sort as text.
  return ms >= 0 && ms < 253_402_300_800_000 ? new Date(ms).toISOString() : undefined;
}

/** Fields without the named ones; undefined when none is left. Key by key, so that `__proto__` stays data. */
export function otherFields(value: LooseObject, known: ReadonlySet<string>): LooseObject | undefined {
  const left = Object.entries(value).filter(([key, field]) => !known.has(key) && field !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields: on disk a field is there or it is not. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
