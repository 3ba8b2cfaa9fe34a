// The conversation as a document to read: who said what and when, what the tools were asked and what they answered.

import { safeLine, safeText } from '../core/safe-text.ts';
import type { Part } from '../core/record.ts';
import type { ExportedMessage, ExportedResult, ExportedSession } from './document.ts';
import { joined } from './document.ts';
import { containedMarkdown, fenced, markdownLine } from './markdown-text.ts';

export function exportMarkdown(session: ExportedSession): AsyncGenerator<string> {
  return joined(document(session));
}

async function* document(session: ExportedSession): AsyncGenerator<string> {
  const { metadata } = session;
  yield `# ${markdownLine(session.name)}\n\n`;
  if (session.description !== undefined) yield `${containedMarkdown(session.description)}\n\n`;
  const rows: [string, string][] = [
    ['Session', `\`${session.id}\``],
    ['Project', markdownLine(metadata.project.path)],
    ['Created', metadata.createdAt.toISOString()],
    ['Updated', metadata.updatedAt.toISOString()],
    ['Status', markdownLine(metadata.status)],
    ['Tags', metadata.tags.map(markdownLine).join(', ')],
  ];
  yield '| | |\n| --- | --- |\n';
  for (const [name, value] of rows) if (value !== '') yield `| ${name} | ${value} |\n`;
  for await (const message of session.history.messages.items) yield* messageText(message as ExportedMessage);
}

async function* messageText(message: ExportedMessage): AsyncGenerator<string> {
  const facts = [message.role, message.timestamp.toISOString(), message.model ?? ''].filter(Boolean);
  yield `\n## ${facts.map(markdownLine).join(' · ')}\n\n`;
  for (const part of message.parts ?? [{ type: 'text' as const, text: message.content }]) yield* partText(part);
}

async function* partText(part: Part | ExportedResult): AsyncGenerator<string> {
  switch (part.type) {
    case 'text':
      if (part.text.trim() !== '') yield `${containedMarkdown(part.text)}\n\n`;
      break;
    case 'thinking':
      if (part.text.trim() === '') break;
      yield '<details><summary>Thinking</summary>\n\n';
      yield* fenced(part.text, 'text');
      yield '</details>\n\n';
      break;
    case 'image':
      yield `*Image: ${markdownLine(part.path ?? part.mediaType)}*\n\n`;
      break;
    case 'file':
      yield `*File: ${markdownLine(part.path)}*\n\n`;
      if (part.text !== undefined) yield* fenced(part.text);
      break;
    case 'tool-call':
      yield `**Tool: ${markdownLine(part.name)}**\n\n`;
      yield* fenced(part.input, isJson(part.input) ? 'json' : '');
      break;
    case 'tool-result':
      yield* resultText(part);
      break;
    default:
      // Also parts of types that a newer version made up.
      yield `*${markdownLine((part as { kind?: string }).kind ?? (part as Part).type)}*\n\n`;
  }
}

async function* resultText(result: ExportedResult): AsyncGenerator<string> {
  const { exitCode, durationMs, parts = [], blob } = result;
  const facts = [
    markdownLine(result.status),
    exitCode === undefined ? '' : `exit ${exitCode}`,
    durationMs === undefined ? '' : `${durationMs} ms`,
    blob === undefined ? '' : `beginning and end of ${blob.bytes} bytes`,
  ];
  yield `Result of ${markdownLine(result.name)}: ${facts.filter(Boolean).join(', ')}\n\n`;
  yield* fenced(result.output);
  for (const part of parts) yield* partText(part);
}

function isJson(text: string): boolean {
  return /^\s*[{[]/.test(text);
}

/** First line of a YAML document, and whatever else needs a name on one line. */
export function titleLine(session: Pick<ExportedSession, 'id' | 'name'>): string {
  return safeLine(safeText(`${session.name} (roo session ${session.id})`));
}
