// roo session save

import { text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import { deedsView } from '../../output/views.ts';
import { defineCommand } from '../command.ts';
import { findCurrent, idShortener } from '../refs.ts';
import { applyMeta, changeNote, DESCRIBING_FLAGS, metaChange } from './session-change.ts';

export const command = defineCommand({
  description: [
    'Everything of a session is on disk already; this gives it a name by which you find it again. The current session ' +
      "is $ROO_SESSION, else this project's latest. A project without one, or --new, gets a session that records this " +
      'folder as it is.',
  ],
  flags: {
    ...DESCRIBING_FLAGS,
    tag: { kind: 'list', placeholder: 'TAG', parse: text, summary: 'add this tag' },
    new: { kind: 'switch', summary: 'record this folder as a new session' },
  },
  arguments: { name: { kind: 'optional', summary: 'new name of the session' } },
  examples: [
    { command: "roo session save 'login fix' --tag auth", does: 'name the current session' },
    { command: "roo session save --status completed --outcome 'merged as #41'", does: 'close it' },
  ],
  exits: [3, 4, 5, 7],
  async run(context, flags, args) {
    const change = metaChange({ ...flags, name: args.name, addTags: flags.tag });
    const currentId = flags.new ? null : await findCurrent(context);
    if (currentId !== null && change === null) {
      throw usage('the current session is saved already', 'give a name, --description, --tag, --status or --outcome');
    }
    const id = currentId ?? (await createHere(args.name, flags.description));
    const result = change === null ? { via: 'log' as const, durable: true } : await applyMeta(context, id, change);
    const storage = await context.services.storage();
    const { session } = storage.details(id);
    const created = currentId === null;
    const shortId = idShortener(context, [id]);
    return {
      data: { session, created, ...result },
      view: deedsView(
        [
          { title: 'ID', value: (one) => one.id },
          { title: 'NAME', value: (one) => one.name },
          { title: 'CREATED', value: () => created },
        ],
        [session],
        (one) => `${created ? 'created' : 'saved'} ${shortId(one.id)}  ${one.name}${changeNote(result)}`,
      ),
    };

    async function createHere(name: string | undefined, description: string | undefined): Promise<string> {
      const manager = await context.services.manager();
      const session = await manager.createSession(name, description);
      await manager.saveSession(session.id);
      return session.id;
    }
  },
});
