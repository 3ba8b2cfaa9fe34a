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
    for (const name of ['session'] as const) {
      if (flags[name] !== undefined && flags.print === undefined) throw usage(`--${name} belongs to -p`, 'use -r REF');
    }
    const { model = null, allow } = flags;
    if (flags.print !== undefined) {
      if (flags.continue || resumes || flags.fork)
        throw usage('-p goes on with a session by --session', 'use --session @last');
      const { promptOnce } = await import('./prompt-once.ts');
      const { print: prompt, session = null, ephemeral } = flags;
      return promptOnce(context, { prompt, session, model, allow, ephemeral, format: flags.format ?? 'text' });
    }
    if (flags.format !== undefined) throw usage('--format belongs to -p, and to the commands');
    await context.startInteractive(context, {
      mode: flags.continue ? 'continue' : resumes ? 'resume' : 'new',
      ref: flags.resume || null,
      fork: flags.fork,
      ephemeral: flags.ephemeral,
      model,
      allow,
      only: [],
      agreed: false,
    });
    return null;
  },
});
