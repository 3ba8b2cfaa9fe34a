// Finds the secrets of this machine in every form, and tells where a cut would split one that spans lines.

import { valueForms } from './known-value-forms.ts';
import type { CutRules } from './segments.ts';
import type { Finder } from './span.ts';
import { MATCHED_CHARACTERS_MIN, stringMatcher } from './string-matcher.ts';

const BASE64_UNIT = /[A-Za-z0-9+/_-]/;

export interface KnownValueMatcher extends CutRules {
  find: Finder;
}

export function knownValueMatcher(values: readonly string[]): KnownValueMatcher {
  const forms = values
    .filter(({ length }) => length >= MATCHED_CHARACTERS_MIN)
    .flatMap((value) => valueForms(value))
    .filter(({ text }) => text.length >= MATCHED_CHARACTERS_MIN);
  const match = stringMatcher(forms.map(({ text }) => text));
  // Only a form with white space can be cut at a line's end or between words.
  const spaced = forms.map(({ text }) => text).filter((text) => /\s/.test(text));
  return {
    find(text, report) {
      match(text, ({ start, end, index }) => {
        const { partBefore, partAfter } = forms[index]!;
        const hasBefore = partBefore === 1 && start > 0 && BASE64_UNIT.test(text[start - 1]!);
        const hasAfter = partAfter === 1 && end < text.length && BASE64_UNIT.test(text[end]!);
        report({ start: hasBefore ? start - 1 : start, end: hasAfter ? end + 1 : end, rule: 'known-value' });
      });
    },
    splitsKnownValue(text, cut) {
      return spaced.some((form) => endsWithPartOf(text, cut, form));
    },
  };
}

/** True when the text before `cut` ends with a beginning of `form` that is not all of it. */
function endsWithPartOf(text: string, cut: number, form: string): boolean {
  const last = text[cut - 1]!;
  for (let part = form.indexOf(last); part >= 0 && part < form.length - 1; part = form.indexOf(last, part + 1)) {
    if (text.endsWith(form.slice(0, part + 1), cut)) return true;
  }
  return false;
}
