// roo doctor

import { SessionError } from '../../core/errors.ts';
import type { Column } from '../output/column.ts';
import { rowsView } from '../output/views.ts';
import { asSessionError } from '../output/reporter.ts';
import { defineCommand, NO_ARGUMENTS, NO_FLAGS } from './command.ts';
import type { CommandContext } from './context.ts';
import { checkConfig, checkDisk, checkFolder, checkNetwork, checkNode, checkWritable } from './doctor-machine.ts';
import { checkDamaged, checkIndex, checkLeftovers } from './doctor-store.ts';

export interface Check {
  check: string;
  status: 'ok' | 'warn' | 'fail';
  detail: string;
  hint: string | null;
}

type CheckStep = readonly [name: string, run: (context: CommandContext) => Check | Promise<Check>];

/** In the order in which a failure explains the next one. */
const STEPS: readonly CheckStep[] = [
  ['node', checkNode],
  ['config', checkConfig],
  ['home', (context) => checkFolder('home', context.places.home)],
  ['sessions folder', (context) => checkFolder('sessions folder', context.places.sessionsDir)],
  ['file system', checkNetwork],
  ['locks', checkWritable],
  ['disk', checkDisk],
  ['index', checkIndex],
  ['damage', checkDamaged],
  ['leftovers', checkLeftovers],
];

const COLUMNS: Column<Check>[] = [
  { title: 'STATUS', value: (one) => one.status, style: (one) => STATUS_STYLE[one.status] },
  { title: 'CHECK', value: (one) => one.check },
  { title: 'DETAIL', value: (one) => one.detail, widthMin: 20 },
  { title: 'HINT', value: (one) => one.hint, widthMin: 10 },
];
const STATUS_STYLE = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export const command = defineCommand({
  description: [
    'Checks node, the settings, the folders and their modes, the disk, the index and the health of the sessions. Nothing ' +
      'is changed. A failed check gives exit status 1; a warning does not.',
  ],
  flags: NO_FLAGS,
  arguments: NO_ARGUMENTS,
  examples: [{ command: 'roo doctor', does: 'look for anything that is wrong' }],
  exits: [],
  async run(context) {
    const checks: Check[] = [];
    for (const [name, step] of STEPS) checks.push(await attempt(name, () => step(context)));
    const failed = checks.filter((one) => one.status === 'fail');
    if (failed.length > 0) {
      const names = failed.map((one) => one.check).join(', ');
      context.report.fail(new SessionError('CHECK_FAILED', `something is wrong with: ${names}`, { op: 'doctor' }));
    }
    return { data: {}, list: { key: 'checks', items: checks }, view: rowsView(COLUMNS, checks, '') };
  },
});

/** A check that cannot be made has failed; the others are still made. */
async function attempt(name: string, run: () => Check | Promise<Check>): Promise<Check> {
  try {
    return await run();
  } catch (error) {
    const { message, hint, code } = asSessionError(error);
    return { check: name, status: 'fail', detail: `${message} (${code})`, hint: hint ?? null };
  }
}
