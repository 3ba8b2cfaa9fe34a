// The door that everything written to a session goes through: secrets stay outside. The engine behind it is loaded with
// the first record; lists and searches never pay for it.

import { EventEmitter } from 'node:events';
import { SessionError } from '../../core/errors.ts';
import type { Found } from '../../core/redaction/redactor.ts';
import type { UserPattern } from '../../core/redaction/user-patterns.ts';
import type { NewRecord } from '../../core/record.ts';
import type { MachineRedactor, RedactionRules } from '../../workspace/secrets/machine-redactor.ts';
import type { TextFilter } from '../../agent/answer-recorder.ts';
import type { OutputFilter } from './agent/output-recorder.ts';

export interface DoorOptions {
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
  folders: readonly string[];
  userFolder: string | null;
  allow: readonly string[];
  patterns: readonly UserPattern[];
}

/** Rules and placeholders, never the secrets. */
export interface KeptOut {
  rule: string;
  placeholder: string;
}

export class RedactionDoor extends EventEmitter<{ keptOut: [KeptOut[]] }> {
  readonly #options: DoorOptions;
  /** Grows when a session is gone on with elsewhere. */
  readonly #folders: string[];
  #loading: Promise<Loaded> | null = null;
  #loaded: Loaded | null = null;

  constructor(options: DoorOptions) {
    super();
    this.#options = options;
    this.#folders = [...options.folders];
  }

  /** Work goes on in this folder: the secrets in its files are known from now on. */
  alsoIn(folder: string): void {
    if (!this.#folders.includes(folder)) this.#folders.push(folder);
  }

  /** The records without their secrets; in the order in which they were handed in. */
  async records(records: readonly NewRecord[]): Promise<NewRecord[]> {
    const { redactor, redactRecords } = await this.#load();
    redactor.refresh();
    return redactRecords(records, redactor, (found) => this.#report(found));
  }

  /** Resolves when what comes in pieces can pass, also before the first record. */
  async ready(): Promise<void> {
    await this.#load();
  }

  /** For a text that comes in pieces. Throws INTERNAL before anything was recorded. */
  textFilter(): TextFilter {
    return this.#ready().redactor.stream();
  }

  /** For the output of one call. Throws INTERNAL before the call itself was recorded. */
  output(): OutputFilter {
    const { redactor } = this.#ready();
    redactor.refresh();
    return redactor.byteStream((found) => this.#keep(redactor, [found]));
  }

  /** True for a name with nothing in it that would be taken out. Throws INTERNAL before `ready`. */
  passes(name: string): boolean {
    return this.#ready().redactor.redactText(name).found.length === 0;
  }

  /** What the user added to the rules. */
  get rules(): RedactionRules {
    const { allow, patterns } = this.#options;
    return { allow, patterns };
  }

  /** A value as it may be written down, keys and all. */
  async value<T>(value: T): Promise<T> {
    const { redactor } = await this.#load();
    const { value: redacted, found } = redactor.redactJson(value);
    this.#keep(redactor, found);
    return redacted as T;
  }

  /** What finds secrets, those of more folders among them: for what was written without coming through here. */
  async redactorFor(folders: readonly string[]): Promise<MachineRedactor> {
    const { machineRedactor } = await import('../../workspace/secrets/machine-redactor.ts');
    return machineRedactor({ ...this.#options, folders: [...new Set([...this.#options.folders, ...folders])] });
  }

  /** A text as it may be written down. */
  async text(text: string): Promise<string> {
    const { redactor } = await this.#load();
    const { text: redacted, found } = redactor.redactText(text);
    this.#keep(redactor, found);
    return redacted;
  }

  /** A copy for a tool that is about to run: the placeholders that this process knows become what they stood for. */
  async revealIn(value: unknown): Promise<unknown> {
    const { redactor } = await this.#load();
    const revealed = (each: unknown): unknown => {
      if (typeof each === 'string') return redactor.reveal(each);
      if (Array.isArray(each)) return each.map(revealed);
      if (typeof each !== 'object' || each === null) return each;
      return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, revealed(item)]));
    };
    return revealed(value);
  }

  #ready(): Loaded {
    if (this.#loaded) return this.#loaded;
    throw new SessionError('INTERNAL', 'what it belongs to must be recorded first', { op: 'redact' });
  }

  async #load(): Promise<Loaded> {
    this.#loading ??= (async () => {
      const [{ machineRedactor }, { redactRecords }] = await Promise.all([
        import('../../workspace/secrets/machine-redactor.ts'),
        import('./record-redaction.ts'),
      ]);
      this.#loaded = { redactor: machineRedactor({ ...this.#options, folders: this.#folders }), redactRecords };
      return this.#loaded;
    })();
    return this.#loading;
  }

  #keep(redactor: MachineRedactor, found: readonly Found[]): void {
    if (found.length === 0) return;
    redactor.remember(found);
    this.#report(found);
  }

  #report(found: readonly Found[]): void {
    this.emit(
      'keptOut',
      found.map(({ rule, placeholder }) => ({ rule, placeholder })),
    );
  }
}

interface Loaded {
  redactor: MachineRedactor;
  redactRecords: typeof import('./record-redaction.ts').redactRecords;
}
