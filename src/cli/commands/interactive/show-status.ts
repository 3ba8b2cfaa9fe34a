// The line above the prompt, from what the session is now.

import { nameOf } from '../../../core/session-name.ts';
import { settingValue } from '../../config/config.ts';
import { styleFor } from '../../output/style.ts';
import type { Desk } from './desk.ts';

export async function showStatus(desk: Desk): Promise<void> {
  const { conversation, context } = desk;
  const { system } = context;
  const { live } = conversation;
  // A session in which nothing was said has nothing to tell yet.
  if (!live || live.fold.counts.records === 0) return;
  const { statusLine } = await import('./status-line.ts');
  const { usage, config } = live.fold;
  const model = desk.modelFlag ?? config['model'] ?? settingValue(context.config, 'model');
  const line = await statusLine(
    {
      sessionName: nameOf(live.fold, live.id),
      model: typeof model === 'string' ? model : null,
      tokens: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens,
      cost: usage.cost,
      saved: live.waitingRecords === 0,
      cwd: conversation.workingDirectory,
    },
    system.stdout.columns ?? 80,
  );
  desk.say(styleFor(system.stdout, system.env, false)('dim', line));
}
