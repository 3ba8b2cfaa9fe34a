// roo session export

import { extname, resolve } from 'node:path';
import { safeJson } from '../../../core/safe-text.ts';
import { text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import { writeFileAtomically } from '../../atomic-file.ts';
import { didYouMeanText } from '../../did-you-mean.ts';
import { size } from '../../output/units.ts';
import { deedsView } from '../../output/views.ts';
import type { Answer } from '../../output/answer.ts';
import type { ExportFormat } from '../../types/session-types.ts';
import { defineCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { idShortener, resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';

const FORMATS = ['json', 'jsonl', 'yaml', 'markdown'] as const;
const BY_NAME: ReadonlyMap<string, ExportFormat> = new Map<string, ExportFormat>([
  ...FORMATS.map((format): [string, ExportFormat] => [format, format]),
  ['ndjson', 'jsonl'],
  ['yml', 'yaml'],
  ['md', 'markdown'],
]);

export const command = defineCommand({
  description: [
    'json is a SessionFile document with a checksum, jsonl every record of the log, yaml the same as json for people, ' +
      'markdown the conversation. The first three can be imported again.',
    'Without -o the document goes to standard output. The format follows from the name given with -o when none is ' +
      'named; without either it is json.',
  ],
  flags: {
    output: { kind: 'value', short: 'o', placeholder: 'FILE', parse: text, complete: 'file', summary: 'write to FILE' },
    recipient: {
      kind: 'list',
      placeholder: 'age1…',
      parse: text,
      summary: 'encrypt the document for them, as an age file; repeat for several',
    },
  },
  arguments: { ref: REF_ARGUMENT, format: { kind: 'optional', summary: FORMATS.join(', '), complete: FORMATS } },
  examples: [
    { command: 'roo session export @last markdown -o notes.md', does: 'the conversation as a document' },
    { command: 'roo session export 3f2a jsonl | gzip > 3f2a.jsonl.gz', does: 'every record, packed' },
    { command: 'roo session export 3f2a --recipient age1… -o 3f2a.age', does: 'for one person; age -d opens it' },
  ],
  exits: [3, 5, 6, 7, 8],
  async run(context, flags, args): Promise<Answer | null> {
    const format = chooseFormat(context, args.format, flags.output);
    const id = await resolveRef(context, args.ref);
    // The document itself has no place to say that the log it is made from is damaged.
    const { session, warnings } = (await context.services.storage()).details(id);
    context.report.warn(...warnings);
    const serializer = await context.services.serializer();
    const document = serializer.exportStream(id, format);
    const chunks = flags.recipient.length > 0 ? await serializer.sealed(document, flags.recipient) : document;
    if (flags.output === undefined || flags.output === '-') {
      await context.report.writeRaw(
        context.report.isTerminal && format === 'json' && flags.recipient.length === 0 ? escaped(chunks) : chunks,
      );
      context.report.warn(...document.warnings);
      return null;
    }
    const path = resolve(context.system.cwd, flags.output);
    const bytes = await writeFileAtomically(path, chunks);
    context.report.warn(...document.warnings);
    const shortId = idShortener(context, [id]);
    return {
      data: { session: { id, name: session.name }, format, path, bytes },
      view: deedsView(
        [
          { title: 'ID', value: () => id },
          { title: 'FORMAT', value: () => format },
          { title: 'PATH', value: () => path },
          { title: 'BYTES', value: () => bytes },
        ],
        [path],
        () => `exported ${shortId(id)} as ${format} to ${path} (${size(bytes)})`,
      ),
    };
  },
});

/**
 * The checksum is over the bytes that a program reads. On a terminal nobody sums, and what JSON leaves raw would steer it.
 */
async function* escaped(chunks: AsyncIterable<string>): AsyncIterable<string> {
  for await (const chunk of chunks) yield safeJson(chunk);
}

/** Named, else by the file's name, else what -f asks the document to be, else json. */
function chooseFormat(context: CommandContext, named: string | undefined, output: string | undefined): ExportFormat {
  if (named !== undefined) {
    const format = BY_NAME.get(named);
    if (format !== undefined) return format;
    throw usage(
      `${JSON.stringify(named)} is no export format`,
      didYouMeanText(named, BY_NAME.keys()) || `use ${FORMATS.join(', ')}`,
    );
  }
  if (output !== undefined) return BY_NAME.get(extname(output).slice(1).toLowerCase()) ?? 'json';
  return BY_NAME.get(context.report.format) ?? 'json';
}
