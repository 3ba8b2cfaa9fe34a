// A model that talks to a scripted server over real HTTP, through the same code as any other.

import type { TestContext } from 'node:test';
import type { Dialect, OpenModel } from '../../../src/agent/open-model.ts';
import { openModel } from '../../../src/agent/open-model.ts';
import type { ModelServer } from './model-server.ts';
import { startModelServer } from './model-server.ts';
import type { Step } from './scenario.ts';

export const PROMPT = 'Do as you are told.';
export const SECRET_KEY = 'a-key-that-nobody-may-see';

export interface Scripted {
  server: ModelServer;
  model: OpenModel;
}

/** The server answers PROMPT with the steps and is closed with the test. */
export async function openScripted(t: TestContext, dialect: Dialect, ...steps: Step[]): Promise<Scripted> {
  const server = await startModelServer({ scenario: { turns: [{ prompt: PROMPT, steps }] }, cwd: '/project' });
  t.after(() => server.close());
  const settings = { provider: dialect, modelId: 'scripted', baseUrl: server.url, apiKey: SECRET_KEY };
  return { server, model: await openModel(settings) };
}
