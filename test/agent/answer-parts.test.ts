// Pieces of a stream, put together.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { PieceEvent } from '../../src/agent/answer-parts.ts';
import { AnswerParts } from '../../src/agent/answer-parts.ts';

const FINISH: LanguageModelV4StreamPart = {
  type: 'finish',
  finishReason: { unified: 'tool-calls', raw: 'tool_use' },
  usage: {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  },
};
const signed = (signature: string): { anthropic: { signature: string } } => ({ anthropic: { signature } });

function together(...pieces: LanguageModelV4StreamPart[]): { answer: AnswerParts; events: PieceEvent[] } {
  const answer = new AnswerParts();
  return { answer, events: pieces.flatMap((piece) => answer.add(piece) ?? []) };
}

describe('AnswerParts', () => {
  it('keeps parts apart that use one id after another', () => {
    const { answer } = together(
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'A' },
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'B' },
      { type: 'text-end', id: '0' },
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'C' },
    );
    assert.deepEqual(answer.parts(), [
      { type: 'thinking', text: 'A' },
      { type: 'text', text: 'B' },
      { type: 'thinking', text: 'C' },
    ]);
  });

  it('keeps thinking that shows nothing but its signature, and drops what is empty', () => {
    const { answer, events } = together(
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: '', providerMetadata: signed('c2ln') },
      { type: 'reasoning-end', id: '0' },
      { type: 'reasoning-start', id: '1' },
      { type: 'text-start', id: '2' },
      { type: 'text-delta', id: '2', delta: '' },
    );
    assert.deepEqual(answer.parts(), [{ type: 'thinking', text: '', signature: 'c2ln' }]);
    assert.deepEqual(events, []);
  });

  it('announces a call once, when it begins, and has it only when the answer is whole', () => {
    const { answer, events } = together(
      { type: 'tool-input-start', id: 'c', toolName: 'go' },
      { type: 'tool-input-delta', id: 'c', delta: '{}' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'go', input: '{}' },
    );
    assert.deepEqual(events, [{ type: 'call', callId: 'c', name: 'go' }]);
    assert.deepEqual(answer.parts(), []);
    answer.add(FINISH);
    assert.deepEqual(answer.parts(), [{ type: 'tool-call', callId: 'c', name: 'go', input: '{}' }]);
  });

  it('keeps what a provider wants to hear again with a call', () => {
    const providerMetadata = { openai: { thoughtSignature: 'AbC+/=' } };
    const { answer } = together(
      { type: 'response-metadata', id: 'r1', modelId: 'routed' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'go', input: '{}', providerMetadata },
      FINISH,
    );
    assert.deepEqual(answer.raw(), {
      responseId: 'r1',
      modelId: 'routed',
      callMetadata: { c: providerMetadata },
      finishReason: 'tool_use',
    });
  });
});
