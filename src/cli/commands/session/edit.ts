// roo session edit

import { readOnlyRecord } from '../../../core/read-only.ts';
import { text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import { deedsView } from '../../output/views.ts';
import { defineCommand } from '../command.ts';
import { idShortener, resolveRef } from '../refs.ts';
import { changeNote, DESCRIBING_FLAGS, metaChange } from './session-change.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: ['Works on a session that is open elsewhere, too: its process takes the change in.'],
  flags: {
    name: { kind: 'value', placeholder: 'NAME', parse: text, summary: 'new name' },
    ...DESCRIBING_FLAGS,
    addTag: { kind: 'list', placeholder: 'TAG', parse: text, summary: 'add this tag' },
    removeTag: { kind: 'list', placeholder: 'TAG', parse: text, summary: 'take this tag away' },
    readOnly: { kind: 'switch', summary: 'let nobody add to it or change it' },
    writable: { kind: 'switch', summary: 'the opposite of --read-only' },
  },
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: "roo session edit 3f2a --name 'login fix' --add-tag auth,bug", does: 'rename and tag' },
    { command: 'roo session edit @last --status completed', does: 'say that it is done' },
    { command: 'roo session edit 3f2a --read-only', does: 'keep it as it is' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    const change = metaChange({ ...flags, addTags: flags.addTag, removeTags: flags.removeTag });
    if (flags.readOnly && flags.writable) throw usage('--read-only does not go with --writable');
    const access = flags.readOnly ? 'read-only' : flags.writable ? 'writable' : null;
    if (change === null && access === null) {
      const choices = '--name, --description, --add-tag, --remove-tag, --status, --outcome, --read-only or --writable';
      throw usage('nothing to change', `give ${choices}`);
    }
    const id = await resolveRef(context, args.ref);
    const storage = await context.services.storage();
    // Both in one: what makes it writable lets the rest in, and what makes it read-only keeps nothing of it out.
    const result = await storage.change(id, [
      ...(change === null ? [] : [{ type: 'meta' as const, ...change }]),
      ...(access === null ? [] : [readOnlyRecord(access)]),
    ]);
    const { session } = storage.details(id);
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
