// roo session edit

import { text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import { deedsView } from '../../output/views.ts';
import { defineCommand } from '../command.ts';
import { idShortener, resolveRef } from '../refs.ts';
import { applyMeta, changeNote, DESCRIBING_FLAGS, metaChange } from './session-change.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: ['Works on a session that is open elsewhere, too: its process takes the change in.'],
  flags: {
    name: { kind: 'value', placeholder: 'NAME', parse: text, summary: 'new name' },
    ...DESCRIBING_FLAGS,
    addTag: { kind: 'list', placeholder: 'TAG', parse: text, summary: 'add this tag' },
    removeTag: { kind: 'list', placeholder: 'TAG', parse: text, summary: 'take this tag away' },
  },
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: "roo session edit 3f2a --name 'login fix' --add-tag auth,bug", does: 'rename and tag' },
    { command: 'roo session edit @last --status completed', does: 'say that it is done' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    const change = metaChange({ ...flags, addTags: flags.addTag, removeTags: flags.removeTag });
    if (change === null) {
      throw usage('nothing to change', 'give --name, --description, --add-tag, --remove-tag, --status or --outcome');
    }
    const id = await resolveRef(context, args.ref);
    const result = await applyMeta(context, id, change);
    const { session } = (await context.services.storage()).details(id);
    const shortId = idShortener(context, [id]);
    return {
      data: { session, ...result },
      view: deedsView(
        [
          { title: 'ID', value: (one) => one.id },
          { title: 'NAME', value: (one) => one.name },
        ],
        [session],
        (one) => `changed ${shortId(one.id)}  ${one.name}${changeNote(result)}`,
      ),
    };
  },
});
