// What was found wrong with a log while it was read: each span of damage once, however often it is passed.

import type { Warning } from '../core/errors.ts';
import type { DamagedSpan } from './log-chain.ts';
import type { PlacedDamage } from './log-place.ts';
import { damageWarning } from './log-warnings.ts';

export type Health = 'ok' | 'torn' | 'damaged' | 'unreadable';

export class LogFindings {
  readonly #damage = new Map<string, PlacedDamage>();
  readonly #warnings = new Map<string, Warning>();

  note(part: number, path: string, span: DamagedSpan): PlacedDamage {
    const placed = { ...span, part, path };
    this.#damage.set(`${part}:${span.offsetBytes}`, placed);
    return placed;
  }

  /** The damage that begins at a place, if any. */
  at(part: number, offsetBytes: number): PlacedDamage | null {
    return this.#damage.get(`${part}:${offsetBytes}`) ?? null;
  }

  warn(about: string, warning: Warning): void {
    this.#warnings.set(about, warning);
  }

  get damage(): PlacedDamage[] {
    return [...this.#damage.values()];
  }

  get health(): Health {
    if (this.damage.some((span) => span.reason !== 'torn')) return 'damaged';
    return this.damage.length > 0 ? 'torn' : 'ok';
  }

  warnings(id: string): Warning[] {
    return [...this.damage.map((span) => damageWarning(id, span)), ...this.#warnings.values()];
  }
}
