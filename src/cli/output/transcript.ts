// A conversation as people read it: who said what and when; tool calls with their results folded to a few lines.

import { safeLine, safeText } from '../../core/safe-text.ts';
import type { ShownMessage, ShownPart, ToolResultPart } from '../types/session-types.ts';
import type { Style, StyleName } from './style.ts';
import { duration, localTime, plural, size } from './units.ts';

export interface TranscriptLook {
  style: Style;
  /** `folded` shows the first lines of tool results and leaves thinking out; `whole` shows all there is. */
  tools: 'folded' | 'whole';
  /** `people` read local minutes, scripts get ISO 8601. */
  times: 'local' | 'iso';
}

const FOLDED_LINES = 4;
const FOLDED_CHARACTERS = 400;
const INPUT_CHARACTERS = 160;
const ROLE_STYLE: Readonly<Record<string, StyleName>> = { user: 'cyan', assistant: 'green', system: 'magenta' };

/** One message with its line ends and an empty line behind it. */
export function transcriptText(message: ShownMessage, look: TranscriptLook): string {
  const time = look.times === 'local' ? localTime(message.at) : message.at;
  const model = message.model === null ? '' : `  ${safeLine(message.model)}`;
  const role = look.style(ROLE_STYLE[message.role] ?? 'bold', look.style('bold', safeLine(message.role)));
  const blocks = message.parts.map((part) => partText(part, look)).filter((block) => block !== '');
  return `${[`${role}  ${look.style('dim', safeLine(time) + model)}`, ...blocks].join('\n')}\n\n`;
}

function partText(part: ShownPart, look: TranscriptLook): string {
  switch (part.type) {
    case 'text':
      return safeText(part.text).trimEnd();
    case 'thinking':
      return look.tools === 'whole' && part.text !== '' ? look.style('dim', indented(part.text, '  ~ ')) : '';
    case 'file':
      return look.style('dim', `  @${safeLine(part.path)}`);
    case 'image':
      return look.style('dim', `  [image ${safeLine(part.path ?? part.mediaType)}]`);
    case 'tool-call':
      return toolCallText(part.name, part.input, look);
    case 'tool-result':
      return toolResultText(part, look);
    case 'other':
      return look.style('dim', `  [${safeLine(part.kind)}]`);
  }
}

function toolCallText(name: string, input: string, look: TranscriptLook): string {
  const head = `  > ${look.style('yellow', safeLine(name))}`;
  const given = toolInput(input);
  if (look.tools === 'whole') return given === '' ? head : `${head}\n${indented(given, '    ')}`;
  const line = safeLine(given.replace(/\s+/g, ' '));
  return `${head} ${line.length > INPUT_CHARACTERS ? `${line.slice(0, INPUT_CHARACTERS)}…` : line}`.trimEnd();
}

/** `key: value` lines for the arguments of a call; text that is no JSON object stays as it came. */
export function toolInput(input: string): string {
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    // Models do write arguments that are not JSON; the log keeps them as they are, and so does the transcript.
    return input;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return input;
  return Object.entries(value)
    .map(([key, one]) => `${key}: ${typeof one === 'string' ? one : JSON.stringify(one)}`)
    .join('\n');
}

function toolResultText(part: ToolResultPart, look: TranscriptLook): string {
  const facts = resultFacts(part);
  const colour = part.status === 'ok' ? 'dim' : part.status === 'running' ? 'yellow' : 'red';
  const lines = [];
  if (part.output !== '')
    lines.push(...outputLines(part.output, look).map((line) => look.style('dim', `    | ${line}`)));
  if (facts !== '') lines.push(`    ${look.style(colour, facts)}`);
  return lines.join('\n');
}

/** `exit 1 · 120ms`, or '' for a call that simply went well. */
export function resultFacts(part: ToolResultPart): string {
  const failed = part.exitCode !== undefined && part.exitCode !== 0;
  return [
    ...(part.status === 'ok' ? [] : [safeLine(part.status)]),
    ...(failed ? [`exit ${part.exitCode}`] : []),
    ...(part.durationMs !== undefined && part.durationMs >= 1000 ? [duration(part.durationMs)] : []),
    ...(part.blob === undefined ? [] : [`${size(part.blob.bytes)} in all, beginning and end shown`]),
  ].join(', ');
}

function outputLines(output: string, look: TranscriptLook): string[] {
  const text = safeText(output).trimEnd();
  const lines = text.split('\n');
  if (look.tools === 'whole') return lines;
  const kept: string[] = [];
  let characters = 0;
  for (const line of lines.slice(0, FOLDED_LINES)) {
    if (characters >= FOLDED_CHARACTERS) break;
    kept.push(line.length > FOLDED_CHARACTERS ? `${line.slice(0, FOLDED_CHARACTERS)}…` : line);
    characters += line.length;
  }
  const left = lines.length - kept.length;
  return left > 0 ? [...kept, `… ${plural(left, 'more line')}`] : kept;
}

function indented(text: string, prefix: string): string {
  return safeText(text)
    .trimEnd()
    .split('\n')
    .map((line) => (prefix + line).trimEnd())
    .join('\n');
}
