// An error as one good paragraph on stderr: what, where, why, and what to do now.

import { SessionError } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import { safeLine, safeText } from '../../core/safe-text.ts';
import type { Style } from './style.ts';

export function errorText(error: SessionError, style: Style): string {
  const where = place(error);
  const cause = causeText(error);
  const lines = [
    `${style('red', 'roo:')} ${safeLine(error.message)}${where === '' ? '' : ` (${where})`}${cause}`,
    ...candidateLines(error),
  ];
  if (error.hint !== undefined) lines.push(hintText(error.hint, style));
  return `${lines.join('\n')}\n`;
}

export function warningText(warning: Warning, style: Style): string {
  const where = place(warning);
  const first = `${style('yellow', 'warning:')} ${safeLine(warning.message)}${where === '' ? '' : ` (${where})`}`;
  return warning.hint === undefined ? `${first}\n` : `${first}\n${hintText(warning.hint, style)}\n`;
}

/** Lines after the first are indented, so that none can pass for an error of its own. */
function hintText(hint: string, style: Style): string {
  const [first = '', ...rest] = hint.split('\n').map(safeLine);
  return [`${style('dim', 'hint:')} ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
}

/** Stacks of an error and all its causes, for ROO_DEBUG. */
export function debugText(error: unknown): string {
  const stacks: string[] = [];
  for (
    let at: unknown = error;
    at !== undefined && stacks.length < 10;
    at = (at as { cause?: unknown } | null)?.cause
  ) {
    stacks.push(safeText(at instanceof Error ? (at.stack ?? String(at)) : String(at)));
  }
  return `${stacks.join('\ncaused by: ')}\n`;
}

/** The path, unless the message names it already, and the byte. */
function place(at: { message: string; path?: string | undefined; offsetBytes?: number | undefined }): string {
  const path = at.path !== undefined && !at.message.includes(at.path) ? safeLine(at.path) : undefined;
  const byte = at.offsetBytes !== undefined ? `byte ${at.offsetBytes}` : undefined;
  return [path, byte].filter((part) => part !== undefined).join(', ');
}

/** The deepest cause that says something new. */
function causeText(error: SessionError): string {
  let cause: unknown = error.cause;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  if (!(cause instanceof Error) || cause.message === '' || error.message.includes(cause.message)) return '';
  return `: ${safeLine(cause.message)}`;
}

const CANDIDATES_MAX = 10;

/** An ambiguous reference lists what it could be. */
function candidateLines(error: SessionError): string[] {
  const candidates = error.data?.['candidates'];
  if (!Array.isArray(candidates)) return [];
  const lines = candidates.slice(0, CANDIDATES_MAX).map((candidate: unknown) => {
    if (typeof candidate === 'string') return `  ${safeLine(candidate)}`;
    const { id, name } = (candidate ?? {}) as { id?: unknown; name?: unknown };
    return `  ${safeLine(String(id))}${typeof name === 'string' && name !== '' ? `  ${safeLine(name)}` : ''}`;
  });
  if (candidates.length > CANDIDATES_MAX) lines.push(`  and ${candidates.length - CANDIDATES_MAX} more`);
  return lines;
}
