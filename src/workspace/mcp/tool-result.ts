// What a server's tool answered, as a model and a record take it: text as text, images as image parts, and everything
// else by its address and size, because no provider takes it.

import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';
import type { ImagePart } from '../../core/record.ts';
import type { ToolOutcome } from '../../core/tool.ts';

/** `mask` takes the values of the server's secrets out. A tool that says it failed is an `error` the model can read. */
export function outcomeOf(result: CallToolResult, mask: (text: string) => string): ToolOutcome {
  const texts: string[] = [];
  const parts: ImagePart[] = [];
  for (const block of result.content ?? []) {
    const image = imageOf(block);
    if (image) parts.push(image);
    else texts.push(textOf(block));
  }
  const { structuredContent } = result;
  if (structuredContent !== undefined && !texts.some((text) => saysTheSame(text, structuredContent))) {
    texts.push(JSON.stringify(structuredContent));
  }
  return {
    status: result.isError === true ? 'error' : 'ok',
    output: mask(texts.join('\n')),
    ...(parts.length > 0 && { parts }),
  };
}

function imageOf(block: ContentBlock): ImagePart | null {
  if (block.type === 'image') return { type: 'image', mediaType: block.mimeType, data: block.data };
  if (block.type !== 'resource' || !('blob' in block.resource)) return null;
  const { mimeType, blob, uri } = block.resource;
  return mimeType?.startsWith('image/') ? { type: 'image', mediaType: mimeType, data: blob, path: uri } : null;
}

function textOf(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio':
      return `[${block.mimeType}, ${base64Bytes(block.data)} bytes]`;
    case 'resource_link':
      return `[${block.name}: ${block.uri}]${block.description === undefined ? '' : ` ${block.description}`}`;
    case 'resource': {
      const { resource } = block;
      return 'text' in resource
        ? `[${resource.uri}]\n${resource.text}`
        : `[${resource.uri}: ${resource.mimeType ?? 'binary'}, ${base64Bytes(resource.blob)} bytes]`;
    }
  }
}

/** Servers are asked to repeat structured content as text for older clients, as JSON or bare; the model needs it once. */
function saysTheSame(text: string, value: unknown): boolean {
  const values: unknown[] = Object.values(value ?? {});
  if (values.length === 1 && values[0] === text) return true;
  if (!/^\s*\{/.test(text)) return false;
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function base64Bytes(data: string): number {
  return Math.floor((data.replace(/=+$/, '').length * 3) / 4);
}
