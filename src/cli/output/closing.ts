// The end of every structured answer: what went wrong, what was noticed, how long it took.

import type { SessionError, Warning } from '../../core/errors.ts';

/** An error as it stands in `errors[]`. */
export interface ErrorReport extends Warning {
  op: string;
  /** What else is known, such as the candidates of an ambiguous reference. */
  details?: Readonly<Record<string, unknown>>;
}

export interface Closing {
  warnings: readonly Warning[];
  errors: readonly ErrorReport[];
  metadata: {
    command: string;
    version: string;
    /** ISO 8601, when the command began. */
    timestamp: string;
    durationMs: number;
    exitCode: number;
  };
}

export function errorReport(error: SessionError): ErrorReport {
  return {
    code: error.code,
    message: error.message,
    op: error.op,
    ...(error.path !== undefined && { path: error.path }),
    ...(error.offsetBytes !== undefined && { offsetBytes: error.offsetBytes }),
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.data !== undefined && { details: error.data }),
  };
}
