// Asks a scripted model and keeps all there was to hear.

import type { Answer, AnswerEvent, AskOptions } from '../../../src/agent/answer.ts';
import { askModel } from '../../../src/agent/answer.ts';
import { buildRequest } from '../../../src/agent/request.ts';
import { manualClock, user } from '../past.ts';
import type { Scripted } from './open-scripted.ts';
import { PROMPT } from './open-scripted.ts';

export interface Heard extends Answer {
  events: AnswerEvent[];
  waitsMs: number[];
}

/** Asks PROMPT; waits between the tries take no time. */
export async function askScripted({ model }: Scripted, options: Partial<AskOptions> = {}): Promise<Heard> {
  const events: AnswerEvent[] = [];
  const waitsMs: number[] = [];
  const source = { systemPrompt: 'Be brief.', tools: [], summary: null, past: [user(PROMPT)] };
  const answer = await askModel(model, buildRequest(source, model.dialect), {
    signal: new AbortController().signal,
    onEvent: (event) => void events.push(event),
    nowMs: manualClock(),
    sleep: async (ms) => void waitsMs.push(ms),
    ...options,
  });
  return { ...answer, events, waitsMs };
}

/** Comes in several pieces. */
export const LONG =
  'These words are many enough to come in several pieces, so that a stream of them has a middle to break in.';

/** What was shown of one kind. */
export const shown = (events: AnswerEvent[], type: 'text' | 'thinking'): string =>
  events.map((event) => (event.type === type ? event.text : '')).join('');
