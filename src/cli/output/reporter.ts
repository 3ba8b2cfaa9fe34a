// Everything a command says goes through here: the answer to stdout in the asked format, warnings and errors to stderr
// or into the envelope, and the exit code that follows from them.

import { SessionError } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import { EXIT, exitCodeOfError, exitCodeOfWarning } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { VERSION } from '../version.ts';
import { abortable } from './abortable.ts';
import type { Answer, Chunks } from './answer.ts';
import { errorReport } from './closing.ts';
import type { Closing } from './closing.ts';
import { debugText, errorText, warningText } from './error-text.ts';
import { hasEnvelope } from './format.ts';
import type { OutputFormat } from './format.ts';
import { silentProgress, terminalProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { ReaderGone, writeAll, writeLive } from './stream-writer.ts';
import type { OutputStream } from './stream-writer.ts';
import type { Style } from './style.ts';

export interface ReporterOptions {
  stdout: OutputStream;
  stderr: OutputStream;
  styleOut: Style;
  styleError: Style;
  nowMs: () => number;
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the writing of an answer between two of its items. */
  signal: AbortSignal;
}

export class Reporter {
  /** Words of the command as the envelope names it, such as `session list`. */
  command = '';
  format: OutputFormat = 'plain';
  readonly #options: ReporterOptions;
  readonly #begunMs: number;
  readonly #warnings: Warning[] = [];
  readonly #errors: SessionError[] = [];
  #progress: Progress = silentProgress;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#begunMs = options.nowMs();
  }

  get isTerminal(): boolean {
    return this.#options.stdout.isTTY === true;
  }

  /** COLUMNS wins where it is set, as in other tools; a redirected table is not cut. */
  get columns(): number {
    const asked = Number(this.#options.env['COLUMNS']);
    if (Number.isInteger(asked) && asked > 0) return asked;
    return this.isTerminal ? (this.#options.stdout.columns ?? 80) : Number.MAX_SAFE_INTEGER;
  }

  warn(...warnings: readonly Warning[]): void {
    for (const warning of warnings) {
      this.#warnings.push(warning);
      if (!hasEnvelope(this.format)) this.#say(warningText(warning, this.#options.styleError));
    }
  }

  /** A failure that does not end the command: the rest goes on, and the exit code tells. */
  fail(error: unknown): void {
    if (error instanceof ReaderGone) throw error;
    const failure = asSessionError(error);
    // One Ctrl-C reaches both the work and the writing of its answer.
    if (failure.code === 'INTERRUPTED' && this.#errors.some((known) => known.code === 'INTERRUPTED')) return;
    this.#errors.push(failure);
    if (!hasEnvelope(this.format)) this.#say(errorText(failure, this.#options.styleError));
    if (this.#isDebug) this.#say(debugText(error));
  }

  /** A remark for people at a terminal; scripts never see it. */
  note(text: string): void {
    if (this.format === 'table' && this.isTerminal) {
      this.#say(`${this.#options.styleError('dim', text)}\n`);
    }
  }

  progress(label: string): Progress {
    const { stderr, nowMs } = this.#options;
    this.#progress = stderr.isTTY === true ? terminalProgress(label, stderr, nowMs) : silentProgress;
    return this.#progress;
  }

  /** Writes the answer; null is that of a command that failed before it had one. Throws ReaderGone. */
  async write(answer: Answer | null, pace: 'batches' | 'live' = 'batches'): Promise<void> {
    this.#progress.end();
    const put = pace === 'live' ? writeLive : writeAll;
    if (hasEnvelope(this.format)) {
      const close = (failure: unknown): Closing => {
        if (failure !== undefined) this.fail(failure);
        return this.#closing();
      };
      const whole = answer && this.#interruptible(answer);
      const envelope =
        this.format === 'json'
          ? (await import('./json.ts')).jsonEnvelope(whole, close)
          : (await import('./yaml.ts')).yamlEnvelope(whole, close);
      await put(this.#options.stdout, envelope);
    } else if (answer !== null) {
      try {
        await put(this.#options.stdout, abortable(this.#chunks(answer), this.#options.signal));
      } catch (error) {
        this.fail(error);
      }
    }
    if (this.#isDebug) this.#say(this.#figures());
  }

  /** Text that is the answer itself whatever the format: an exported document, a shell script. */
  async writeRaw(chunks: Chunks): Promise<void> {
    this.#progress.end();
    await writeAll(this.#options.stdout, this.#document(chunks));
  }

  /** Once a document has begun, an envelope behind it would spoil it: what goes wrong from then on goes to stderr. */
  async *#document(chunks: Chunks): AsyncIterable<string> {
    for await (const chunk of abortable(chunks, this.#options.signal)) {
      this.format = 'plain';
      yield chunk;
    }
  }

  get exitCode(): ExitCode {
    const [error] = this.#errors;
    if (error !== undefined) return exitCodeOfError(error);
    return this.#warnings.map(exitCodeOfWarning).find((code) => code !== EXIT.done) ?? EXIT.done;
  }

  #chunks(answer: Answer): Chunks {
    switch (this.format) {
      case 'jsonl':
        return jsonLines(answer);
      case 'csv':
        return answer.view.csv();
      case 'markdown':
        return answer.view.markdown();
      case 'table':
        return answer.view.table({ columns: this.columns, style: this.#options.styleOut });
      default:
        return answer.view.plain();
    }
  }

  #interruptible(answer: Answer): Answer {
    if (answer.list === undefined) return answer;
    return { ...answer, list: { ...answer.list, items: abortable(answer.list.items, this.#options.signal) } };
  }

  #closing(): Closing {
    return {
      warnings: this.#warnings,
      errors: this.#errors.map(errorReport),
      metadata: {
        command: this.command,
        version: VERSION,
        timestamp: new Date(this.#begunMs).toISOString(),
        durationMs: this.#options.nowMs() - this.#begunMs,
        exitCode: this.exitCode,
      },
    };
  }

  #say(text: string): void {
    this.#progress.end();
    this.#options.stderr.write(text);
  }

  get #isDebug(): boolean {
    return this.#options.env['ROO_DEBUG'] === '1';
  }

  #figures(): string {
    const peakMB = (process.resourceUsage().maxRSS * 1024) / 1e6;
    const tookMs = this.#options.nowMs() - this.#begunMs;
    return `debug: ${this.command || 'roo'} took ${tookMs} ms, peak memory ${peakMB.toFixed(1)} MB\n`;
  }
}

async function* jsonLines(answer: Answer): AsyncIterable<string> {
  const { jsonText } = await import('./json.ts');
  if (answer.list === undefined) yield `${jsonText(answer.data)}\n`;
  else for await (const item of answer.list.items) yield `${jsonText(item)}\n`;
}

/** Anything that is not ours is a mistake of ours. */
export function asSessionError(error: unknown): SessionError {
  if (error instanceof SessionError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SessionError('INTERNAL', message, {
    op: 'run',
    cause: error,
    hint: 'this is a mistake in roo: run it again with ROO_DEBUG=1 and report what it prints',
  });
}
