// Which values a setting may have. Loaded only when a file or the user sets something, so that the usual start does
// not pay for it.

import * as v from 'valibot';
import { SessionError } from '../../core/errors.ts';
import { sizeBytes, ValueMistake } from '../args/values.ts';
import { OUTPUT_FORMATS } from '../output/format.ts';
import type { ConfigValue } from './config-keys.ts';
import { patternMistake } from './redaction-patterns.ts';

const whole = (least: number): v.GenericSchema<number, number> =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
  );
const more = v.pipe(v.number('must be a number'), v.gtValue(0, 'must be above 0'));
const flag = v.boolean('must be true or false');
const words = v.array(
  v.pipe(v.string('must be a list of words'), v.nonEmpty('must hold no empty word')),
  'must be a list',
);
/** A pattern that is wrong, or could hang a session, is found here and not with the first secret. */
const patterns = v.pipe(
  words,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const mistake = dataset.value.map(patternMistake).find((one) => one !== undefined);
    if (mistake !== undefined) addIssue({ message: mistake });
  }),
);
const oneOf = (choices: readonly string[]): v.GenericSchema<string, string> =>
  v.picklist(choices, `must be one of ${choices.join(', ')}`);
const STATUSES = ['active', 'paused', 'completed', 'aborted'] as const;

/** A number of bytes, or text such as `5GB`. */
const size = v.pipe(
  v.union([v.number(), v.string()], 'must be a size such as "5GB", or a number of bytes'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return sizeBytes(String(dataset.value));
    } catch (error) {
      if (!(error instanceof ValueMistake)) throw error;
      addIssue({ message: error.message });
      return NEVER;
    }
  }),
);

const SCHEMAS: Readonly<Record<string, v.GenericSchema<unknown, ConfigValue>>> = {
  autoSave: flag,
  autoSaveInterval: more,
  maxHistoryLength: whole(1),
  compressionEnabled: flag,
  encryptionEnabled: flag,
  retentionDays: more,
  maxSessionSize: more,
  outputFormat: oneOf(OUTPUT_FORMATS),
  model: v.pipe(v.string('must be text'), v.nonEmpty('must not be empty')),
  contextTokens: whole(100),
  stallSeconds: whole(1),
  checkpoints: oneOf(['automatic', 'off']),
  'permissions.allow': words,
  'permissions.ask': words,
  'permissions.deny': words,
  'redaction.allow': words,
  'redaction.patterns': patterns,
  'retention.olderThanDays': more,
  'retention.keepLast': whole(1),
  'retention.maxCount': whole(1),
  'retention.maxTotalBytes': size,
  'retention.keepTags': words,
  'retention.status': v.array(v.picklist(STATUSES, `must hold only ${STATUSES.join(', ')}`), 'must be a list'),
  'retention.action': oneOf(['trash', 'archive']),
  'retention.trashDays': more,
};

/** The value as it is used. Throws CONFIG_INVALID; `place` says where it stands: a file, a variable, the command line. */
export function checkedValue(key: string, value: unknown, place: string): ConfigValue {
  const schema = SCHEMAS[key];
  if (schema === undefined) throw new TypeError(`no schema for the setting ${key}`);
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new SessionError('CONFIG_INVALID', `${key} in ${place} ${result.issues[0].message}, and is ${shown(value)}`, {
    op: 'read config',
    hint: 'roo config lists every setting with its value and where it came from',
  });
}

/** Typed text as the value it means: `true`, `5`, `a,b`, `5GB`. */
export function valueFromText(key: string, text: string): unknown {
  const kind = SCHEMAS[key]?.type;
  if (kind === 'boolean')
    return text === 'true' || text === 'on' ? true : text === 'false' || text === 'off' ? false : text;
  // An expression may hold commas; a name with a sign of equality begins the next.
  if (key === 'redaction.patterns') return text.split(/,(?=[a-z0-9][a-z0-9-]{0,63}=)/);
  if (kind === 'array') return text.split(',').map((word) => word.trim());
  if (kind === 'number' || kind === 'union') return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : text;
  return text;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
