// A call's arguments are kept as the text that came. Here is the one place that says whether that text is what a tool
// and a provider can work with: a JSON object.

import { parseJson } from '../core/json.ts';
import type { ToolInput } from '../core/tool.ts';

/** Deeper than any real arguments, and far below what overflows a stack. */
const DEPTH_MAX = 100;

/** What a model is told about a call that could not be made. */
export const MALFORMED_INPUT =
  'The arguments of this call were not a JSON object, so the tool was not run. Send the call again with valid JSON.';

/**
 * Null for arguments that are no JSON object, are nested absurdly deep, or try to set a prototype. No text at all is an
 * object without properties: some models write that for tools without arguments.
 */
export function parseToolInput(text: string): ToolInput | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && !Array.isArray(value) && isHarmless(value, 1) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Arguments for the wire format that sends text: as they came, which keeps prompt caches warm. Malformed ones are shown
 * in a stand-in, as providers refuse the text itself.
 */
export function inputText(text: string): string {
  if (parseToolInput(text) === null) return JSON.stringify({ malformed_arguments: text.toWellFormed() });
  return wellFormedJson(text);
}

/** For the wire format that sends an object. Integers that a double cannot hold keep their digits in its JSON. */
export function inputObject(text: string): object {
  return parseJson(inputText(text)) as object;
}

/** Any escape, and first of all the pairs of surrogate escapes that belong together. */
const ESCAPES = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|[^])/g;

/** Half characters, which providers refuse, become U+FFFD; everything else stays as it is to the byte. */
function wellFormedJson(text: string): string {
  if (text.trim() === '') return '{}';
  const units = text.toWellFormed();
  if (!/\\u[dD]/.test(units)) return units;
  return units.replace(ESCAPES, (escape: string, lone?: string) => (lone === undefined ? escape : '\\ufffd'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The providers' packages refuse texts with such keys, and no tool has an argument of that name. */
function isHarmless(value: Record<string, unknown>, depth: number): boolean {
  if (depth > DEPTH_MAX || Object.hasOwn(value, '__proto__')) return false;
  if (Object.hasOwn(value, 'constructor') && isObject(value['constructor'])) return false;
  return Object.values(value).every((part) => !isObject(part) || isHarmless(part, depth + 1));
}
