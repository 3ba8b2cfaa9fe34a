// `roo`, `roo -c`, `roo -r [ref]`: into the interactive command line.

import { usage } from '../args/parse-args.ts';
import { textView } from '../output/views.ts';
import { VERSION } from '../version.ts';
import { BARE_FLAGS } from './bare-flags.ts';
import { defineCommand, NO_ARGUMENTS } from './command.ts';

export const command = defineCommand({
  description: [],
  flags: BARE_FLAGS,
  arguments: NO_ARGUMENTS,
  examples: [],
  exits: [3, 4, 5, 8],
  async run(context, flags) {
    if (flags.version) return { data: { version: VERSION }, view: textView(() => [`${VERSION}\n`]) };
    const resumes = flags.resume !== undefined;
    if (flags.continue && resumes) throw usage('-c and -r both say which session to go on with', 'use one of them');
    if (flags.fork && !flags.continue && !resumes) {
      throw usage('--fork needs a session to fork', 'add -c for the latest one, or -r REF');
    }
    if (flags.ephemeral && (flags.continue || resumes)) {
      throw usage('--ephemeral keeps nothing, so it cannot go on with a session that is kept', 'leave one of them out');
    }
    await context.startInteractive(context, {
      mode: flags.continue ? 'continue' : resumes ? 'resume' : 'new',
      ref: flags.resume || null,
      fork: flags.fork,
      ephemeral: flags.ephemeral,
    });
    return null;
  },
});
