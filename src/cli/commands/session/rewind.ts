// roo session rewind

import type { RewindScope } from '../../../core/record.ts';
import { safeLine } from '../../../core/safe-text.ts';
import type { Answer } from '../../output/answer.ts';
import { plural } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import { usage } from '../../args/parse-args.ts';
import type { Rewound, RewindPlan } from '../../services/session-checkpoints.ts';
import { defineCommand } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { leftOutNotes } from './checkpoint-notes.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Goes back to a checkpoint or a message: with the files of the project, the conversation, or both. How it was ' +
      'before is kept as a checkpoint first, and --redo goes there again.',
    'A message means, for the files, the newest checkpoint that was taken at it or before it. Files are restored all or ' +
      'none; ignored files and secrets stay as they are.',
  ],
  flags: {
    files: { kind: 'switch', summary: 'the files' },
    conversation: { kind: 'switch', summary: 'the conversation' },
    redo: { kind: 'switch', summary: 'undo the last rewind' },
    dryRun: { kind: 'switch', summary: 'only show what would be done' },
  },
  arguments: {
    ref: REF_ARGUMENT,
    target: { kind: 'optional', summary: 'checkpoint (c1, c2, its id) or message (its id or number)' },
  },
  examples: [
    { command: 'roo session rewind @last c2 --dry-run', does: 'what going back to the second checkpoint would change' },
    {
      command: 'roo session rewind @last 12 --conversation',
      does: 'go on from message 12, with the files as they are',
    },
    { command: 'roo session rewind @last --redo', does: 'as it was before the last rewind' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    if ((args.target === undefined) !== flags.redo) {
      throw usage('rewind needs a checkpoint or message, or --redo', 'roo session checkpoints lists the checkpoints');
    }
    const id = await resolveRef(context, args.ref);
    const target = args.target ?? null;
    const scope = scopeOf(flags);
    const checkpoints = await context.services.checkpoints();
    if (flags.dryRun) return answer(id, await checkpoints.plan(id, target, scope), null);
    const done = await checkpoints.rewind(id, target, scope);
    for (const note of leftOutNotes(done.leftOut)) context.report.note(note);
    return answer(id, done, done);
  },
});

/** Null leaves it to what is gone back to: both, or what the undone rewind brought back. */
function scopeOf({ files, conversation }: { files: boolean; conversation: boolean }): RewindScope | null {
  if (files === conversation) return files ? 'both' : null;
  return files ? 'files' : 'conversation';
}

function answer(id: string, plan: RewindPlan, done: Rewound | null): Answer {
  const { scope, messageId, checkpoint, changes } = plan;
  const columns = [
    { title: 'ACTION', value: (one: (typeof changes)[number]) => one.action },
    { title: 'PATH', value: (one: (typeof changes)[number]) => one.path, widthMin: 12 },
    { title: 'REASON', value: (one: (typeof changes)[number]) => one.reason },
  ];
  const view = rowsView(
    columns,
    changes,
    scope === 'conversation' ? 'The files stay as they are.' : 'No file differs.',
  );
  return {
    data: {
      session: { id },
      done: done !== null,
      scope,
      messageId,
      checkpoint: checkpoint && { id: checkpoint.id, description: checkpoint.description },
      safetyId: done?.safetyId ?? null,
      leftOut: done?.leftOut ?? [],
    },
    list: { key: 'changes', items: changes },
    view: {
      ...view,
      async *table(screen) {
        yield* view.table(screen);
        yield `${done ? '' : 'Preview: '}${safeLine(sentence(plan))}\n`;
        if (done) yield `As it was before: roo session rewind ${id} --redo\n`;
      },
    },
  };
}

function sentence({ scope, messageId, checkpoint, changes }: RewindPlan): string {
  const place = messageId === null ? 'its beginning' : `message ${messageId}`;
  const files = `${plural(changes.length, 'file')} as in ${checkpoint?.description ?? 'no checkpoint'}`;
  if (scope === 'files') return `${files}; the conversation stays.`;
  const conversation = `the conversation at ${place}`;
  return scope === 'conversation' ? `${conversation}; the files stay.` : `${files}; ${conversation}.`;
}
