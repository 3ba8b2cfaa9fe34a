// Changes of what a list shows, from the flags that `save` and `edit` share.

import { text, choices } from '../../args/values.ts';
import type { Flag } from '../../args/flag.ts';
import type { ChangeResult, MetaChange } from '../../types/service-types.ts';
import type { CommandContext } from '../context.ts';
import { STATUSES } from './session-flags.ts';

export const DESCRIBING_FLAGS = {
  description: { kind: 'value', placeholder: 'TEXT', parse: text, summary: 'what the session is about' },
  status: {
    kind: 'value',
    placeholder: 'STATUS',
    ...choices(STATUSES),
    summary: STATUSES.join(', '),
  },
  outcome: { kind: 'value', placeholder: 'TEXT', parse: text, summary: 'how it ended' },
} as const satisfies Record<string, Flag>;

export interface Description {
  name?: string | undefined;
  description?: string | undefined;
  status?: MetaChange['status'] | undefined;
  outcome?: string | undefined;
  addTags?: string[];
  removeTags?: string[];
}

/** Null when nothing is asked for. */
export function metaChange(asked: Description): MetaChange | null {
  const change: MetaChange = {
    ...(asked.name !== undefined && { name: asked.name }),
    ...(asked.description !== undefined && { description: asked.description }),
    ...(asked.status !== undefined && { status: asked.status }),
    ...(asked.outcome !== undefined && { outcome: asked.outcome }),
    ...(asked.addTags?.length && { addTags: asked.addTags }),
    ...(asked.removeTags?.length && { removeTags: asked.removeTags }),
  };
  return Object.keys(change).length === 0 ? null : change;
}

export async function applyMeta(context: CommandContext, id: string, change: MetaChange): Promise<ChangeResult> {
  const storage = await context.services.storage();
  return storage.change(id, [{ type: 'meta', ...change }]);
}

/** Words behind a sentence that say where the change went when it is not simply in the log. */
export function changeNote(result: ChangeResult): string {
  if (!result.durable) return ' (not on disk yet: autoSave is off)';
  return result.via === 'inbox' ? ' (it is open elsewhere: its process takes the change in)' : '';
}
