// Redaction of values: every string and every key at any depth, decoded. A value beside a key is looked at together
// with it, since `{"password": "hunter2"}` holds no secret in either string alone.

import { SessionError } from '../errors.ts';
import { JSON_DEPTH_MAX, isRawJson } from '../json.ts';
import { PLACEHOLDER_START } from './placeholder.ts';
import type { Found } from './redactor.ts';

type RedactText = (text: string) => { text: string; found: Found[] };

/** The names of a pair of fields that are one setting: `{"name": "DB_PASSWORD", "value": "…"}`. */
const NAME_FIELDS = ['name', 'key', 'Name', 'Key', 'header', 'field', 'variable'];
const VALUE_FIELDS: ReadonlySet<string> = new Set([
  'value',
  'Value',
  'default',
  'values',
  'string_value',
  'stringValue',
]);

export function redactJson(value: unknown, redactText: RedactText): { value: unknown; found: Found[] } {
  const walk = new Walk(redactText);
  return { value: walk.redacted(value, 0, ''), found: walk.found };
}

class Walk {
  readonly found: Found[] = [];
  readonly #redactText: RedactText;

  constructor(redactText: RedactText) {
    this.#redactText = redactText;
  }

  /** `name` is the key that the value stands under, '' for none. */
  redacted(value: unknown, depth: number, name: string): unknown {
    if (typeof value === 'string') return this.#string(value, name);
    if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
    // A value that holds itself ends here too.
    if (depth >= JSON_DEPTH_MAX) {
      throw new SessionError('RECORD_TOO_DEEP', `nested more than ${JSON_DEPTH_MAX} levels`, { op: 'redact' });
    }
    return Array.isArray(value) ? this.#array(value, depth, name) : this.#object(value, depth);
  }

  #array(list: unknown[], depth: number, name: string): unknown[] {
    let changed: unknown[] | undefined;
    for (const [index, item] of list.entries()) {
      const before: unknown = list[index - 1];
      // `["--password", "…"]`: a flag names what comes after it.
      const flag = typeof before === 'string' && /^--?[A-Za-z][\w-]*$/.test(before) ? before : name;
      const redacted = this.redacted(item, depth + 1, flag);
      if (redacted !== item) (changed ??= [...list])[index] = redacted;
    }
    return changed ?? list;
  }

  #object(object: object, depth: number): object {
    const fields = Object.entries(object);
    const pairName = NAME_FIELDS.map((field) =>
      Object.hasOwn(object, field) ? (object as Record<string, unknown>)[field] : undefined,
    ).find((field) => typeof field === 'string');
    let isChanged = false;
    const redacted = fields.map(([key, value]): [string, unknown] => {
      const name = typeof pairName === 'string' && VALUE_FIELDS.has(key) ? pairName : key;
      const field: [string, unknown] = [this.#string(key, ''), this.redacted(value, depth + 1, name)];
      isChanged ||= field[0] !== key || field[1] !== value;
      return field;
    });
    // Defined, not assigned: `__proto__` is a key like any other.
    return isChanged ? Object.fromEntries(redacted) : object;
  }

  #string(text: string, name: string): string {
    const alone = this.#redactText(text);
    if (name === '' || name.length > 80 || text.length > 8192 || text === '') return this.#taken(alone);
    const whole = beside(name, text, this.#redactText);
    return this.#taken(whole ?? alone);
  }

  #taken({ text, found }: { text: string; found: Found[] }): string {
    this.found.push(...found);
    return text;
  }
}

/** The value as it is redacted beside its name; null when the name makes no difference. */
function beside(name: string, text: string, redactText: RedactText): { text: string; found: Found[] } | null {
  // As JSON would write it on one line, with what would end the string early taken out of the way.
  if (/["\\\n\r]/.test(name)) return null;
  const quote = text.includes('"') ? (text.includes("'") ? '`' : "'") : '"';
  if (text.includes(quote) || /[\n\r\\]/.test(text)) return null;
  const start = `"${name}": ${quote}`;
  const { text: redacted, found } = redactText(start + text + quote);
  if (!redacted.startsWith(start) || !redacted.endsWith(quote)) return null;
  const value = redacted.slice(start.length, -quote.length);
  return value.includes(PLACEHOLDER_START) && found.length > 0 ? { text: value, found } : null;
}
