// An answer in the making: the pieces of a stream, put together in the order they began.

import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import type { Part, StopReason, TextPart, ThinkingPart, Usage } from '../core/record.ts';
import type { AnswerRaw } from './answer-raw.ts';
import { SEALED_THINKING } from './request-thinking.ts';
import { usageOf } from './usage.ts';

/** What is shown while the answer comes. */
export type PieceEvent =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'call'; callId: string; name: string };

export class AnswerParts {
  usage: Usage | undefined;
  /** Null until the provider has said that the answer is whole. */
  finishReason: LanguageModelV4FinishReason | null = null;
  readonly #parts: Part[] = [];
  readonly #open = new Map<string, TextPart | ThinkingPart>();
  readonly #announced = new Set<string>();
  readonly #raw: AnswerRaw = {};

  /** Takes the next piece; returns what there is to show of it, null for nothing. Errors are not for here. */
  add(piece: LanguageModelV4StreamPart): PieceEvent | null {
    switch (piece.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#start(piece.type === 'text-start' ? 'text' : 'thinking', piece.id, piece.providerMetadata);
        return null;
      case 'text-delta':
        return this.#append('text', piece.id, piece.delta);
      case 'reasoning-delta':
        this.#sign(piece.id, piece.providerMetadata);
        return this.#append('thinking', piece.id, piece.delta);
      case 'reasoning-end':
        this.#sign(piece.id, piece.providerMetadata);
        return null;
      case 'tool-input-start':
        return this.#announce(piece.id, piece.toolName);
      case 'tool-call':
        this.#parts.push({ type: 'tool-call', callId: piece.toolCallId, name: piece.toolName, input: piece.input });
        this.#keepMetadata(piece.toolCallId, piece.providerMetadata);
        return this.#announce(piece.toolCallId, piece.toolName);
      case 'response-metadata':
        if (piece.id !== undefined) this.#raw.responseId = piece.id;
        if (piece.modelId !== undefined) this.#raw.modelId = piece.modelId;
        return null;
      case 'finish':
        this.usage = usageOf(piece.usage);
        this.finishReason = piece.finishReason;
        if (piece.finishReason.raw !== undefined) this.#raw.finishReason = piece.finishReason.raw;
        return null;
      default:
        return null;
    }
  }

  /** All of a whole answer; of a broken one no calls, as nobody knows whether more of them belonged together. */
  parts(): Part[] {
    const isWhole = this.finishReason !== null;
    return this.#parts.filter((part) => {
      if (part.type === 'tool-call') return isWhole;
      return part.type === 'other' || textOf(part) !== '' || (part.type === 'thinking' && part.signature !== undefined);
    });
  }

  /** Undefined where the provider said nothing beside the answer. */
  raw(): AnswerRaw | undefined {
    return Object.keys(this.#raw).length === 0 ? undefined : this.#raw;
  }

  stop(): StopReason | undefined {
    const reason = this.finishReason?.unified;
    return reason === 'length' ? 'length' : reason === 'content-filter' ? 'refused' : undefined;
  }

  #start(type: 'text' | 'thinking', id: string, metadata?: SharedV4ProviderMetadata): void {
    const sealed = metadata?.['anthropic']?.['redactedData'];
    if (typeof sealed === 'string') {
      this.#parts.push({ type: 'other', kind: SEALED_THINKING, value: { type: SEALED_THINKING, data: sealed } });
      return;
    }
    const part: TextPart | ThinkingPart = { type, text: '' };
    this.#parts.push(part);
    this.#open.set(`${type} ${id}`, part);
  }

  #append(type: 'text' | 'thinking', id: string, text: string): PieceEvent | null {
    if (text === '') return null;
    if (!this.#open.has(`${type} ${id}`)) this.#start(type, id);
    this.#open.get(`${type} ${id}`)!.text += text;
    return { type, text };
  }

  #sign(id: string, metadata: SharedV4ProviderMetadata | undefined): void {
    const signature = metadata?.['anthropic']?.['signature'];
    const part = this.#open.get(`thinking ${id}`);
    if (typeof signature === 'string' && part?.type === 'thinking') part.signature = signature;
  }

  #announce(callId: string, name: string): PieceEvent | null {
    if (this.#announced.has(callId)) return null;
    this.#announced.add(callId);
    return { type: 'call', callId, name };
  }

  #keepMetadata(callId: string, metadata: SharedV4ProviderMetadata | undefined): void {
    if (metadata !== undefined) (this.#raw.callMetadata ??= {})[callId] = metadata;
  }
}

function textOf(part: Part): string {
  return part.type === 'text' || part.type === 'thinking' ? part.text : '';
}
