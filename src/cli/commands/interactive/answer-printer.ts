// An answer on the screen while it comes: text as it is, thinking dimmed, a line for each tool call. What a model or a
// tool wrote never steers the terminal, wherever its pieces were cut.

import { oneLine } from '../../../core/message-text.ts';
import { safeLine } from '../../../core/safe-text.ts';
import type { ToolStatus } from '../../../core/record.ts';
import type { OutputStream } from '../../output/stream-writer.ts';
import type { Style } from '../../output/style.ts';
import { duration } from '../../output/units.ts';
import { SafeStream } from './safe-stream.ts';
import { ToolLines } from './tool-lines.ts';

export interface AnswerPrinter {
  text(piece: string): void;
  /** Shown on terminals only: it is no part of the answer. */
  thinking(piece: string): void;
  /** Calls may run side by side; `callId` then tells whose output it is. */
  toolStart(name: string, subject: string, callId?: string): void;
  toolOutput(piece: string | Uint8Array, callId?: string): void;
  toolEnd(status: ToolStatus, exitCode: number | undefined, durationMs: number | undefined, callId?: string): void;
  /** The model is asked once more; what it said so far counts for nothing. */
  retry(reason: string): void;
  /** Ends the last line. Nothing may be printed afterwards. */
  end(): void;
}

export interface PrinterLook {
  style: Style;
  isTerminal: boolean;
  /** How the rest of a long output is seen. */
  seeAll?: string;
}

type Kind = 'text' | 'thinking' | 'notes';

const COLUMNS = 80;
const SUBJECT_CHARACTERS_MIN = 20;
const REASON_CHARACTERS = 300;
const INDENT = '  ';
const SEE_ALL = '/session show @current --tools shows all';
/** A call that takes longer says how long it took. */
const WORTH_SAYING_MS = 1000;

export function answerPrinter(out: OutputStream, look: PrinterLook): AnswerPrinter {
  const { style, isTerminal, seeAll = SEE_ALL } = look;
  const columns = (): number => (isTerminal && out.columns) || COLUMNS;
  const safe = new SafeStream();
  const outputs = new Map<string, ToolLines>();
  let kind: Kind = 'notes';
  let isLineOpen = false;

  const print = (text: string): void => {
    if (text === '') return;
    out.write(kind === 'thinking' ? style('dim', text) : text);
    isLineOpen = !text.endsWith('\n');
  };
  const change = (next: Kind): void => {
    if (kind === next) return;
    print(safe.end());
    if (isLineOpen) print('\n');
    // An empty line between what was thought and what is said.
    if (kind === 'thinking' && next === 'text') print('\n');
    kind = next;
  };
  const note = (line: string): void => {
    change('notes');
    print(`${line}\n`);
  };
  const linesOf = (callId: string): ToolLines => {
    const known = outputs.get(callId) ?? new ToolLines(Math.max(SUBJECT_CHARACTERS_MIN, columns() - 5), seeAll);
    outputs.set(callId, known);
    return known;
  };
  const showOutput = (lines: readonly string[]): void => {
    for (const line of lines) note(style('dim', `${INDENT}| ${line}`));
  };

  return {
    text(piece) {
      change('text');
      print(safe.push(piece));
    },
    thinking(piece) {
      if (!isTerminal) return;
      change('thinking');
      print(safe.push(piece));
    },
    toolStart(name, subject) {
      const tool = safeLine(name);
      const room = Math.max(SUBJECT_CHARACTERS_MIN, columns() - tool.length - 4);
      note(`> ${style('yellow', tool)} ${oneLine(safeLine(oneLine(subject, room)), room)}`.trimEnd());
    },
    toolOutput(piece, callId = '') {
      showOutput(linesOf(callId).push(piece));
    },
    toolEnd(status, exitCode, durationMs, callId = '') {
      showOutput(outputs.get(callId)?.end() ?? []);
      outputs.delete(callId);
      const facts = [
        ...(status === 'ok' ? [] : [status]),
        ...(exitCode === undefined || exitCode === 0 ? [] : [`exit ${exitCode}`]),
        ...(durationMs === undefined || durationMs < WORTH_SAYING_MS ? [] : [duration(durationMs)]),
      ];
      if (facts.length > 0) note(`${INDENT}${style(status === 'ok' ? 'dim' : 'red', facts.join(', '))}`);
    },
    retry(reason) {
      note(style('yellow', `asking again: ${safeLine(oneLine(reason, REASON_CHARACTERS))}`));
    },
    end() {
      change('notes');
    },
  };
}
