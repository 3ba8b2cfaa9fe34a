// `roo -r` without a reference: shows the newest sessions of the project and asks which one.

import { createInterface } from 'node:readline/promises';
import { SessionError } from '../../../core/errors.ts';
import { safeText } from '../../../core/safe-text.ts';
import { oneLine } from '../../../core/message-text.ts';
import { usage } from '../../args/parse-args.ts';
import type { CommandContext } from '../context.ts';

const SHOWN = 20;
const NAME_CHARACTERS = 60;

/** Id of the chosen session. Throws USAGE without a terminal, SESSION_NOT_FOUND where there is none to choose from. */
export async function chooseSession({ system, services, places }: CommandContext): Promise<string> {
  if (system.stdin.isTTY !== true)
    throw usage('-r needs a session where there is no terminal to ask on', 'for example: roo -r @last');
  const storage = await services.storage();
  const { sessions } = storage.list({ project: places.projectPath, limit: SHOWN });
  if (sessions.length === 0) {
    throw new SessionError('SESSION_NOT_FOUND', 'this project has no session yet', {
      op: 'resume',
      hint: 'roo session list --all shows those of other projects',
    });
  }
  for (const [index, { id, name, updatedAt, messageCount }] of sessions.entries()) {
    const title = safeText(oneLine(name, NAME_CHARACTERS));
    system.stdout.write(
      `${String(index + 1).padStart(3)}  ${id.slice(0, 8)}  ${updatedAt.slice(0, 16).replace('T', ' ')}  ${title} (${messageCount})\n`,
    );
  }
  const reader = createInterface({ input: system.stdin, output: system.stdout as unknown as NodeJS.WritableStream });
  try {
    const answer = (await reader.question('which one? ', { signal: system.signal })).trim();
    const chosen = /^[0-9]{1,3}$/.test(answer) ? sessions[Number(answer) - 1] : undefined;
    return chosen?.id ?? storage.resolve(answer, { projectPath: places.projectPath, currentId: null });
  } finally {
    reader.close();
  }
}
