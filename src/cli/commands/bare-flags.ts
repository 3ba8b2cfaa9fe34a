// The flags of `roo` without a command. They stand alone because finding the command needs to know which of them take
// a value.

import type { Flag } from '../args/flag.ts';
import { choices, text } from '../args/values.ts';
import { OUTPUT_FORMATS } from '../output/format.ts';

/** What a turn without a terminal can answer in; the other formats are those of any command. */
export const PROMPT_FORMATS = ['text', 'stream-json', ...OUTPUT_FORMATS] as const;

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
  print: {
    kind: 'value',
    short: 'p',
    placeholder: 'PROMPT',
    parse: text,
    summary: 'one turn without a terminal, then leave; - reads the prompt from standard input',
  },
  session: {
    kind: 'value',
    placeholder: 'REF',
    parse: text,
    complete: 'ref',
    summary: 'with -p: go on with this session; without it a new one begins',
  },
  model: { kind: 'value', placeholder: 'PROVIDER/MODEL', parse: text, summary: 'model to ask' },
  allow: {
    kind: 'list',
    placeholder: 'TOOL[:PATTERN]',
    parse: text,
    summary: 'tool calls that run without being asked about, such as execute_command:npm test*',
  },
  format: {
    kind: 'value',
    short: 'f',
    placeholder: 'FORMAT',
    ...choices(PROMPT_FORMATS),
    summary: 'with -p: text, json, or stream-json (what happens, a line each)',
  },
  ephemeral: { kind: 'switch', summary: 'keep nothing of this session' },
  version: { kind: 'switch', short: 'V', summary: 'print the version' },
} as const satisfies Record<string, Flag>;
