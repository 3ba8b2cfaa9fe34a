// What `link` and `unlink` share: two sessions, a kind, one change of the first.

import type { Link } from '../../../core/record.ts';
import type { Answer } from '../../output/answer.ts';
import { deedsView } from '../../output/views.ts';
import type { ChangeResult } from '../../types/service-types.ts';
import type { CommandContext } from '../context.ts';
import { idShortener } from '../refs.ts';
import { changeNote } from './session-change.ts';

export function linksAnswer(
  context: CommandContext,
  verb: 'linked' | 'unlinked',
  from: string,
  links: readonly Link[],
  result: ChangeResult,
): Answer {
  const shortId = idShortener(context, [from, ...links.map((link) => link.sessionId)]);
  return {
    data: { from, links, ...result },
    view: deedsView(
      [
        { title: 'FROM', value: () => from },
        { title: 'KIND', value: (link) => link.kind },
        { title: 'TO', value: (link) => link.sessionId },
      ],
      links,
      (link) => `${verb}: ${shortId(from)} ${link.kind} ${shortId(link.sessionId)}${changeNote(result)}`,
    ),
  };
}
