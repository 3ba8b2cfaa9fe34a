// A setting's value as typed on the command line: a mistake there is a wrong command line, not a broken file.

import { SessionError } from '../../core/errors.ts';
import { usage } from '../args/parse-args.ts';
import type { ConfigValue } from '../config/config-keys.ts';

/** Throws USAGE. */
export async function typedValue(key: string, text: string): Promise<ConfigValue> {
  const { checkedValue, valueFromText } = await import('../config/config-schema.ts');
  try {
    return checkedValue(key, valueFromText(key, text), 'the command line');
  } catch (error) {
    if (error instanceof SessionError && error.code === 'CONFIG_INVALID') throw usage(error.message, error.hint);
    throw error;
  }
}
