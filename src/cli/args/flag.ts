// Flags and arguments as data: the parser, the help page and the shell completion all read the same description.

/** What a value can be completed with: fixed words, or something looked up when the user presses Tab. */
export type Completable = readonly string[] | 'ref' | 'file' | 'folder' | 'config-key';

interface FlagBase {
  readonly summary: string;
  /** One letter, without the dash. */
  readonly short?: string;
  /** Accepted and completed nowhere, for flags of one purpose that other tools' users type by habit. */
  readonly hidden?: 'hidden';
}

/** Present or not. */
export interface SwitchFlag extends FlagBase {
  readonly kind: 'switch';
}
export interface ValueFlag<T> extends FlagBase {
  readonly kind: 'value';
  readonly placeholder: string;
  readonly parse: (text: string) => T;
  readonly complete?: Completable;
  /** Text taken for the value when the flag stands alone, as in `roo -r`. */
  readonly bare?: string;
}
/** May be given more than once, or with commas. */
export interface ListFlag<T> extends FlagBase {
  readonly kind: 'list';
  readonly placeholder: string;
  readonly parse: (text: string) => T;
  readonly complete?: Completable;
}
export type Flag = SwitchFlag | ValueFlag<unknown> | ListFlag<unknown>;
/** By name in camelCase; typed on the command line in kebab-case. */
export type Flags = Readonly<Record<string, Flag>>;

export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends SwitchFlag
    ? boolean
    : F[K] extends ListFlag<infer T>
      ? T[]
      : F[K] extends ValueFlag<infer T>
        ? T | undefined
        : never;
};

/** One positional argument; `rest` takes all that remain and must be last. */
export interface Argument {
  readonly kind: 'one' | 'optional' | 'rest';
  readonly summary: string;
  /** For `rest`: how many there must be at least. */
  readonly min?: number;
  readonly complete?: Completable;
}
/** In the order of the command line. */
export type Arguments = Readonly<Record<string, Argument>>;

export type ArgumentValues<A extends Arguments> = {
  readonly [K in keyof A]: A[K] extends { kind: 'one' }
    ? string
    : A[K] extends { kind: 'rest' }
      ? string[]
      : string | undefined;
};

/** `olderThan` → `older-than`. */
export function flagWord(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Usage form of an argument: `<ref>`, `[name]`, `<ref...>`. */
export function argumentUsage(name: string, argument: Argument): string {
  if (argument.kind === 'one') return `<${name}>`;
  if (argument.kind === 'optional') return `[${name}]`;
  return (argument.min ?? 0) > 0 ? `<${name}...>` : `[${name}...]`;
}
