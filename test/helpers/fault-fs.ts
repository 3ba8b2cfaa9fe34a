// Makes the n-th call of one file system function fail, as the disk would.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CALLS = [
  'openSync',
  'writeSync',
  'readSync',
  'fsyncSync',
  'fdatasyncSync',
  'fdatasync',
  'ftruncateSync',
  'renameSync',
  'mkdirSync',
  'fstatSync',
  'statSync',
  'lstatSync',
  'rmSync',
] as const;

export type FaultyCall = (typeof CALLS)[number];
/** `short`: the call writes half and says so; the next one finds the disk full. */
export type FaultKind = 'ENOSPC' | 'EDQUOT' | 'EIO' | 'EROFS' | 'EMFILE' | 'short';

interface Fault {
  call: FaultyCall;
  kind: FaultKind;
  /** Calls still to let through. */
  left: number;
  reached: boolean;
}

let fault: Fault | null = null;

export function injectFault(call: FaultyCall, kind: FaultKind, nth: number): void {
  install();
  fault = { call, kind, left: nth - 1, reached: false };
}

/** Ends the injection; true when the call was reached. */
export function endFault(): boolean {
  const reached = fault?.reached ?? false;
  fault = null;
  return reached;
}

type AnyFunction = (...args: unknown[]) => unknown;
let installed = false;

function install(): void {
  if (installed) return;
  installed = true;
  const real = fs as unknown as Record<string, AnyFunction>;
  for (const call of CALLS) {
    const original = real[call]!;
    real[call] = (...args) => {
      if (fault?.call !== call) return original(...args);
      if (fault.left-- === 0) {
        fault.reached = true;
        return fault.kind === 'short' ? half(original, args) : fail(fault.kind, call, args);
      }
      return fault.kind === 'short' && fault.left === -2 ? fail('ENOSPC', call, args) : original(...args);
    };
  }
  syncBuiltinESMExports();
}

function fail(code: string, call: string, args: unknown[]): unknown {
  // Node has no name for a reached quota.
  const known = code === 'EDQUOT' ? { code: 'UNKNOWN', errno: -122 } : { code };
  const error = Object.assign(new Error(`${code}: injected, ${call}`), known, { syscall: call });
  const done = args.at(-1);
  if (call !== 'fdatasync' || typeof done !== 'function') throw error;
  setImmediate(() => (done as (error: Error) => void)(error));
  return undefined;
}

function half(write: AnyFunction, [fd, bytes, offset, length]: unknown[]): unknown {
  return write(fd, bytes, offset, Math.floor((length as number) / 2));
}
