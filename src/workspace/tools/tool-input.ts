// Arguments as models send them: checked by hand, because the answer to a wrong one is read by the model and should
// say what to send instead. Numbers and booleans in quotes are taken: many models send them so.

import type { ToolInput } from '../../core/tool.ts';
import { Refusal } from './tool-answers.ts';

export function requiredText(input: ToolInput, key: string): string {
  const value = optionalText(input, key);
  if (value !== undefined) return value;
  const given = Object.keys(input);
  throw new Refusal(
    `The argument "${key}" is missing. Given: ${given.length === 0 ? 'nothing' : given.slice(0, 10).join(', ')}.`,
  );
}

export function optionalText(input: ToolInput, key: string): string | undefined {
  const value = input[key] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new Refusal(`The argument "${key}" must be a string.`);
}

export function optionalBoolean(input: ToolInput, key: string): boolean {
  const value = input[key] ?? false;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Refusal(`The argument "${key}" must be true or false.`);
}

/** A whole number from 1 to `max`. */
export function optionalCount(input: ToolInput, key: string, max: number): number | undefined {
  const value = input[key] ?? undefined;
  if (value === undefined) return undefined;
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new Refusal(`The argument "${key}" must be a whole number from 1 to ${max}.`);
}

/** For `Tool.subject`, which is asked before the arguments are checked; never throws. */
export function textOrEmpty(input: ToolInput, key: string): string {
  const value = input[key];
  return typeof value === 'string' ? value : '';
}
