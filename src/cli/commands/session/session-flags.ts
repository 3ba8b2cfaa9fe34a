// Words and flags that several verbs share.

import type { Argument, SwitchFlag } from '../../args/flag.ts';

export const STATUSES = ['active', 'paused', 'completed', 'aborted'] as const;
export const LINK_KINDS = ['continues', 'depends-on', 'related', 'parent'] as const;

export const REF_ARGUMENT = {
  kind: 'one',
  summary: 'id, beginning of an id, exact name, @last or @current',
  complete: 'ref',
} as const satisfies Argument;

export const REFS_ARGUMENT = {
  kind: 'rest',
  min: 1,
  summary: 'ids, beginnings of ids, exact names, @last or @current',
  complete: 'ref',
} as const satisfies Argument;

export const YES_FLAG = { kind: 'switch', short: 'y', summary: 'do not ask' } as const satisfies SwitchFlag;
