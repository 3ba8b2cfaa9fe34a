// The envelope as YAML 1.2. As with JSON, a list is written item by item.

import { stringifyJson } from '../../core/json.ts';
import { needsQuotes, safeJson } from '../../core/safe-text.ts';
import type { Answer } from './answer.ts';
import type { Closing } from './closing.ts';

export async function* yamlEnvelope(
  answer: Pick<Answer, 'data' | 'list'> | null,
  close: (failure: unknown) => Closing,
): AsyncIterable<string> {
  const yaml = await yamlWriter();
  let failure: unknown;
  if (answer?.list === undefined) yield yaml({ data: answer === null ? null : answer.data });
  else {
    const { key, items } = answer.list;
    yield 'data:\n';
    if (Object.keys(answer.data).length > 0) yield indent(yaml(answer.data), 2);
    let begun = false;
    try {
      for await (const item of items) {
        if (!begun) yield `  ${key}:\n`;
        begun = true;
        yield indent(yaml([item]), 4);
      }
    } catch (error) {
      failure = error;
    }
    if (!begun) yield `  ${key}: []\n`;
  }
  const { warnings, errors, metadata } = close(failure);
  yield yaml({ warnings, errors, metadata });
}

/** Lines inside block scalars move along with the rest; empty lines stay empty. */
function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

async function yamlWriter(): Promise<(value: unknown) => string> {
  const { Document, visit } = await import('yaml');
  return (value) => {
    const document = new Document(plainData(value));
    visit(document, {
      Scalar(_key, node) {
        if (typeof node.value === 'string' && needsQuotes(node.value)) node.type = 'QUOTE_DOUBLE';
      },
    });
    // As JSON: folded over lines, the library loses a space here and adds a backslash there.
    return safeJson(document.toString({ lineWidth: 0, doubleQuotedAsJSON: true }));
  };
}

/** The same value with undefined left out and the integers that a double cannot hold as BigInt. */
function plainData(value: unknown): unknown {
  return JSON.parse(stringifyJson(value), (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined) return value;
    return /^-?[0-9]+$/.test(context.source) ? BigInt(context.source) : value;
  });
}
