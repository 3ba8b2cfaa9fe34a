// Where a text may be cut so that no secret is cut. A stream hands text on up to such a place; whole texts are treated
// in the same segments, so that both find the same. No rule looks across a safe cut.

import { endsInOpenWord } from './open-word.ts';
import { openKeyFinder } from './private-keys.ts';
import type { Span } from './span.ts';

/** Characters that may be held back at most. */
export const HELD_CHARACTERS_MAX = 65_536;
/** A forced cut keeps this much text after it in view, more than any token has. */
const MARGIN_CHARACTERS = 8_192;
/** How far back from there a space or comma is looked for. */
const SOFT_CHARACTERS_MAX = 1_024;
const TAIL_CHARACTERS = 256;

/**
 * A line after which the next may belong to it: it ends in a separator, an opening quote after one, a block scalar, a
 * continuation, a scheme, or a name that a value could follow. More lines than need be: holding back costs a moment only.
 */
const OPEN_LINE =
  /(?:[:=]>?[ \t]*[|>]?[+-]?|\\|(?:basic|bearer|token|digest|login[ \t]+\S{1,100})|(?:pass|pwd|pw|secret|token|key|auth|cred|cookie|jwt|session|salt|nonce|pin|otp|sig|dsn)[\w.-]{0,80}\\?(?:["'`\])>]*|<\/(?:key|name)>)[ \t]*[,{]?)[ \t]*(?:[bBrRuUfFL@$]?\\*["'`])?[ \t]*\\?\r?$/i;

export interface CutRules {
  /** True when a known value with a line break in it begins in the text before the cut and goes on after it. */
  splitsKnownValue(text: string, cut: number): boolean;
}

/**
 * The last safe cut in (after, to], always behind a line break; -1 when there is none. `text` begins at a cut, and its
 * line breaks up to `after` were found unsafe before.
 */
export function lastSafeCut(text: string, after: number, to: number, rules: CutRules): number {
  const isInKey = openKeyFinder(text);
  for (let lineBreak = text.lastIndexOf('\n', to - 1); lineBreak >= after;) {
    const keyStart = isInKey(lineBreak + 1);
    if (keyStart >= 0) {
      // Nothing behind the beginning of an open key is safe.
      lineBreak = keyStart === 0 ? -1 : text.lastIndexOf('\n', keyStart - 1);
      continue;
    }
    const lineStart = lineBreak === 0 ? 0 : text.lastIndexOf('\n', lineBreak - 1) + 1;
    const tail = text.slice(Math.max(lineStart, lineBreak - TAIL_CHARACTERS), lineBreak);
    if (!OPEN_LINE.test(tail) && !rules.splitsKnownValue(text, lineBreak + 1)) return lineBreak + 1;
    lineBreak = lineStart - 1;
  }
  return -1;
}

/**
 * A cut in a segment that grew too long without a safe one: `spans` are the secrets in the window, and none of them is
 * cut. Deterministic, so that a stream and a whole text are cut alike.
 */
export function forcedCut(text: string, spans: readonly Span[]): number {
  const latest = HELD_CHARACTERS_MAX - MARGIN_CHARACTERS;
  let cut = latest;
  const soft = text.slice(latest - SOFT_CHARACTERS_MAX, latest).search(/[\s,;](?=[^\s,;]*$)/);
  if (soft >= 0 && !isOpenTail(text, latest - SOFT_CHARACTERS_MAX + soft + 1))
    cut = latest - SOFT_CHARACTERS_MAX + soft + 1;
  if (isLowSurrogate(text, cut)) cut--;
  // Behind the secret, never before it: what stands before may be the name that makes it one.
  return spans.find(({ start, end }) => start < cut && cut < end)?.end ?? cut;
}

/**
 * A cut in the middle of a line, for text that must be shown now: after white space, with no name before it that a
 * value could follow, and outside `spans`. -1 when there is none.
 */
export function liveCut(text: string, spans: readonly Span[], rules: CutRules): number {
  // A line that is held although it is finished has something to say about the next.
  if (text.includes('\n') || openKeyFinder(text)(text.length) >= 0) return -1;
  for (let cut = text.length; cut > 0; cut--) {
    if (!/\s/.test(text[cut - 1]!)) continue;
    if (spans.some(({ start, end }) => start < cut && cut <= end + 1 && end !== cut - 1)) continue;
    if (isOpenTail(text, cut) || endsInOpenWord(text, cut) || rules.splitsKnownValue(text, cut)) continue;
    return cut;
  }
  return -1;
}

/** A name with at most a verb, a separator and the begin of a quoted text after it; or a header; or a command. */
const OPEN_TAIL =
  /(?:(?:pass|pwd|pw|secret|token|key|auth|cred|jwt|session|salt|nonce|pin|otp|sig|dsn|bearer|basic|digest|identified by)[\w.-]{0,40}\\*["'`\])*]*[ \t]*(?:is|was|are|to|as|value|[:=>,|?!(.+-]{0,3})[ \t:=>"'`\\]*(?:&?(?:'?static )?(?:str|string|char ?\*|final|secretstr|any)[ \t]*=?[ \t]*["'`]?)?|(?:pass|pwd|secret|token|key|auth|cred)[\w.-]{0,40}\\*["'`\]]*[ \t]*[:=]>?[ \t]*\\*(?:"[^"\n]*|'[^'\n]*|`[^`\n]*)|(?:\b(?:env|setx|setenv|set -g?x)|#define)[ \t]+(?:\S{1,80}[ \t]+)?|(?:cookie|authorization)["'\]]*[ \t]*[:=][^\n]*|\b(?:curl|https?|wget|xh|mysql\w*|mariadb|sshpass|docker|podman|redis-cli|ldap\w+|smbclient|openssl|htpasswd|sqlplus|login|az|oc|helm)[ \t][^\n]*)$/i;

function isOpenTail(text: string, cut: number): boolean {
  return (
    OPEN_TAIL.test(text.slice(Math.max(0, cut - 2 * TAIL_CHARACTERS), cut)) ||
    OPEN_LINE.test(text.slice(Math.max(0, cut - TAIL_CHARACTERS), cut))
  );
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
