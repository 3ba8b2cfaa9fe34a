// A step of the script as both wire formats need it: texts filled in, deeds turned into calls with JSON arguments.

import { resolve } from 'node:path';
import type { Call, Step } from './scenario.ts';

export interface Spoken {
  think: string;
  sealed: string;
  text: string;
  calls: { id: string; name: string; args: unknown; json: string }[];
  finish: string | undefined;
  /** Counted, so that usage differs between requests. */
  inputTokens: number;
}

/** `itemCount` makes the ids: unique in a conversation, and the same ones in every run of it. */
export function spoken(step: Step, workingDirectory: string, itemCount: number): Spoken {
  const here = (text: string): string => text.replaceAll('$CWD', workingDirectory);
  return {
    think: step.think ?? '',
    sealed: step.sealed ?? '',
    text: step.longText === undefined ? here(step.text ?? '') : longText(step.longText),
    calls: (step.calls ?? []).map((call, i) => {
      const [name, args] = deed(call, workingDirectory);
      const json = here(JSON.stringify(args));
      // The text stops in the middle, as when a model runs out of tokens.
      const sent = call.malformed === true ? json.slice(0, Math.ceil(json.length * 0.6)) : json;
      return { id: `call_${itemCount}_${i}`, name, args: JSON.parse(json), json: sent };
    }),
    finish: step.finish,
    inputTokens: itemCount * 40,
  };
}

function deed(call: Call, workingDirectory: string): [name: string, args: unknown] {
  const path = (file: string): string => resolve(workingDirectory, file);
  if ('tool' in call) return [call.tool, call.args ?? {}];
  if ('shell' in call) return ['execute_command', { command: call.shell }];
  if ('read' in call) return ['read_file', { path: path(call.read) }];
  if ('write' in call) return ['write_file', { path: path(call.write), content: call.content }];
  return ['edit_file', { path: path(call.edit), old_text: call.old, new_text: call.new }];
}

/** Pieces as a model streams them; no character is cut in two. */
export function pieces(text: string, charactersMax = 48): string[] {
  return text === '' ? [] : (text.match(new RegExp(`[^]{1,${charactersMax}}`, 'gu')) ?? []);
}

function longText(characters: number): string {
  const lines = Array.from({ length: Math.ceil(characters / 64) }, (_, i) =>
    `${String(i + 1).padStart(6)}. and so it goes on, line after line, without an end`.padEnd(63),
  );
  return lines.join('\n').slice(0, characters);
}
