// The grammar of `roo session find`, and what a query means. Every text is a query: what is no operator is a word.
//
//   word          the whole word or a part of an identifier (`json` finds `parseJson` and `parse_json`), whatever the
//                 case and the accents; in scripts without spaces, the characters anywhere
//   auth*         words that begin so
//   "a phrase"    these words in this order
//   =>  ::  !==   something without letters or digits: these characters anywhere
//   -word         not in the same message; also before a phrase and before every field but the two dates
//   tool:bash  file:src/a.ts  role:user|assistant|tool|system     of the message: its calls, paths, speaker
//   tag:x  project:path-or-its-end  status:completed              of the session
//   before:2026-01-31  after:7d       message times: [after, before); dates are UTC; 30m 12h 7d 2w 1y are ago
//
// All words must be in one message. Fields of one name are alternatives for role, project and status (a message has
// only one), and must all hold for tag, tool and file. Without words, tools and files a query is for sessions: those
// that fit and were at work in that time. Where not one message matches, the same query is asked once more with every
// word and phrase as a piece of text anywhere (words of one or two letters: as beginnings of words).

import { SessionError } from './errors.ts';
import type { Role, Status } from './record.ts';

export type Sign = 'with' | 'without';

export interface FindTerm {
  kind: 'word' | 'prefix' | 'phrase' | 'symbols';
  /** Never empty; white space collapsed; holds a letter or digit unless the kind is `symbols`. */
  text: string;
  sign: Sign;
}

export interface FindField<Value extends string = string> {
  value: Value;
  sign: Sign;
}

export type FindRole = Role | 'tool';

export interface FindQuery {
  terms: FindTerm[];
  tags: FindField[];
  projects: FindField[];
  statuses: FindField<Status>[];
  roles: FindField<FindRole>[];
  tools: FindField[];
  files: FindField[];
  /** Messages at or after this, and before that; milliseconds since 1970; null for no bound. */
  afterMs: number | null;
  beforeMs: number | null;
}

/** Longer queries are pasted by accident, and SQLite would refuse their expression. */
const QUERY_CHARACTERS_MAX = 4_096;
const TERMS_MAX = 100;

const ROLES: readonly FindRole[] = ['user', 'assistant', 'tool', 'system'];
const STATUSES: readonly Status[] = ['active', 'paused', 'completed', 'aborted'];
const LISTS = {
  tag: 'tags',
  project: 'projects',
  status: 'statuses',
  role: 'roles',
  tool: 'tools',
  file: 'files',
} as const;

/** A sign, a field name, then a quoted or a plain value. `--flag` is a word; an open quote runs to the end. */
const TOKEN = /(-(?!-)|)(?:([a-z]+):)?(?:"([^"]*)(?:"|$)|([^\s"]+))/giu;
const LETTER_OR_DIGIT = /[\p{L}\p{N}\p{Co}]/u;

/** Throws USAGE for a text beyond all measure, which a pattern may be as well as a query. */
export function assertQueryLength(text: string): void {
  if (text.length > QUERY_CHARACTERS_MAX) throw usage(`a query has at most ${QUERY_CHARACTERS_MAX} characters`);
}

/** Parses a query. Throws USAGE for a date, role or status that is none, and for a text beyond all measure. */
export function parseFindQuery(text: string, nowMs: number): FindQuery {
  assertQueryLength(text);
  const query: FindQuery = {
    terms: [],
    tags: [],
    projects: [],
    statuses: [],
    roles: [],
    tools: [],
    files: [],
    afterMs: null,
    beforeMs: null,
  };
  // NUL ends a text inside SQLite; halves of surrogate pairs cannot be stored at all.
  for (const match of text.replaceAll('\0', ' ').toWellFormed().normalize('NFC').matchAll(TOKEN)) {
    const [whole, minus, name = '', quoted, plain] = match;
    const value = (quoted ?? plain ?? '').replace(/\s+/gu, ' ').trim();
    if (value !== '' && addField(query, name.toLowerCase(), value, minus ? 'without' : 'with', nowMs)) continue;
    if (name === '') addTerm(query, value, quoted === undefined ? 'word' : 'phrase', minus ? 'without' : 'with');
    else addWords(query, whole);
  }
  if (query.terms.length > TERMS_MAX) throw usage(`a query has at most ${TERMS_MAX} words`);
  const asked = [...query.terms, ...query.tools, ...query.files];
  if (asked.length > 0 && asked.every(({ sign }) => sign === 'without')) {
    throw usage('the query only says what is not wanted: add a word that is');
  }
  return query;
}

