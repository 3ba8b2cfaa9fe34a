// roo session checkpoint

import { amount, plural } from '../../output/units.ts';
import { deedsView } from '../../output/views.ts';
import { usage } from '../../args/parse-args.ts';
import { defineCommand, NO_FLAGS } from '../command.ts';
import { findCurrent } from '../refs.ts';
import { leftOutNotes } from './checkpoint-notes.ts';
import { changeNote } from './session-change.ts';

const DESCRIPTION_DEFAULT = 'checkpoint';

export const command = defineCommand({
  description: [
    "Records the project's files and where the conversation stands, to come back to with roo session rewind. The files " +
      'go into a git repository of their own in ROO_HOME; yours, if there is one, is not touched.',
    'Ignored files, files whose names say that they hold secrets, files over 100 MB, other repositories inside the ' +
      'project and empty folders are left out, and said to be. The current session is $ROO_SESSION, else the latest here.',
  ],
  flags: NO_FLAGS,
  arguments: { text: { kind: 'optional', summary: 'what it is for' } },
  examples: [
    { command: "roo session checkpoint 'before the upgrade'", does: 'something to come back to' },
    { command: 'roo session checkpoint -f json | jq .data.leftOut', does: 'what it does not hold' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, _flags, args) {
    const id = await findCurrent(context);
    if (id === null) throw usage('there is no session here yet', 'roo session save makes one of this folder');
    const checkpoints = await context.services.checkpoints();
    const made = await checkpoints.take(id, args.text ?? DESCRIPTION_DEFAULT);
    const leftOut = [...made.leftOut, ...(await checkpoints.leftAlone(id))];
    for (const note of leftOutNotes(leftOut)) context.report.note(note);
    await checkpoints.tidy(id);
    const { via, durable, changedFiles, ...checkpoint } = made;
    const { name } = (await context.services.storage()).details(id).session;
    return {
      data: {
        session: { id, name },
        checkpoint: {
          id: checkpoint.id,
          description: checkpoint.description,
          messageId: checkpoint.messageId,
          commit: checkpoint.commit,
        },
        changedFiles,
        leftOut,
        via,
        durable,
      },
      view: deedsView(
        [
          { title: 'ID', value: (one) => one.id },
          { title: 'DESCRIPTION', value: (one) => one.description },
          { title: 'CHANGED', value: (one) => one.changedFiles, shown: (one) => amount(one.changedFiles) },
          { title: 'COMMIT', value: (one) => one.commit },
        ],
        [made],
        (one) => `checkpoint ${one.description}: ${plural(one.changedFiles, 'file')} changed${changeNote(one)}`,
      ),
    };
  },
});
