// Checks of the shape of a value from outside, put together from small ones.

import { isLooseObject } from './loose-values.ts';

export type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === 'string';
export const isNumber: Check = (value) => typeof value === 'number';
export const isFlag: Check = (value) => typeof value === 'boolean';
/** A whole number from 0, as of bytes or of records. */
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

/** May be absent. */
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

/** May be absent or null. */
export const orNone = (check: Check): Check => optional(orNull(check));

export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

export const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);

/** An object with any keys, whose values pass. */
export const tableOf =
  (check: Check): Check =>
  (value) =>
    isLooseObject(value) && Object.values(value).every(check);

/** An object in which the named fields pass; others may be there too. */
export const fields =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isLooseObject(value) && Object.entries(shape).every(([key, check]) => check(value[key]));
