// The flags of `roo` without a command. They stand alone because finding the command needs to know which of them take
// a value.

import type { Flag } from '../args/flag.ts';
import { text } from '../args/values.ts';

export const BARE_FLAGS = {
  continue: { kind: 'switch', short: 'c', summary: "go on with this project's latest session" },
  resume: {
    kind: 'value',
    short: 'r',
    placeholder: 'REF',
    parse: text,
    complete: 'ref',
    bare: '',
    summary: 'go on with a session; without REF, choose one',
  },
  fork: { kind: 'switch', summary: 'with -c or -r: go on in a new session that shares the past' },
  ephemeral: { kind: 'switch', summary: 'keep nothing of this session' },
  version: { kind: 'switch', short: 'V', summary: 'print the version' },
} as const satisfies Record<string, Flag>;
