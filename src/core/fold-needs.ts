// Whether the fold in a snapshot has the shape that the rest of the program relies on. A snapshot is derived: one that
// has not is passed over, and the state is made from the records.

import type { Fold } from './fold.ts';
import { FOLD_VERSION } from './fold.ts';
import { isLooseObject } from './loose-values.ts';
import { recordFault } from './record-needs.ts';
import type { Check } from './shape-check.ts';
import { fields, isCount, isFlag, isText, listOf, optional, orNull, tableOf } from './shape-check.ts';
import { settleState } from './state-shape.ts';

const recordOf =
  (type: string): Check =>
  (value) =>
    isLooseObject(value) && value['type'] === type && recordFault(value) === null;

const pointer = fields({ part: isCount, offset: isCount, seq: isCount });
const compacted = fields({ messageId: isText, at: pointer });
const slot = fields({ value: optional(isLooseObject), at: optional(pointer) });
const counts = ['records', 'messages', 'prompts', 'toolCalls', 'quarantined'];
const usage = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens', 'cost'];
const eachOf = (names: readonly string[], check: Check): Check =>
  fields(Object.fromEntries(names.map((name) => [name, check])));

const isFold = fields({
  version: (value) => value === FOLD_VERSION,
  session: recordOf('session'),
  name: optional(isText),
  description: optional(isText),
  status: isText,
  outcome: optional(isText),
  tags: listOf(isText),
  links: listOf(fields({ sessionId: isText, kind: isText })),
  archived: isFlag,
  project: fields({ path: isText }),
  createdAt: isText,
  updatedAt: isText,
  durationMs: Number.isFinite,
  head: fields({ messageId: orNull(isText), pointer: orNull(pointer) }),
  state: isLooseObject,
  config: isLooseObject,
  tools: tableOf(fields({ lastUsed: isText, usageCount: Number.isFinite })),
  context: slot,
  files: slot,
  checkpoints: listOf(recordOf('checkpoint')),
  compaction: optional(compacted),
  earlierCompactions: optional(listOf(compacted)),
  model: optional(isText),
  firstPrompt: optional(isText),
  lastPrompt: optional(isText),
  counts: eachOf(counts, isCount),
  usage: eachOf(usage, Number.isFinite),
  openCalls: tableOf(fields({ name: isText, input: isText, at: isText })),
  openAnswer: optional(fields({ messageId: isText, parentId: orNull(isText), startedAt: isText, at: pointer })),
  epoch: (value) => isCount(value) && (value as number) <= 0xffff_ffff,
  closed: isFlag,
  applied: listOf(isText),
});

/** The value as a fold of this version; null when it is none. */
export function foldIn(value: unknown): Fold | null {
  if (!isFold(value)) return null;
  const fold = value as Fold;
  settleState(fold.state, fold.session);
  return fold;
}
