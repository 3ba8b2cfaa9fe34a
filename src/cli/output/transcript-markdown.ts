// A conversation as a Markdown document: what was said stays the Markdown it was, tools stand in fenced blocks.

import { safeLine, safeText } from '../../core/safe-text.ts';
import type { ShownMessage, ShownPart } from '../types/session-types.ts';
import { markdownCell } from './markdown.ts';
import { resultFacts, toolInput } from './transcript.ts';

const FOLDED_LINES = 20;

export function transcriptMarkdown(message: ShownMessage, tools: 'folded' | 'whole'): string {
  const model = message.model === null ? '' : ` · ${markdownCell(message.model)}`;
  const blocks = message.parts.map((part) => partMarkdown(part, tools)).filter((block) => block !== '');
  return `${[`## ${markdownCell(message.role)} · ${safeLine(message.at)}${model}`, ...blocks].join('\n\n')}\n\n`;
}

function partMarkdown(part: ShownPart, tools: 'folded' | 'whole'): string {
  switch (part.type) {
    case 'text':
      return safeText(part.text).trimEnd();
    case 'thinking':
      return tools === 'whole' ? quoted(part.text) : '';
    case 'file':
      return `\`@${safeLine(part.path)}\``;
    case 'image':
      return `*image ${markdownCell(part.path ?? part.mediaType)}*`;
    case 'tool-call':
      return `**${markdownCell(part.name)}**\n\n${fenced(toolInput(part.input), tools)}`;
    case 'tool-result': {
      const facts = resultFacts(part);
      return [fenced(part.output, tools), facts === '' ? '' : `*${markdownCell(facts)}*`].filter(Boolean).join('\n\n');
    }
    case 'other':
      return `*${markdownCell(part.kind)}*`;
  }
}

/** A fence longer than any in the text, so that no tool output can end its block. */
function fenced(text: string, tools: 'folded' | 'whole'): string {
  const safe = safeText(text).trimEnd();
  if (safe === '') return '';
  const longest = (safe.match(/`{3,}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  const lines = safe.split('\n');
  const cut = tools === 'folded' && lines.length > FOLDED_LINES;
  const kept = cut ? [...lines.slice(0, FOLDED_LINES), `… ${lines.length - FOLDED_LINES} more lines`] : lines;
  return `${fence}\n${kept.join('\n')}\n${fence}`;
}

function quoted(text: string): string {
  return safeText(text)
    .trimEnd()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}
