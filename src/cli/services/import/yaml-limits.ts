// What a YAML parser must not be handed: it needs minutes and gigabytes for a megabyte of brackets. Its lexer, which
// takes a text apart in one pass, tells before.

import type { Lexer } from 'yaml';
import { SessionError } from '../../../core/errors.ts';
import { JSON_DEPTH_MAX } from '../../../core/json.ts';

/** Some hundred thousand values; the export of a session of ten thousand messages has a third of it. */
const TOKENS_MAX = 1_000_000;

/** Throws RECORD_TOO_DEEP and IMPORT_REFUSED. */
export function assertModestYaml(text: string, path: string, lexer: Lexer): void {
  let tokens = 0;
  let brackets = 0;
  /** `- `, `? ` and `: ` each begin a level, several of them in a line too. */
  let inLine = 0;
  for (const token of lexer.lex(text)) {
    if (++tokens > TOKENS_MAX) throw tooMany(path);
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '-' || token === '?') inLine++;
    else if (token === '\n') inLine = 0;
    if (brackets > JSON_DEPTH_MAX || inLine > JSON_DEPTH_MAX) throw tooDeep(path);
  }
}

export function tooDeep(path: string, cause?: unknown): SessionError {
  const message = `${path} is nested more than ${JSON_DEPTH_MAX} levels`;
  return new SessionError('RECORD_TOO_DEEP', message, { op: 'import', path, cause });
}

function tooMany(path: string): SessionError {
  const hint = 'export the session as json or jsonl: those are read in pieces';
  return new SessionError('IMPORT_REFUSED', `${path} holds too many values for YAML`, { op: 'import', path, hint });
}
