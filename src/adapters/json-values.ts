// Reading parsed JSON of other clients: every field may be missing or of another kind in some version of a client,
// so nothing is assumed, and nothing is thrown over it.

import { isRawJson } from '../core/json.ts';

export type JsonObject = { readonly [key: string]: unknown };

/** True for `{…}`; arrays, null and big integers kept as raw JSON (see core/json.ts) are none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJson(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The object, or an empty one, so that chains of fields can be read without asking at every step. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A time as clients write it (ISO 8601 text, or milliseconds since 1970) in our form; undefined when it is no time. */
export function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const ms = new Date(value).getTime();
  // Years beyond four digits would be written with a sign and no longer sort as text.
  return ms >= 0 && ms < 253_402_300_800_000 ? new Date(ms).toISOString() : undefined;
}

/** A copy without some fields; undefined when none is left. Key by key, so that `__proto__` stays data. */
export function without(value: JsonObject, fields: ReadonlySet<string>): JsonObject | undefined {
  const left = Object.entries(value).filter(([key, field]) => !fields.has(key) && field !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields: on disk a field is there or it is not. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

/** The object with its undefined fields left out, or undefined when nothing is left. */
export function presentOrNone<T extends object>(fields: T): Present<T> | undefined {
  const some = present(fields);
  return Object.keys(some).length === 0 ? undefined : some;
}
