// HTTP headers that carry credentials: their value is one whatever it looks like, so the header's own grammar decides.

import { isExample } from './secret-likeness.ts';
import type { Span } from './span.ts';

const AFTER_NAME = /\\{0,3}["'\]]?[ \t]{0,4}(?:[:=]|=>|,)[ \t]{0,8}(?:\r?\n[ \t]{1,40})?(?:\\{0,3}["'`]|[fFbB]["'])?/y;
const SCHEME =
  /(?:(?:basic|bearer|token|digest|negotiate|ntlm|apikey|api-key|bot|key|oauth|hmac|signature|sso-key|genie-?key|splunk|aws4-hmac-sha256|sharedkey(?:lite)?)[ \t:]{1,4})?/iy;
// In two steps, for a text may be all such names: first as much as it takes to judge.
const CREDENTIAL = /[^\s"'`\\<>,;(){}]{6,256}/y;
const CREDENTIAL_REST = /[^\s"'`\\<>,;(){}]*/y;
const PARAMETERS = /[A-Za-z][\w-]{0,40}=[^\r\n"'\\]{6,2000}/y;
const QUOTED_PARAMETERS = /[A-Za-z][\w-]{0,40}=["\w][^\r\n]{6,2000}/y;
const COOKIES = /[^\s=;,"'`\\<>()]{1,80}=[^\r\n"'`\\]{1,200}/y;
const COOKIES_REST = /[^\r\n"'`\\]*/y;
const COOKIE_VALUE = /[^\s=;,"'`\\<>()]{1,80}=([^\s;"'`\\]{6,200})/y;
const COOKIE_VALUE_REST = /[^\s;"'`\\]*/y;
const BEARER = /[ \t]{1,4}([A-Za-z0-9._~+/-]{16,}={0,2})/y;
const PARAMETER_SCHEME = /^(?:digest|oauth|hmac|signature|aws4-hmac-sha256)/i;

/** The credential in the header that is named at `start`, up to `end`; undefined when the name is no such header. */
export function headerCredential(text: string, name: string, end: number): Span | undefined {
  const plain = name
    .toLowerCase()
    .replace(/^.*[^a-z-]/, '')
    .replace(/^-+/, '');
  if (plain === 'bearer') return bearer(text, end);
  if (plain === 'authorization' || plain === 'proxy-authorization') return authorization(text, end);
  if (plain === 'cookie' || plain === 'set-cookie' || plain === 'cookie2') return cookie(text, plain, end);
  return undefined;
}

function authorization(text: string, at: number): Span | undefined {
  const valueAt = skip(AFTER_NAME, text, at);
  if (valueAt === undefined) return undefined;
  const start = skip(SCHEME, text, valueAt)!;
  const scheme = text.slice(valueAt, start);
  if (PARAMETER_SCHEME.test(scheme)) {
    const end = skip(text[valueAt - 1] === '"' ? PARAMETERS : QUOTED_PARAMETERS, text, start);
    return end === undefined ? undefined : { start, end, rule: 'authorization' };
  }
  const end = skip(CREDENTIAL, text, start);
  if (end === undefined || text[end] === '(' || text[end] === '{') return undefined;
  const value = text.slice(start, end);
  // Without a scheme a word may be code: `authorization: req.headers.authorization`.
  if ((scheme === '' && !/[0-9]/.test(value)) || /^[A-Za-z_$][\w$]*\.[A-Za-z_$.]+$/.test(value) || isExample(value))
    return undefined;
  return { start, end: skip(CREDENTIAL_REST, text, end)!, rule: 'authorization' };
}

function cookie(text: string, name: string, at: number): Span | undefined {
  const start = skip(AFTER_NAME, text, at);
  if (start === undefined) return undefined;
  if (name === 'set-cookie') {
    COOKIE_VALUE.lastIndex = start;
    const found = COOKIE_VALUE.exec(text);
    if (found === null || isExample(found[1]!)) return undefined;
    const judgedEnd = start + found[0].length;
    return {
      start: judgedEnd - found[1]!.length,
      end: skip(COOKIE_VALUE_REST, text, judgedEnd)!,
      rule: 'set-cookie',
    };
  }
  const end = skip(COOKIES, text, start);
  if (end === undefined || text[end] === '`' || /[${(]/.test(text[start]!)) return undefined;
  const value = text.slice(start, end);
  if (isExample(value.slice(value.indexOf('=') + 1))) return undefined;
  return { start, end: skip(COOKIES_REST, text, end)!, rule: 'cookie' };
}

function bearer(text: string, at: number): Span | undefined {
  BEARER.lastIndex = at;
  const found = BEARER.exec(text);
  if (found === null || isExample(found[1]!) || !/[0-9]/.test(found[1]!)) return undefined;
  const end = at + found[0].length;
  return { start: end - found[1]!.length, end, rule: 'bearer-token' };
}

function skip(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
