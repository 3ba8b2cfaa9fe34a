// The background processes of a session that is worked in: started, recorded, watched for their end, found again.

import { SessionError, systemError } from '../../../core/errors.ts';
import type { BackgroundProcess } from '../../../core/record.ts';
import type { RestoreAction } from '../../../core/restore-plan.ts';
import type { Tool } from '../../../core/tool.ts';
import { processTools } from '../../../workspace/processes/process-tools.ts';
import type { ProcessKeeper } from '../../../workspace/processes/process-keeper.ts';
import type { RedactionDoor } from '../RedactionDoor.ts';
import type { Outcome } from '../session-restore.ts';
import { inBackground } from './world-part.ts';
import type { WorldPort } from './world-part.ts';

export class WorldProcesses {
  readonly #port: WorldPort;
  /** ROO_HOME. */
  readonly #home: string;
  readonly #door: RedactionDoor | null;
  #keeper: ProcessKeeper | null = null;

  constructor(port: WorldPort, home: string, door: RedactionDoor | null) {
    this.#port = port;
    this.#home = home;
    this.#door = door;
  }

  async start(
    command: string,
    workingDirectory: string,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<BackgroundProcess> {
    const { live } = this.#port;
    if (live.isEncrypted) throw inPlainError(live.id);
    const keeper = await this.#made();
    const taken = live.fold.state.activeProcesses.map(({ id }) => id);
    const started = await keeper.start({ command, workingDirectory, environment }, taken);
    await live.append({ type: 'process', process: started });
    return started;
  }

  tools(): Tool[] {
    return processTools(() => this.#made());
  }

  /** Watches what still runs; the end of what does not is recorded and told. `reason` is the plan's. */
  async restore({ target, reason }: RestoreAction): Promise<Outcome> {
    const { live, tellModel } = this.#port;
    const saved = live.fold.state.activeProcesses.find(({ id }) => id === target);
    if (!saved) return { status: 'skipped', detail: reason };
    const keeper = await this.#made();
    const { reason: _reason, ...seen } = keeper.observe(saved);
    if (seen.status === 'running') keeper.watch([saved]);
    else if (saved.status === 'running') {
      const ended = { ...saved, ...seen };
      await live.append({ type: 'process', process: ended });
      tellModel(endText(ended, ' while the session was away'));
    }
    return { status: seen.status === 'lost' ? 'skipped' : 'done', detail: reason };
  }

  /** They go on. */
  close(): void {
    this.#keeper?.close();
  }

  async #made(): Promise<ProcessKeeper> {
    if (this.#keeper) return this.#keeper;
    const { ProcessKeeper } = await import('../../../workspace/processes/process-keeper.ts');
    const { live, nowMs, tell, fail } = this.#port;
    this.#keeper ??= new ProcessKeeper({ home: this.#home, sessionId: live.id, door: this.#door, nowMs })
      .on('ended', (ended) =>
        inBackground(this.#port, async () => {
          await live.append({ type: 'process', process: ended });
          tell(endText(ended, ''));
        }),
      )
      .on('error', (error) => fail(systemError(error, 'watch the background processes of', live.id)));
    return this.#keeper;
  }
}

/** Whoever reads the output of a process while roo is not there has no key to seal it with. */
function inPlainError(id: string): SessionError {
  return new SessionError(
    'NOT_SUPPORTED',
    `session ${id} is encrypted: what a background process prints would not be`,
    {
      op: 'start',
      hint: 'run the command in the foreground, or in a terminal of its own',
    },
  );
}

function endText({ id, command, status, exitCode }: BackgroundProcess, when: string): string {
  const how = exitCode === null ? `${status}, and nobody saw how it ended` : `exit code ${exitCode}`;
  return `Background process ${id} (${command}) ended${when}: ${how}.`;
}
