// A project folder, a home and a scripted model that the built command reaches, in either wire format.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './built-roo.ts';
import { place } from './built-roo.ts';
import type { ModelServer } from './model-server/model-server.ts';
import { startModelServer } from './model-server/model-server.ts';
import type { Step, Turn } from './model-server/scenario.ts';

export type Dialect = 'openai' | 'anthropic';
export const DIALECTS: readonly Dialect[] = ['openai', 'anthropic'];

export interface ScriptedWorld {
  at: Place;
  server: ModelServer;
}

/** A conversation with everything in it that an ordinary day has. */
export const TALK: Turn[] = [
  { prompt: 'Say hello.', steps: [{ think: 'A greeting.', text: 'Hello there.' }] },
  {
    prompt: 'Run echo.',
    steps: [{ text: 'I run it.', calls: [{ shell: 'echo from the shell' }] }, { text: 'It ran.' }],
  },
  {
    prompt: 'Look twice.',
    steps: [{ calls: [{ read: 'a.txt' }, { read: 'b.txt' }, { shell: 'cat a.txt' }] }, { text: 'Seen.' }],
  },
  { prompt: 'Write it.', steps: [{ calls: [{ write: 'made.txt', content: 'made\n' }] }, { text: 'Written.' }] },
  {
    prompt: 'Break the arguments.',
    steps: [{ calls: [{ shell: 'echo never', malformed: true }] }, { text: 'Refused.' }],
  },
  { prompt: 'Thanks.', steps: [{ text: 'You are welcome.' }] },
];

/** Turns that answer the prompt "Go." with these steps, and every prompt of TALK. */
export function going(...steps: Step[]): Turn[] {
  return [{ prompt: 'Go.', steps }, ...TALK];
}

/** Both providers can be reached; `dialect` names the one that is asked unless another is named. */
export async function scriptedWorld(
  t: Pick<TestContext, 'after'>,
  turns: Turn[] = TALK,
  dialect: Dialect = 'openai',
): Promise<ScriptedWorld> {
  const at = place(t);
  writeFileSync(join(at.cwd, 'a.txt'), 'alpha\n');
  writeFileSync(join(at.cwd, 'b.txt'), 'beta\n');
  const server = await startModelServer({ scenario: { turns }, cwd: at.cwd });
  t.after(() => server.close());
  for (const name of ['OPENAI', 'ANTHROPIC'])
    Object.assign(at.env, { [`${name}_BASE_URL`]: server.url, [`${name}_API_KEY`]: 'key' });
  at.env['ROO_MODEL'] = `${dialect}/scripted`;
  return { at, server };
}

/** Waits until it is so. Throws after a time that nothing on a busy machine takes. */
export async function until(isSo: () => boolean, withinMs = 20_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !isSo();) {
    if (Date.now() > endMs) throw new Error('it did not happen in time');
    await sleep(20);
  }
}
