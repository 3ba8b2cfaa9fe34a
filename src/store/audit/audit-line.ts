// One line of the audit log: JSON that ends in a `mac`, HMAC-SHA-256 over the line without it and the mac of the line
// before. So no line can be changed, left out or put in by somebody who does not have the key.

import type { AuditEntry } from '../../core/audit.ts';
import { crypto } from '../hashing.ts';

/** What the first line names as the one before it. */
export const NO_MAC: string = '0'.repeat(64);

/** First line of a file: the last mac of the file before, and why there is a new file. */
export interface BeginLine {
  op: 'begin';
  seq: number;
  at: string;
  prev: string;
  /** Files were dropped to bound the size: everything up to this line. */
  droppedThrough?: number;
  /** What was wrong with the log when it was to be gone on with; it was left as it is. */
  found?: string;
}

/** A crash left half a line, which was cut off. */
export interface RecoveredLine {
  op: 'recovered';
  seq: number;
  at: string;
  bytesCut: number;
}

export type AuditLine = AuditEntry | BeginLine | RecoveredLine;
type Unnumbered<T> = T extends AuditLine ? Omit<T, 'seq'> : never;
export type NewLine = Unnumbered<AuditLine>;

const MAC = /^(.*),"mac":"([0-9a-f]{64})"\}$/s;
const HEX_64 = /^[0-9a-f]{64}$/;

export interface WrittenLine {
  /** With its line end. */
  text: string;
  mac: string;
}

export function encodeAuditLine(key: Buffer, prev: string, line: AuditLine): WrittenLine {
  const body = JSON.stringify(line);
  const mac = macOf(key, prev, body);
  return { text: `${body.slice(0, -1)},"mac":"${mac}"}\n`, mac };
}

export interface ReadLine {
  line: AuditLine;
  mac: string;
  /** True when its mac is the one that the key gives behind `prev`. */
  follows(key: Buffer, prev: string): boolean;
}

/** A line as it stands in the file, without its line end; null when it is none of the audit log's. */
export function decodeAuditLine(text: string): ReadLine | null {
  const match = MAC.exec(text);
  if (!match) return null;
  const body = `${match[1]}}`;
  const mac = match[2]!;
  const line = parse(body);
  return line && { line, mac, follows: (key, prev) => isSame(mac, macOf(key, prev, body)) };
}

export function isBegin(line: AuditLine): line is BeginLine {
  return line.op === 'begin';
}

export function isEntry(line: AuditLine): line is AuditEntry {
  return line.op !== 'begin' && line.op !== 'recovered';
}

/** What nobody without the key can make, for the lines and for the head. */
export function macOf(key: Buffer, context: string, text: string): string {
  return crypto().createHmac('sha256', key).update(`${context}\n${text}`).digest('hex');
}

export function isSame(mac: string, other: string): boolean {
  return mac.length === other.length && crypto().timingSafeEqual(Buffer.from(mac), Buffer.from(other));
}

function parse(body: string): AuditLine | null {
  try {
    const line = JSON.parse(body) as Record<string, unknown>;
    const isOurs = Number.isSafeInteger(line['seq']) && typeof line['at'] === 'string' && isKind(line);
    return isOurs ? (line as unknown as AuditLine) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isKind({ op, prev, session, user, host, pid, count }: Record<string, unknown>): boolean {
  if (op === 'begin') return typeof prev === 'string' && HEX_64.test(prev);
  if (op === 'recovered') return true;
  return [op, session, user, host].every((value) => typeof value === 'string') && [pid, count].every(Number.isInteger);
}
