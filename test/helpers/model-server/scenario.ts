// What a scripted model says, and where in the script a request stands. The server remembers no conversation: the place
// is read from each request, so that a client may be killed and go on, and the server be started anew in between.

export interface Scenario {
  about?: string;
  turns: Turn[];
  /** Requests beside the conversation; `match` is a regular expression over what the user said last. */
  side?: { match: string; text: string }[];
}

/** The n-th request after the prompt gets the n-th step. */
export interface Turn {
  prompt: string;
  steps: Step[];
}

/** One answer. `$CWD` in texts and arguments is the server's working directory. */
export interface Step {
  think?: string;
  /** Thinking that the provider keeps to itself; Anthropic only. */
  sealed?: string;
  text?: string;
  /** An answer of so many characters instead of `text`. */
  longText?: number;
  calls?: Call[];
  /** Why the answer ends, in the word of the wire format; else it is done or wants its calls made. */
  finish?: string;
  /** HTTP status to fail with. */
  status?: number;
  retryAfterS?: number;
  headers?: Record<string, string>;
  /** What the failing answer says. */
  message?: string;
  fault?: Fault;
  /** How often `status` or `fault` happens before the step is answered. 1 unless told. */
  times?: number;
  /** Before the first event. */
  delayMs?: number;
  /** Between two events. */
  eventDelayMs?: number;
}

/**
 * `cut`: the connection breaks in the middle. `end`: the stream ends there as if it were whole. `stall`: nothing more
 * comes from there on. `silence`: nothing ever comes. `html`: a web page with status 200. `garbage`: an event that is
 * no JSON. `error`: an error event in the middle.
 */
export type Fault = 'cut' | 'end' | 'stall' | 'silence' | 'html' | 'garbage' | 'error';

/** A deed, made a call of the tool that does it; or a tool's name and arguments. `malformed` breaks the JSON. */
export type Call = (
  | { shell: string }
  | { read: string }
  | { write: string; content: string }
  | { edit: string; old: string; new: string }
  | { tool: string; args?: Record<string, unknown> }
) & { malformed?: boolean };

/** A request of either wire format, as far as the script needs it. */
export interface Conversation {
  items: { role: 'user' | 'assistant' | 'tool'; text: string }[];
}

export interface Place {
  step: Step;
  /** Same for the same place of the script. */
  key: string;
}

const SUMMARY = 'What was asked was done; nothing is left to do.';

export function placeOf({ items }: Conversation, scenario: Scenario): Place {
  const said = items.findLast((item) => item.role === 'user')?.text ?? '';
  const side = scenario.side?.find(({ match }) => new RegExp(match, 'is').test(said));
  if (side !== undefined) return { step: { text: side.text }, key: 'side' };
  const isPrompt = scenario.turns.some(({ prompt }) => said.includes(prompt));
  if (!isPrompt && items.at(-1)?.role === 'user' && /\bsummar/i.test(said)) {
    return { step: { text: SUMMARY }, key: 'summary' };
  }
  for (let at = items.length - 1; at >= 0; at--) {
    if (items[at]!.role === 'assistant') continue;
    const turn = longest(scenario.turns.filter(({ prompt }) => items[at]!.text.includes(prompt)));
    if (turn === undefined) continue;
    const answered = items.filter(
      (item, i) => i > at && item.role === 'assistant' && items[i - 1]!.role !== 'assistant',
    );
    const step = turn.steps[answered.length] ?? { text: 'That is all for this turn.' };
    return { step, key: `${scenario.turns.indexOf(turn)}.${answered.length}` };
  }
  return { step: { text: 'Understood.' }, key: 'none' };
}

/** One prompt may begin like another. */
function longest(turns: Turn[]): Turn | undefined {
  return turns.toSorted((a, b) => b.prompt.length - a.prompt.length)[0];
}
