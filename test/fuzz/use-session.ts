// Everything that roo does with a session, one after the other, as somebody would who was handed its files.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionSerializer } from '../../src/cli/services/SessionSerializer.ts';
import type { SessionStorage } from '../../src/cli/services/SessionStorage.ts';
import { refusalOf } from '../helpers/fuzz.ts';

const FORMATS = ['json', 'jsonl', 'yaml', 'markdown'] as const;

/** What was done, and what was refused with which code. Throws for every failure that is no refusal. */
export async function useSession(storage: SessionStorage, id: string, madeOf: string): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const attempt = async (what: string, work: () => unknown): Promise<void> => {
    try {
      await work();
      answers.set(what, 'done');
    } catch (error) {
      answers.set(what, refusalOf(error, `${what}, ${madeOf}`).code);
    }
  };
  const serializer = new SessionSerializer(storage, { temporary: storage.layout.home });
  await attempt('list', () => storage.list());
  await attempt('details', () => storage.details(id));
  await attempt('show', () => drained(storage.show(id, {}).messages));
  await attempt('records', () => drained(storage.records(id)));
  await attempt('load', () => storage.loadSession(id));
  await attempt('find', () => storage.find('login'));
  await attempt('verify', () => storage.verify(id));
  for (const format of FORMATS) await attempt(`export ${format}`, () => drained(serializer.exportStream(id, format)));
  await attempt('import', () => serializer.importFile(storage.layout.logPath(id), { dryRun: 'dry-run' }));
  await attempt('fork', async () => storage.purge(await storage.fork(id, null, null)));
  await attempt('change', () => storage.change(id, [{ type: 'meta', name: 'another' }]));
  const parts = [{ type: 'text' as const, text: 'and now?' }];
  await attempt('go on', () => storage.change(id, [{ type: 'message', role: 'user', parts }]));
  await attempt('repair', () => storage.repair(id));
  await attempt('archive', () => storage.archive(id));
  await attempt('unarchive', () => storage.unarchive(id));
  return answers;
}

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** Removes what repairs and cut tails left beside the log. */
export function removeKept(folder: string, id: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`session-${id}.`) && !name.endsWith('.json.gz'))
      rmSync(join(folder, name), { recursive: true });
  }
}
