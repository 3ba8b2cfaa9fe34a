// roo session import

import { resolve } from 'node:path';
import { text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import type { ImportOptions } from '../../types/service-types.ts';
import type { ImportedSession } from '../../types/storage-types.ts';
import { defineCommand } from '../command.ts';
import { importedAnswer } from './imported-answer.ts';

export const command = defineCommand({
  description: [
    'Brings in what roo exported and the sessions of other agents; the format is detected. Importing the same content ' +
      'again changes nothing and says so; a session that has grown is brought up to date.',
  ],
  flags: {
    from: { kind: 'value', placeholder: 'FORMAT', parse: text, summary: 'take the file for this format or agent' },
    name: { kind: 'value', placeholder: 'NAME', parse: text, summary: 'name of the imported session' },
    dryRun: { kind: 'switch', summary: 'say what would be imported, and import nothing' },
  },
  arguments: { path: { kind: 'rest', min: 1, summary: 'files to import; - reads standard input', complete: 'file' } },
  examples: [
    { command: 'roo session import session.json', does: 'an exported session' },
    { command: 'roo session import ~/.codex/sessions/2026/01/31/rollout-*.jsonl', does: 'sessions of another agent' },
    { command: 'ssh host roo session export @last jsonl | roo session import -', does: 'from another machine' },
  ],
  exits: [5, 6, 7, 8],
  async run(context, flags, args) {
    if (flags.name !== undefined && args.path.length > 1)
      throw usage('--name names one session, and there are several files');
    const options: ImportOptions = {
      ...(flags.from !== undefined && { from: flags.from }),
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.dryRun && { dryRun: 'dry-run' }),
    };
    const serializer = await context.services.serializer();
    const all: ImportedSession[] = [];
    for (const path of args.path) {
      try {
        const file = path === '-' ? path : resolve(context.system.cwd, path);
        const { imported, warnings } = await serializer.importFile(file, options);
        all.push(...imported);
        context.report.warn(...warnings);
      } catch (error) {
        // With one file its failure is the command's; of several the others still come in.
        if (args.path.length === 1) throw error;
        context.report.fail(error);
      }
    }
    return importedAnswer(context, all, flags.dryRun ? 'would import' : 'imported');
  },
});
