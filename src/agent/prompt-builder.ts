// Turns the messages of a log into those of a request that every provider takes: the user speaks first and last, every
// call is answered once and at once, and nothing is empty. What has no place in a wire format is said in words, so that
// nothing a person saw is hidden from the model.

import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import type { ImagePart, MessageRecord, Part, ToolCallPart } from '../core/record.ts';
import { callMetadata } from './answer-raw.ts';
import type { Dialect } from './open-model.ts';
import { imageInWords, isBlank, partInWords, userCallInWords } from './part-words.ts';
import type { PastMessage, PastResult } from './past-message.ts';
import { imageOf } from './request-image.ts';
import { thinkingOf } from './request-thinking.ts';
import { isFailure, resultText } from './result-text.ts';
import { inputObject, inputText } from './tool-input.ts';
import { CallIds, wireToolName } from './wire-names.ts';

type UserContent = LanguageModelV4TextPart | LanguageModelV4FilePart;
type AssistantMessage = Extract<LanguageModelV4Message, { role: 'assistant' }>;

/** Said in the user's place where a history begins with an answer, as after an import of a part. */
const BEGINNING_UNKNOWN = '[The beginning of this conversation is not at hand.]';
/** Said in the user's place behind an answer that is to be continued: not every provider goes on with one by itself. */
const GO_ON = '[Your answer above ended early. Go on from where it stopped.]';

/** For one request; takes the messages in their order. */
export class PromptBuilder {
  readonly #dialect: Dialect;
  readonly #prompt: LanguageModelV4Prompt = [];
  readonly #callIds = new CallIds();
  /** The last message is an answer that broke off, and nobody has spoken since. */
  #brokeOff = false;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  addUserText(text: string): void {
    this.#addUser([textContent(text)]);
  }

  addMessage({ message, results }: PastMessage): void {
    if (message.role === 'assistant') this.#addAnswer(message, results);
    else this.#addUser(message.parts.flatMap((part) => this.#userContent(part, message, results)));
  }

  /** The messages so far, as a prompt that can be sent. */
  finish(): LanguageModelV4Prompt {
    const last = this.#prompt.at(-1);
    if (last === undefined) this.addUserText(BEGINNING_UNKNOWN);
    else if (last.role === 'assistant') this.addUserText(GO_ON);
    return this.#prompt;
  }

  #addUser(content: UserContent[]): void {
    const said = content.filter((part) => part.type !== 'text' || !isBlank(part.text));
    if (said.length === 0) return;
    this.#prompt.push({ role: 'user', content: said });
    this.#brokeOff = false;
  }

  #userContent(part: Part, message: MessageRecord, results: PastMessage['results']): UserContent[] {
    switch (part.type) {
      case 'image':
        return [imageOf(part) ?? textContent(imageInWords(part))];
      case 'tool-call': {
        const result = results.get(part.callId);
        const images = imagesOf(result).map((image) => imageOf(image) ?? textContent(imageInWords(image)));
        return [textContent(userCallInWords(part, resultText(part, result))), ...images];
      }
      default: {
        const words = partInWords(part);
        // A system message in the middle is a note of some client, and gains no power by being passed on.
        return [textContent(message.role === 'system' && !isBlank(words) ? `[Note of the system]\n${words}` : words)];
      }
    }
  }

  #addAnswer(message: MessageRecord, results: PastMessage['results']): void {
    const isOwn = message.model?.startsWith(`${this.#dialect}/`) ?? false;
    const calls = message.parts.filter((part) => part.type === 'tool-call');
    const content = message.parts.flatMap((part) => this.#answerContent(part, isOwn, calls.length > 0));
    // Thinking that led to nothing cannot stand at the end of an answer.
    while (calls.length === 0 && content.at(-1)?.type === 'reasoning') content.pop();
    if (content.length === 0 && calls.length === 0) return;

    const ids = calls.map((call) => this.#callIds.idFor(call.callId, isOwn, this.#dialect === 'anthropic'));
    const sentCalls = calls.map((call, i) => this.#call(call, ids[i]!, isOwn ? message.raw : undefined));
    this.#pushAnswer([...content, ...sentCalls]);
    if (calls.length > 0) this.#addResults(calls, ids, results);
    this.#brokeOff = calls.length === 0 && message.stop !== undefined;
  }

  /** Answers that follow one another without a word between them are one answer. */
  #pushAnswer(content: AssistantMessage['content']): void {
    if (this.#prompt.length === 0) this.addUserText(BEGINNING_UNKNOWN);
    if (this.#brokeOff) this.addUserText(GO_ON);
    const last = this.#prompt.at(-1);
    if (last?.role === 'assistant') last.content.push(...content);
    else this.#prompt.push({ role: 'assistant', content });
  }

  #answerContent(part: Part, isOwn: boolean, hasCalls: boolean): AssistantMessage['content'] {
    if (part.type === 'tool-call') return [];
    const thinking = isOwn ? thinkingOf(part, this.#dialect, hasCalls) : null;
    if (thinking !== null) return [thinking];
    const words = partInWords(part);
    return isBlank(words) ? [] : [textContent(words)];
  }

  #call(call: ToolCallPart, toolCallId: string, raw: unknown): AssistantMessage['content'][number] {
    const providerOptions = callMetadata(raw, call.callId);
    return {
      type: 'tool-call',
      toolCallId,
      toolName: wireToolName(call.name),
      input: this.#dialect === 'openai' ? inputText(call.input) : inputObject(call.input),
      ...(providerOptions !== undefined && { providerOptions }),
    };
  }

  #addResults(calls: ToolCallPart[], ids: string[], results: PastMessage['results']): void {
    const answered = calls.map((call, i) => this.#result(call, ids[i]!, results.get(call.callId)));
    this.#prompt.push({ role: 'tool', content: answered });
    if (this.#dialect === 'anthropic') return;
    // This wire format has no images in results; they follow in the user's name.
    for (const call of calls) {
      const images = imagesOf(results.get(call.callId)).flatMap((image) => imageOf(image) ?? []);
      if (images.length > 0) this.#addUser([textContent(`[Images that ${wireToolName(call.name)} gave]`), ...images]);
    }
  }

  #result(call: ToolCallPart, toolCallId: string, result: PastResult | undefined): LanguageModelV4ToolResultPart {
    const images = imagesOf(result);
    const unsendable = images.filter((image) => imageOf(image) === null).map(imageInWords);
    const text = [resultText(call, result), ...unsendable].join('\n');
    const files = this.#dialect === 'anthropic' ? images.flatMap((image) => imageOf(image) ?? []) : [];
    return {
      type: 'tool-result',
      toolCallId,
      toolName: wireToolName(call.name),
      output:
        files.length > 0
          ? { type: 'content', value: [textContent(text), ...files] }
          : { type: isFailure(result) ? 'error-text' : 'text', value: text },
    };
  }
}

function imagesOf(result: PastResult | undefined): ImagePart[] {
  return (result?.end?.parts ?? []).filter((part) => part.type === 'image');
}

function textContent(text: string): LanguageModelV4TextPart {
  return { type: 'text', text };
}
