// Row numbers of the full-text tables: the ordinal of a text and who spoke, in one number.

import type { FindRole } from '../../core/find-query.ts';

/** The order is part of the schema. */
const ROLES: readonly FindRole[] = ['user', 'assistant', 'tool', 'system'];

export function rowNumber(ordinal: number, role: FindRole): number {
  return ordinal * 4 + Math.max(0, ROLES.indexOf(role));
}

export function ordinalOf(row: number): number {
  return Math.floor(row / 4);
}

export function roleOf(row: number): FindRole {
  return ROLES[row % 4]!;
}
