// Finds values by the name beside them: assignments in any language, JSON, YAML, INI, flags, headers, sentences. One
// pass looks for letters that such names have; everything else happens at the few places found.

import { headerCredential } from './headers.ts';
import type { LabelledRule } from './labelled-tokens.ts';
import { NOTHING, labelledSecret, spellings } from './labelled-values.ts';
import type { Looked } from './labelled-values.ts';
import { NAME_CHARACTERS_MAX, isNameUnit, nameEnd, nameStart } from './name-bounds.ts';
import { prefixScanner } from './prefix-scan.ts';
import { NAME_STEMS, nameJudge } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';
import type { Finder } from './span.ts';
import { isSecretValue, isTypedSecret } from './value-judgement.ts';
import { readValue, wholeValueEnd } from './value-reader.ts';

/** Values with one end lie in each other; when so many of them are no secret, the rest of the run is none either. */
const NESTED_VALUES_MAX = 4;
/** Stems of the names that headers.ts knows. */
const HEADER_STEMS: ReadonlySet<string> = new Set(['auth', 'cookie', 'bearer']);
/** What a name and its value may follow with nothing but a space between the two. */
const SPACED_BEFORE = /(?:^|[\s;])(?:ENV|setx|setenv|set -g?x|#define)[ \t]{1,4}$/;
/** Functions that take a secret's name, or one to look at, and not the secret of anything. */
const ASKING =
  /(?:^|[._-])(?:get|has|is|find|fetch|load|read|check|verify|validate|compare|lookup|delete|remove|parse|use|test|mock|hash)[^.]*$/i;
const PREVIOUS_WORD = /([A-Za-z][A-Za-z-]{1,20})[ ]$/;

export function namedValueFinder(rules: readonly LabelledRule[]): Finder {
  const judge = nameJudge();
  const labels = new Map(
    rules.flatMap((rule) => rule.labels.flatMap(spellings).map((label) => [label, rule] as const)),
  );
  const scan = prefixScanner([...NAME_STEMS, ...labels.keys()], 'folded');
  return (text, report) => {
    const nested = { end: -1, count: 0 };
    scan(text, (at, stem) => {
      const start = nameStart(text, at);
      const end = nameEnd(text, at + stem.length);
      if (end - start > NAME_CHARACTERS_MAX) return end;
      if (!mayPrecedeValue(text, end)) return end;
      const header = HEADER_STEMS.has(stem) ? headerCredential(text, text.slice(start, end), end) : undefined;
      const named = header === undefined ? namedSecret(text, start, end, judge) : { ...NOTHING, span: header };
      const rule = labels.get(stem);
      const looked = named.span === undefined && rule !== undefined ? labelledSecret(text, start, end, rule) : named;
      if (looked.span !== undefined) {
        report(looked.span);
        return Math.max(end, looked.span.end);
      }
      const valueEnd = Math.max(named.valueEnd, looked.valueEnd);
      nested.count = valueEnd === nested.end ? nested.count + 1 : 1;
      nested.end = valueEnd;
      return Math.max(end, nested.count < NESTED_VALUES_MAX ? named.goOnAt : valueEnd);
    });
  };
}

/** False where no value can follow: a call, a path, the end of a statement. Most names stand in such places. */
function mayPrecedeValue(text: string, end: number): boolean {
  const next = text[end];
  if (next === '(') return /["'`]/.test(text.slice(end + 1, end + 4));
  if (next === '<') return text.startsWith('</key>', end) || text.startsWith('</name>', end);
  if (next === '+') return text[end + 1] === '=';
  return next !== undefined && !';/{}'.includes(next);
}

function namedSecret(text: string, start: number, end: number, judge: (name: string) => NameKind): Looked {
  const name = text.slice(start, end);
  const isFlag = name.startsWith('-');
  let kind = judge(name);
  if (kind !== 'password' && !isFlag && text[start - 1] === ' ' && isNameUnit(text.charCodeAt(start - 2))) {
    const previous = PREVIOUS_WORD.exec(text.slice(Math.max(0, start - 24), start));
    if (previous !== null) kind = judge(`${previous[1]}_${name}`);
  }
  if (kind === 'none') return NOTHING;
  const isSpaced = isFlag || SPACED_BEFORE.test(text.slice(Math.max(0, start - 12), start));
  const isStatement = /^(?:PASSWORD|IDENTIFIED BY)$/i.test(name);
  const mayBeSpaced = isSpaced || isStatement || kind === 'strong' || kind === 'password';
  const read = readValue(text, start, end, mayBeSpaced ? 'spaced' : 'name');
  if (read === null || read.end <= read.start) return NOTHING;
  // In `password.encode("utf-8")` the method is the name.
  if (read.separator === '(' && (ASKING.test(name) || judge(name.slice(name.lastIndexOf('.') + 1)) === 'none'))
    return NOTHING;
  if (kind === 'weak' && isQuery(text, start)) kind = 'strong';
  const value = text.slice(read.start, read.end);
  // `the api token 5f2c…`: nothing says that the next word is the value, so it must look like one.
  const needsProof = read.separator === ' ' && !isSpaced && !(isStatement && read.setting === 'quoted');
  if (needsProof && !isTypedSecret(value)) return NOTHING;
  if (isSecretValue(kind, value, read, text[read.end] ?? '')) {
    const valueEnd = wholeValueEnd(text, read);
    const rule = kind === 'password' ? 'password' : 'named-secret';
    return { ...NOTHING, span: { start: read.start, end: valueEnd, rule } };
  }
  if (read.setting === 'quoted' && isDockerAuth(name, value)) {
    return { ...NOTHING, span: { start: read.start, end: read.end, rule: 'basic-auth' } };
  }
  // A value that stays is looked at too: it may hold names of its own, as a URL in a variable does. Not a very long
  // one, for a text may be made of nothing but names.
  return { span: undefined, valueEnd: read.end, goOnAt: read.isCutShort ? read.end : end };
}

/** `"auth": "<base64 of user:password>"`, as container registries are logged in to. */
function isDockerAuth(name: string, value: string): boolean {
  return (
    /^_?auth$/.test(name) && value.length % 4 === 0 && /^[A-Za-z0-9+/]{12,}={0,2}$/.test(value) && /[A-Z]/.test(value)
  );
}

function isQuery(text: string, start: number): boolean {
  return text[start - 1] === '?' || text[start - 1] === '&';
}
