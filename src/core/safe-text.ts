// Keeps what a model, a tool or a stranger's file wrote from steering the terminal: escape sequences can rewrite the
// screen, set the clipboard or hide text, and bidi controls can make a command read as another one.

/**
 * Characters that never reach a terminal raw: C0 but tab and newline, DEL, C1, the bidi controls, the Unicode line
 * separators, and surrogates without a partner (the `u` flag makes \p{Cs} match only those).
 */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;
const UNSAFE_ONE = new RegExp(UNSAFE.source, 'u');
const LINE_BREAKS_AND_TABS = /\r\n|[\r\n\t]/g;

/** Text of several lines: keeps \n and \t, takes \r\n for \n, and shows every unsafe character as `\u{…}`. */
export function safeText(text: string): string {
  const lines = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
  return escapeUnsafe(lines, (unit) => `\\u{${unit.toString(16)}}`);
}

/** One cell or one line: as `safeText`, and line breaks and tabs become single spaces. */
export function safeLine(text: string): string {
  return safeText(text.replace(LINE_BREAKS_AND_TABS, ' '));
}

/**
 * JSON text that is also safe to look at: what JSON leaves raw becomes \uXXXX. Only strings can hold such characters,
 * so the document says the same as before.
 */
export function safeJson(json: string): string {
  return escapeUnsafe(json, (unit) => `\\u${unit.toString(16).padStart(4, '0')}`);
}

/** True when `safeText` would change something other than line ends. */
export function isUnsafe(text: string): boolean {
  return UNSAFE_ONE.test(text);
}

function escapeUnsafe(text: string, escape: (unit: number) => string): string {
  // Nearly every text is clean, and a test copies nothing.
  if (!UNSAFE_ONE.test(text)) return text;
  return text.replace(UNSAFE, (character) => escape(character.charCodeAt(0)));
}

/**
 * True for texts that YAML must hold in double quotes: only those have escapes; and of texts with lines of white space,
 * or beginning with it, the yaml library makes block scalars that do not read back as what they were.
 */
export function needsQuotes(text: string): boolean {
  return isUnsafe(text) || /^\s/.test(text) || /^[ \t]+$/m.test(text);
}
