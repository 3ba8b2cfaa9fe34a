// A setting's value as typed on the command line: a mistake there is a wrong command line, not a broken file.

import { SessionError } from '../../core/errors.ts';
import { usage } from '../args/parse-args.ts';
import type { ConfigValue } from '../config/config-keys.ts';

/** `typed` is text, or a list that was put together already. Throws USAGE. */
export async function typedValue(key: string, typed: string | readonly unknown[]): Promise<ConfigValue> {
  const { checkedValue, valueFromText } = await import('../config/config-schema.ts');
  try {
    return checkedValue(key, typeof typed === 'string' ? valueFromText(key, typed) : typed, 'the command line');
  } catch (error) {
    if (error instanceof SessionError && error.code === 'CONFIG_INVALID') throw usage(error.message, error.hint);
    throw error;
  }
}

/** True for a setting that holds any number of words. */
export async function isList(key: string): Promise<boolean> {
  const { valueFromText } = await import('../config/config-schema.ts');
  return Array.isArray(valueFromText(key, ''));
}
