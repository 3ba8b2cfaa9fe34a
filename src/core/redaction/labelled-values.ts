// Finds values beside the name of a provider, whose keys have no mark of their own.

import type { LabelledRule } from './labelled-tokens.ts';
import { isExample } from './secret-likeness.ts';
import type { Span } from './span.ts';
import { isMachineMade } from './value-judgement.ts';
import { readValue } from './value-reader.ts';

const NOT_A_CREDENTIAL =
  /sha|commit|hash|digest|release|version|etag|revision|checksum|(?:^|[^a-z])ids?(?:$|[^a-z])|build|branch|uuid|guid|trace|span|request/i;
const CREDENTIAL_WORD = /key|token|secret|auth|cred|pass|pwd/i;
const LABEL_WORDS = /[ \w.-]{0,40}/y;

/** What stands beside a name. */
export interface Looked {
  span: Span | undefined;
  valueEnd: number;
  /** Where to look for the next name. */
  goOnAt: number;
}

export const NOTHING: Looked = { span: undefined, valueEnd: 0, goOnAt: 0 };

/** `new_relic` is written with `_`, `-`, a space or nothing between. */
export function spellings(label: string): string[] {
  return label.includes('_') ? ['_', '-', ' ', ''].map((joint) => label.replaceAll('_', joint)) : [label];
}

/** `start` and `end` are those of the name that holds the label. */
export function labelledSecret(text: string, start: number, end: number, rule: LabelledRule): Looked {
  LABEL_WORDS.lastIndex = end;
  LABEL_WORDS.test(text);
  let labelEnd = LABEL_WORDS.lastIndex;
  // `Heroku key is …`: the words may have swallowed the verb and the value.
  const verb = / (?:is|was|to|as) |[ ]+$/.exec(text.slice(end, labelEnd));
  if (verb !== null) labelEnd = end + verb.index;
  if (NOT_A_CREDENTIAL.test(text.slice(start, labelEnd))) return NOTHING;
  const read = readValue(text, start, labelEnd, 'label');
  if (read === null) return NOTHING;
  const value = text.slice(read.start, read.end);
  const isShaped =
    rule.shape === 'random'
      ? CREDENTIAL_WORD.test(text.slice(start, labelEnd)) && isMachineMade(value)
      : rule.shape.test(value);
  if (!isShaped || !/[0-9]/.test(value) || isExample(value)) {
    return { span: undefined, valueEnd: read.end, goOnAt: 0 };
  }
  return { ...NOTHING, span: { start: read.start, end: read.end, rule: rule.name } };
}
