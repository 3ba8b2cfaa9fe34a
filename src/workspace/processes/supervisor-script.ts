// Where the supervisor's program is: beside this file in a checkout, at the top of dist/ when bundled.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SessionError } from '../../core/errors.ts';

const CANDIDATES = ['./supervisor-main.ts', './supervisor.cjs', '../supervisor.cjs', '../../supervisor.cjs'];

/** Its absolute path. */
export function supervisorScript(): string {
  const paths = CANDIDATES.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new SessionError('PROCESS_FAILED', 'a part of roo is missing: the supervisor of background processes', {
    op: 'start',
    path: paths.at(-1),
    hint: 'install roo again',
  });
}
