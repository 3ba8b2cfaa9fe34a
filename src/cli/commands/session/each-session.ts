// One deed on several sessions. All references are understood before the first is touched; after that one failure does
// not keep the others from being done, and is reported with its own exit code.

import type { Answer } from '../../output/answer.ts';
import { deedsView } from '../../output/views.ts';
import type { CommandContext } from '../context.ts';
import { idShortener } from '../refs.ts';

/** What happened to one session, beside its id and name. */
export type Outcome = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

export interface Deed {
  /** Field of `data` that lists the sessions. */
  key: string;
  ids: readonly string[];
  /** Fields of each outcome, in the order of their columns. */
  fields: readonly string[];
  act(id: string): Promise<Outcome>;
  /** A sentence about one session; `id` is shortened for people. */
  say(id: string, name: string, outcome: Outcome): string;
  /** Name of a session that is not in the list, such as one in the trash. */
  nameOf?(id: string): string;
}

export async function toEach(context: CommandContext, deed: Deed): Promise<Answer> {
  const storage = await context.services.storage();
  const nameOf = deed.nameOf ?? ((id) => storage.details(id).session.name);
  const done: { id: string; name: string; outcome: Outcome }[] = [];
  for (const id of deed.ids) {
    try {
      const name = readable(() => nameOf(id));
      done.push({ id, name, outcome: await deed.act(id) });
    } catch (error) {
      if (deed.ids.length === 1) throw error;
      context.report.fail(error);
    }
  }
  const shortId = idShortener(context, deed.ids);
  return {
    data: {},
    list: { key: deed.key, items: done.map(({ id, name, outcome }) => ({ id, name, ...outcome })) },
    view: deedsView(
      [
        { title: 'ID', value: (one) => one.id },
        { title: 'NAME', value: (one) => one.name },
        ...deed.fields.map((field) => ({
          title: field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
          value: (one: (typeof done)[number]) => cell(one.outcome[field]),
        })),
      ],
      done,
      (one) => deed.say(shortId(one.id), one.name, one.outcome),
    ),
  };
}

/** A session too broken to tell its name, or locked, must still be deletable; its name is '' then. */
export function readable(name: () => string): string {
  try {
    return name();
  } catch {
    return '';
  }
}

function cell(value: Outcome[string] | undefined): string | number | boolean | null {
  return Array.isArray(value) ? value.join(',') : ((value ?? null) as string | number | boolean | null);
}
