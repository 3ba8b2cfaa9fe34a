// roo __complete: what a completion script asks. Never says anything on failure: a prompt is no place for errors.

import { safeLine } from '../../core/safe-text.ts';
import { defineCommand, NO_FLAGS } from './command.ts';
import type { CommandContext } from './context.ts';
import { proposeCompletions } from './propose-completions.ts';
import type { Proposal } from './propose-completions.ts';

const SESSIONS_MAX = 100;

export const command = defineCommand({
  description: ['Prints proposals for the last of the given words, each with a tab and a description.'],
  flags: NO_FLAGS,
  arguments: { words: { kind: 'rest', summary: 'the words behind roo; the last one is being typed' } },
  examples: [],
  exits: [],
  async run(context, _flags, args) {
    const proposals = await proposeCompletions(args.words, () => refProposals(context));
    await context.report.writeRaw(
      proposals.map(({ word, description }) => `${safeLine(word)}\t${safeLine(description)}\n`),
    );
    return null;
  },
});

/** Ids first, then names, newest first; sessions of this project only, unless there are none. */
async function refProposals(context: CommandContext): Promise<Proposal[]> {
  const storage = await context.services.storage();
  const here = storage.list({ project: context.places.projectPath, limit: SESSIONS_MAX }).sessions;
  const sessions = here.length > 0 ? here : storage.list({ limit: SESSIONS_MAX }).sessions;
  return [
    { word: '@last', description: "this project's latest session" },
    ...sessions.map(({ id, name }) => ({ word: id, description: name })),
    ...sessions.filter(({ name }) => name !== '').map(({ id, name }) => ({ word: name, description: id })),
  ];
}