/** True when nothing in the query is looked for in the words of messages: sessions alone decide. */
export function asksSessionsOnly(query: FindQuery): boolean {
  return query.terms.length + query.tools.length + query.files.length === 0;
}

/**
 * A time as people write it: ISO 8601 (a date alone is its first moment in UTC), or how long ago: `30m`, `12h`, `7d`,
 * `2w`, `1y`. Null for anything else.
 */
export function parseTime(text: string, nowMs: number): number | null {
  const ago = /^([0-9]{1,6})(m|h|d|w|y)$/i.exec(text);
  if (ago) return nowMs - Number(ago[1]) * AGO_MS[ago[2]!.toLowerCase() as keyof typeof AGO_MS];
  const iso = /^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+)?)?)?)?$/i.exec(text);
  if (!iso) return null;
  // Without a zone JavaScript would read a date as UTC and a time as local.
  const atMs = Date.parse(iso[1] !== undefined && iso[2] === undefined ? `${text}Z` : text);
  return Number.isNaN(atMs) ? null : atMs;
}

const HOUR_MS = 3_600_000;
const AGO_MS = { m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS, y: 365 * 24 * HOUR_MS };

/** False when the name is no field: `http://x` and `std::string` are words. */
function addField(query: FindQuery, name: string, value: string, sign: Sign, nowMs: number): boolean {
  switch (name) {
    case 'before':
    case 'after': {
      if (sign === 'without') throw usage(`-${name}: says nothing; use ${name === 'before' ? 'after' : 'before'}:`);
      const atMs = parseTime(value, nowMs);
      if (atMs === null) throw usage(`${name}:${value} is no date: use 2026-01-31, 2026-01-31T12:00Z or 7d`);
      query[`${name}Ms`] = atMs;
      return true;
    }
    case 'role':
      query.roles.push({ value: oneOf(ROLES, name, value), sign });
      return true;
    case 'status':
      query.statuses.push({ value: oneOf(STATUSES, name, value), sign });
      return true;
    case 'tag':
    case 'project':
    case 'tool':
    case 'file':
      query[LISTS[name]].push({ value, sign });
      return true;
    default:
      return false;
  }
}

/** `foo:"bar baz"` where foo is no field: everything as it stands, quotes apart. */
function addWords(query: FindQuery, token: string): void {
  const sign = token.startsWith('-') ? 'without' : 'with';
  const text = token.replace(/^-/, '').replaceAll('"', ' ').replace(/\s+/gu, ' ').trim();
  addTerm(query, text, text.includes(' ') ? 'phrase' : 'word', sign);
}

function addTerm(query: FindQuery, text: string, kind: 'word' | 'phrase', sign: Sign): void {
  if (text === '') return;
  if (LETTER_OR_DIGIT.test(text)) {
    const prefix = kind === 'word' && /[\p{L}\p{N}]\*+$/u.test(text);
    query.terms.push({ kind: prefix ? 'prefix' : kind, text: prefix ? text.replace(/\*+$/, '') : text, sign });
  } else if (text !== '-' && !/^\*+$/.test(text)) {
    query.terms.push({ kind: 'symbols', text, sign });
  }
}

function oneOf<Value extends string>(values: readonly Value[], name: string, text: string): Value {
  const value = values.find((value) => value === text.toLowerCase());
  if (value === undefined) throw usage(`${name}:${text} is unknown: use ${values.join(', ')}`);
  return value;
}

function usage(message: string): SessionError {
  return new SessionError('USAGE', message, { op: 'find', hint: 'put words that look like a field in double quotes' });
}
