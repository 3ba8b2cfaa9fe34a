// `show --follow`: what is there, then each new message as it is written. Listening begins before reading, so that no
// message falls between the two.

import { usage } from '../../args/parse-args.ts';
import type { View } from '../../output/answer.ts';
import { hasEnvelope } from '../../output/format.ts';
import type { ShowRange } from '../../types/service-types.ts';
import type { ShownMessage } from '../../types/session-types.ts';
import type { CommandContext } from '../context.ts';

const LAST_BEFORE_FOLLOWING = 10;

export async function followMessages(
  context: CommandContext,
  id: string,
  range: ShowRange,
  viewOf: (messages: AsyncIterable<ShownMessage>) => View,
): Promise<void> {
  if (hasEnvelope(context.report.format)) {
    throw usage(`--follow has no end, and ${context.report.format} is one document`, 'use -f jsonl');
  }
  const storage = await context.services.storage();
  const { signal } = context.system;
  const live = storage.follow(id, signal)[Symbol.asyncIterator]();
  const first = live.next();
  // The rejection is met below, when the first live message is awaited; until then it must not count as unhandled.
  first.catch(() => {});
  const shown = storage.show(id, Object.keys(range).length > 0 ? range : { last: LAST_BEFORE_FOLLOWING });
  context.report.warn(...shown.warnings);
  const messages = async function* (): AsyncIterable<ShownMessage> {
    const seen = new Set<string>();
    for await (const message of shown.messages) {
      seen.add(message.id);
      yield message;
    }
    for (let next = await first; !next.done; next = await live.next()) {
      if (!seen.delete(next.value.id)) yield next.value;
    }
  };
  const stream = messages();
  await context.report.write({ data: {}, list: { key: 'messages', items: stream }, view: viewOf(stream) }, 'live');
}
