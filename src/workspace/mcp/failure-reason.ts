// What went wrong with a server, in words a person and a model can act on. By the shape of the errors and not by their
// classes: those belong to an SDK that is loaded only when a server is reached.

import { SessionError } from '../../core/errors.ts';
import { safeLine } from '../../core/safe-text.ts';

const REASON_CHARACTERS_MAX = 600;

interface Shape {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  data?: { status?: unknown; reason?: unknown } | undefined;
}

/** `SdkErrorCode.ConnectionClosed`: the connection ended before the answer came. */
export function isConnectionClosed(error: unknown): boolean {
  return shape(error).code === 'CONNECTION_CLOSED' || shape(error).code === 'NOT_CONNECTED';
}

/** `SdkErrorCode.RequestTimeout`: no answer in time. */
export function isTimeout(error: unknown): boolean {
  return shape(error).code === 'REQUEST_TIMEOUT' || shape(error).name === 'TimeoutError';
}

/**
 * The server cannot have begun with the request: nobody took the connection, or an HTTP server does not know our
 * session (404; some say 400), as after a restart.
 */
export function isUndelivered(error: unknown): boolean {
  const status = httpStatus(error);
  return status === 404 || status === 400 || networkCode(error) === 'ECONNREFUSED';
}

/** One line, safe to print. `mask` takes the values of secrets out. */
export function reasonOf(error: unknown, timeoutMs: number, mask: (text: string) => string): string {
  const text = safeLine(mask(rawReason(error, timeoutMs)));
  return text.length > REASON_CHARACTERS_MAX ? `${text.slice(0, REASON_CHARACTERS_MAX)}…` : text;
}

function rawReason(error: unknown, timeoutMs: number): string {
  if (error instanceof SessionError && typeof error.data?.['reason'] === 'string') return error.data['reason'];
  if (isTimeout(error)) return `it gave no answer within ${timeoutMs / 1000} s`;
  if (isConnectionClosed(error)) return 'the connection ended';
  const { message } = shape(error);
  const status = httpStatus(error);
  if (status === 401 || status === 403) return `it refused the credentials (HTTP ${status})`;
  if (status !== null) return `it answered HTTP ${status}: ${String(message)}`;
  const code = networkCode(error);
  if (code === 'ECONNREFUSED') return 'nothing answers at its address (ECONNREFUSED)';
  if (code !== null) return `its address could not be reached (${code})`;
  const { message: cause } = shape(shape(error).cause);
  return typeof cause === 'string' ? `${String(message)}: ${cause}` : String(message);
}

/** Null when it is no answer of HTTP: errors of the protocol carry data of the server's own making. */
function httpStatus(error: unknown): number | null {
  const { name, data } = shape(error);
  return name === 'SdkHttpError' && typeof data?.status === 'number' ? data.status : null;
}

/** The system's code below a `fetch failed`; null when it is no failure of the network. */
function networkCode(error: unknown): string | null {
  for (let cause = shape(error).cause, depth = 0; cause && depth < 4; cause = shape(cause).cause, depth++) {
    const { code } = shape(cause);
    if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code)) return code;
  }
  return null;
}

function shape(error: unknown): Shape {
  return typeof error === 'object' && error !== null ? (error as Shape) : { message: error };
}
