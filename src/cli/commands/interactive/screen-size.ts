// How large the terminal is now; 80×24 where it does not say.

import type { System } from '../context.ts';

export function screenSize({ stdout }: Pick<System, 'stdout'>): { columns: number; rows: number } {
  const { columns, rows } = stdout as { columns?: number; rows?: number };
  return { columns: columns || 80, rows: rows || 24 };
}
