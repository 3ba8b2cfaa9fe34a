// What every part of the index is given: the logs, the places, the time, and somewhere to say what was noticed.

import type { Warning } from '../../core/errors.ts';
import type { CaseRule } from '../../core/project-path.ts';
import type { NameSeal } from '../../crypto/name-seal.ts';
import type { StoreLayout } from '../store-layout.ts';
import type { IndexSource } from './index-source.ts';

export interface IndexContext {
  source: IndexSource;
  layout: Pick<StoreLayout, 'sessionsDir' | 'dirtyDir' | 'indexPath'>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Whether some process holds the session for writing, this one included. */
  isHeld(id: string): boolean;
  caseRule: CaseRule;
  /** Opens and seals the words of encrypted sessions; null while no identity is at hand. */
  names(): NameSeal | null;
  /** `open` for an index in memory, which may hold the words of encrypted sessions. */
  sealing: 'sealed' | 'open';
  /** What to keep of a session that stays locked though an identity is at hand; absent while it is not known why. */
  noteLocked?(id: string): string;
  warn(warning: Warning): void;
}
